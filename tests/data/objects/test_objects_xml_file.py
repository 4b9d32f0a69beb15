import pytest

from keras_bam.data.objects import xml_file
from keras_bam.data.objects.xml_file import read_xml

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]>'
    "<a><b>&y;</b></a>"
)


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "a.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_elements_and_text(write, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><a><b k="v">h\u00fc &lt;</b><b/></a>'
    root = read_xml(write(text.encode(encoding)))
    assert [(b.tag, b.text, b.attrib) for b in root] == [
        ("b", "h\u00fc <", {"k": "v"}),
        ("b", None, {}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        BOMB.replace("?>", ' encoding="utf-16"?>').encode("utf-16"),
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ],
)
def test_declarations_are_refused(write, content):
    with pytest.raises(ValueError, match=r"a\.xml has a document type declaration"):
        read_xml(write(content))


@pytest.mark.parametrize(
    "content",
    [
        *("", "no xml", "<a><b></a>", "<a>", "<a/><b/>", "<a>&x;</a>", b"<a>\xff</a>"),
        '<?xml version="1.0" encoding="x"?><a/>',
    ],
)
def test_what_is_not_well_formed(write, content):
    with pytest.raises(ValueError, match=r"a\.xml is no well-formed XML \(.*\): get it again"):
        read_xml(write(content))


def test_a_huge_file(write, monkeypatch):
    monkeypatch.setattr(xml_file, "LARGEST", 100)
    assert read_xml(write("<a>" + "x" * 93 + "</a>")).text == "x" * 93
    with pytest.raises(ValueError, match=r"a\.xml is larger than 100 bytes"):
        read_xml(write("<a>" + "x" * 94 + "</a>"))


def test_deep_nesting_is_read_without_recursion(write):
    depth = 100_000
    assert read_xml(write("<a>" * depth + "</a>" * depth)).find("a/b") is None
