"""The networks by name."""

from keras_bam.naming import unknown

from . import densenet, faster_rcnn, mobilenet, preresnet, resnet, squeezenet, ssd, stairnet, vgg
from .attention import PLACES
from .network import Network

_FAMILIES = (resnet, preresnet, densenet, mobilenet, squeezenet, vgg, ssd, stairnet, faster_rcnn)
NETWORKS = {
    row.name: row
    for family in _FAMILIES
    for name, row in vars(family).items()
    if isinstance(row, Network) and not name.startswith("_")
}


def names():
    """The names that `build` takes."""
    return list(NETWORKS)


def detectors():
    """Those of them that find objects, and are built without an activation."""
    return [name for name, row in NETWORKS.items() if row.finds_objects]


def build(name, **kwargs):
    """The network of that name, with the arguments that calling it takes (`Network.__call__`).

    Raises:
        ValueError: if there is none of that name; the nearest names are offered.
    """
    return _row(name)(**kwargs)


def places(name, which):
    """Layer names in the network of that name: "bottlenecks", "blocks" or "classifiers".

    Raises:
        ValueError: for an unknown name, for "blocks" of a network without residual blocks, and for
            "classifiers" of one that is no detector.
    """
    if which not in PLACES:
        raise unknown("places", which, PLACES)
    return list(_row(name).places(which))


def _row(name):
    if name not in NETWORKS:
        raise unknown("network", name, NETWORKS)
    return NETWORKS[name]
