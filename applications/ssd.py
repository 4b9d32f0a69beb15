"""SSD (arXiv:1512.02325)."""

import dataclasses

from keras import layers

from . import pyramid
from .detector import VOC, Detector


@dataclasses.dataclass(frozen=True, kw_only=True)
class SSD(Detector):
    """Classifiers on the maps of the pyramid as they are."""

    def draw_levels(self, graph, maps):
        # A layer of its own, so that a module behind it is the classifiers' alone.
        return [
            graph(layers.Identity(name=f"level{number}_features"), features)
            for number, features in enumerate(maps, 1)
        ]


# Table 4b of the BAM paper. The smallest size leaves 17 cells of 16 pixels, and a map of one at the
# end.
SSD300 = SSD(
    name="SSD300",
    size=300,
    minimum_size=257,
    pyramids={
        "vgg16": pyramid.VGG16_300,
        "mobilenet": pyramid.MOBILENET_300,
        "keras_mobilenet": pyramid.KERAS_MOBILENET_300,
    },
    backbone="vgg16",
    **VOC,
)
SSD512 = SSD(
    name="SSD512",
    size=512,
    minimum_size=257,
    pyramids={"vgg16": pyramid.VGG16_512},
    backbone="vgg16",
    **VOC,
)

# Ours, for demonstrations and tests on two CPU cores.
SSD96Small = SSD(
    name="SSD96Small",
    size=96,
    minimum_size=32,
    pyramids={"small": pyramid.SMALL_96},
    backbone="small",
    **VOC,
)
