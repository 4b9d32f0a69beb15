"""PyTorch networks to convert from: with the names and the arithmetic of the authors' released
code, of torchvision's ResNet and ResNeXt, which has the same names, and of its SqueezeNet 1.1.

The authors' code itself can't be constructed (it reads an undefined name), and torchvision has no
build for PyTorch without CUDA; these are written from their facts. Both pool the whole map, where
the authors' code pools a square window, so that any input size will do.
"""

import torch
from torch import nn

DEPTHS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}


class ChannelGate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = channels // 16
        self.gate_c = nn.Sequential()
        self.gate_c.add_module("gate_c_fc_0", nn.Linear(channels, hidden))
        self.gate_c.add_module("gate_c_bn_1", nn.BatchNorm1d(hidden))
        self.gate_c.add_module("gate_c_relu_1", nn.ReLU())
        self.gate_c.add_module("gate_c_fc_final", nn.Linear(hidden, channels))

    def forward(self, x):
        return self.gate_c(x.mean((2, 3)))[:, :, None, None]


class SpatialGate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = channels // 16
        self.gate_s = nn.Sequential()
        self.gate_s.add_module("gate_s_conv_reduce0", nn.Conv2d(channels, hidden, 1))
        self.gate_s.add_module("gate_s_bn_reduce0", nn.BatchNorm2d(hidden))
        self.gate_s.add_module("gate_s_relu_reduce0", nn.ReLU())
        for number in range(2):
            convolution = nn.Conv2d(hidden, hidden, 3, padding=4, dilation=4)
            self.gate_s.add_module(f"gate_s_conv_di_{number}", convolution)
            self.gate_s.add_module(f"gate_s_bn_di_{number}", nn.BatchNorm2d(hidden))
            self.gate_s.add_module(f"gate_s_relu_di_{number}", nn.ReLU())
        self.gate_s.add_module("gate_s_conv_final", nn.Conv2d(hidden, 1, 1))

    def forward(self, x):
        return self.gate_s(x)


class Bam(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channel_att = ChannelGate(channels)
        self.spatial_att = SpatialGate(channels)

    def forward(self, x):
        return (1 + torch.sigmoid(self.channel_att(x) * self.spatial_att(x))) * x


class Block(nn.Module):
    """A basic block of two 3x3 convolutions, or a bottleneck with its stride in the 3x3."""

    def __init__(self, before, inner, outputs, stride, basic, groups):
        super().__init__()
        kernels = [(3, stride), (3, 1)] if basic else [(1, 1), (3, stride), (1, 1)]
        channels = [before, *([inner] * (len(kernels) - 1)), outputs]
        self.count = len(kernels)
        for number, (size, step) in enumerate(kernels, 1):
            of = groups if number == 2 else 1
            convolution = nn.Conv2d(
                *channels[number - 1 : number + 1], size, step, size // 2, groups=of, bias=False
            )
            setattr(self, f"conv{number}", convolution)
            setattr(self, f"bn{number}", nn.BatchNorm2d(channels[number]))
        self.downsample = None
        if stride > 1 or before != outputs:
            shortcut = nn.Conv2d(before, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        for number in range(1, self.count + 1):
            x = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(x))
            x = torch.relu(x) if number < self.count else torch.relu(x + shortcut)
        return x


class ResNet(nn.Module):
    """`bam` False is torchvision's."""

    def __init__(self, depth, bam=True, cifar=False, groups=1, group_width=64, classes=1000):
        super().__init__()
        basic = depth < 50
        self.conv1 = nn.Conv2d(3, 64, *((3, 1, 1) if cifar else (7, 2, 3)), bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.pool = nn.Identity() if cifar else nn.MaxPool2d(3, 2, 1)
        before = 64
        for stage, blocks in enumerate(DEPTHS[depth], 1):
            width = 64 * 2 ** (stage - 1)
            inner = width if basic else width * group_width * groups // 64
            outputs = width if basic else 4 * width
            units = []
            for number in range(blocks):
                stride = 2 if stage > 1 and number == 0 else 1
                units.append(Block(before, inner, outputs, stride, basic, groups))
                before = outputs
            setattr(self, f"layer{stage}", nn.Sequential(*units))
            if bam and stage < 4:
                setattr(self, f"bam{stage}", Bam(outputs))
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
            if hasattr(self, f"bam{stage}"):
                x = getattr(self, f"bam{stage}")(x)
        return self.fc(x.mean((2, 3)))


class Fire(nn.Module):
    def __init__(self, before, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(before, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.expand1x1(x)), torch.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(64, 16, 64), Fire(128, 16, 64), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(128, 32, 128), Fire(256, 32, 128), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256)),
        )
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, classes, 1), nn.ReLU())

    def forward(self, x):
        return self.classifier(self.features(x)).mean((2, 3))


def randomised(network, seed=0):
    """Random weights and statistics, for inference, so that each of them matters.

    The statistics are near those of the features, or attention would be saturated, or nothing.
    Any window of `nn.AvgPool2d` becomes the whole map, for networks made for one input size.
    """
    generator = torch.Generator().manual_seed(seed)
    norms = []
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            norms.append(module)
            module.momentum = 1.0
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
        elif getattr(module, "weight", None) is not None:
            nn.init.kaiming_normal_(module.weight, generator=generator)
        if getattr(module, "bias", None) is not None:
            module.bias.data.uniform_(0, 0.5, generator=generator)
        if hasattr(module, "final_pool"):
            module.final_pool = nn.AdaptiveAvgPool2d(1)
    with torch.no_grad():
        network.train()(torch.randn(8, 3, 64, 64, generator=generator))
    for module in norms:
        shift = torch.empty_like(module.running_mean).normal_(0, 0.2, generator=generator)
        module.running_mean += shift * module.running_var.sqrt()
        module.running_var *= torch.empty_like(shift).uniform_(0.5, 1.5, generator=generator)
    return network.eval()


def logits(network, images):
    """Of channels-last `images`."""
    with torch.no_grad():
        return network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
