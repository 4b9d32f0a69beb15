"""The networks of the paper, with attention and without; imported as `keras_bam.applications`."""

from .attention import PLACES as PLACES
from .densenet import CifarDenseNet100BC as CifarDenseNet100BC
from .faster_rcnn import FasterRCNN as FasterRCNN
from .faster_rcnn import FasterRCNN96Small as FasterRCNN96Small
from .mobilenet import MobileNet as MobileNet
from .preresnet import CifarPreResNet110 as CifarPreResNet110
from .preresnet import CifarWideResNet28 as CifarWideResNet28
from .registry import build as build
from .registry import detectors as detectors
from .registry import names as names
from .registry import places as places
from .resnet import CifarResNet18 as CifarResNet18
from .resnet import CifarResNet34 as CifarResNet34
from .resnet import CifarResNet50 as CifarResNet50
from .resnet import CifarResNet101 as CifarResNet101
from .resnet import CifarResNet152 as CifarResNet152
from .resnet import CifarResNetSmall as CifarResNetSmall
from .resnet import CifarResNeXt29 as CifarResNeXt29
from .resnet import ResNet18 as ResNet18
from .resnet import ResNet34 as ResNet34
from .resnet import ResNet50 as ResNet50
from .resnet import ResNet101 as ResNet101
from .resnet import ResNet152 as ResNet152
from .resnet import ResNeXt50_32x4d as ResNeXt50_32x4d
from .resnet import ResNeXt101_32x4d as ResNeXt101_32x4d
from .resnet import ResNeXt101_32x8d as ResNeXt101_32x8d
from .resnet import WideResNet18 as WideResNet18
from .squeezenet import SqueezeNet1p1 as SqueezeNet1p1
from .ssd import SSD300 as SSD300
from .ssd import SSD512 as SSD512
from .ssd import SSD96Small as SSD96Small
from .stairnet import StairNet96Small as StairNet96Small
from .stairnet import StairNet300 as StairNet300
from .vgg import VGG16 as VGG16

__all__ = [
    "CifarDenseNet100BC",
    "FasterRCNN",
    "FasterRCNN96Small",
    "MobileNet",
    "CifarPreResNet110",
    "CifarWideResNet28",
    "WideResNet18",
    "CifarResNeXt29",
    "ResNeXt50_32x4d",
    "ResNeXt101_32x4d",
    "ResNeXt101_32x8d",
    "SqueezeNet1p1",
    "CifarResNet101",
    "CifarResNet152",
    "CifarResNet18",
    "CifarResNet34",
    "CifarResNet50",
    "CifarResNetSmall",
    "PLACES",
    "ResNet101",
    "ResNet152",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "SSD300",
    "SSD512",
    "SSD96Small",
    "StairNet300",
    "StairNet96Small",
    "VGG16",
    "build",
    "detectors",
    "names",
    "places",
]
