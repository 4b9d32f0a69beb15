"""Faster R-CNN (arXiv:1506.01497) on residual networks."""

from keras_bam.detection import TwoStageSettings

from . import stems
from .resnet import ResNet, ResNet50, ResNet101, basic
from .two_stage import TwoStage

# Table 4a of the BAM paper, whose trunk is a ResNet101, in the form that its numbers point to. The
# canvas takes what has 600 pixels on the shorter side and up to 1000 on the longer one.
FasterRCNN = TwoStage(
    name="FasterRCNN",
    size=608,
    canvas=(608, 1008),
    minimum_size=64,
    classes=80,
    backbones={"resnet50": ResNet50, "resnet101": ResNet101},
    backbone="resnet101",
    stride_in_1x1=True,
    stride=16,
    anchor_sizes=(64, 128, 256, 512),
    anchor_ratios=(0.5, 1, 2),
    proposer_channels=512,
    settings=TwoStageSettings(),
    freeze=True,
)

# Ours, for demonstrations and tests on two CPU cores.
FasterRCNN96Small = TwoStage(
    name="FasterRCNN96Small",
    size=96,
    canvas=(96, 96),
    minimum_size=32,
    classes=20,
    backbones={
        "small": ResNet(
            name="small",
            size=96,
            classes=20,
            minimum_size=48,
            stem=stems.small,
            block=basic,
            depths=(1, 1, 1, 1),
            widths=(16, 32, 64, 128),
            expansion=1,
            stride_in_1x1=None,
        )
    },
    backbone="small",
    stride_in_1x1=None,
    stride=8,
    anchor_sizes=(16, 32),
    anchor_ratios=(0.5, 1, 2),
    proposer_channels=64,
    settings=TwoStageSettings(
        training_candidates=400,
        training_proposals=64,
        candidates=400,
        proposals=50,
        anchor_samples=64,
        samples=32,
        pool_size=5,
    ),
    freeze=False,
)
