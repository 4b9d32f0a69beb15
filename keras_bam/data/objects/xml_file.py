"""XML of unknown origin, without what makes XML dangerous."""

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

LARGEST = 4 << 20  # bytes; VOC's largest annotation has 20,000


def read_xml(path: Path) -> ElementTree.Element:
    """The root element of a file.

    A document type declaration, which entities would need, is refused, so nothing is expanded and
    nothing else is read.

    Raises:
        OSError: the file can't be read.
        ValueError: naming the path: not well-formed, larger than 4 MiB, or with such a declaration.
    """
    with open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"{path} is larger than {LARGEST} bytes: no annotation of one image is")

    def refuse(*_):
        raise ValueError(
            f"{path} has a document type declaration, which no annotation needs and which could "
            "hide entities: remove it"
        )

    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError) as error:  # an unknown encoding is a LookupError
        raise ValueError(f"{path} is no well-formed XML ({error}): get it again") from error
    return builder.close()
