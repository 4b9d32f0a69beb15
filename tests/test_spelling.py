import pytest

from keras_bam.spelling import make, parse

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "text, expected",
    [
        ("bam", ("bam", {})),
        ("bam:", ("bam", {})),
        ("bam:form=official,ratio=8", ("bam", {"form": "official", "ratio": 8})),
        ("net:widen=1.5,top=False,x=None", ("net", {"widen": 1.5, "top": False, "x": None})),
        ("net:path=a:b=c", ("net", {"path": "a:b=c"})),
        ("net:empty=,odd={[]:1}", ("net", {"empty": "", "odd": "{[]:1}"})),
    ],
)
def test_parse(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text, message",
    [
        ("bam:official", "'official' in 'bam:official' is not of the form key=value"),
        ("bam:form=paper,", "'' in 'bam:form=paper,' is not of the form key=value"),
        ("bam:=8", "'=8' in 'bam:=8' is not of the form key=value"),
        ("bam:reduction ratio=8", "'reduction ratio=8' in .* is not of the form key=value"),
        ("bam:form=paper,form=paper", "'form' comes twice in 'bam:form=paper,form=paper'"),
    ],
)
def test_parse_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)


def network(*, widen=1, depth=2, **kwargs):
    return widen, depth


def test_make():
    assert make(network, {"widen": 3}, "net") == (3, 2)


@pytest.mark.parametrize("name, rest", [("widht", "did you mean 'widen'"), ("kwargs", "known are")])
def test_make_refuses_an_unknown_argument(name, rest):
    with pytest.raises(ValueError, match=f"unknown argument of net '{name}'; {rest}"):
        make(network, {name: 3}, "net")
