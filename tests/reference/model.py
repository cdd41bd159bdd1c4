"""The encoders, from the recipe's words: leaf by leaf, without grouped convolutions.

Images are [N, 3, H, W], normalised with ImageNet's mean and standard deviation.
"""

import torch
from torch import nn


class Leaf(nn.Module):
    """Blocks of [GroupNorm → conv → ReLU], no norm before the first; mean over pixels → LayerNorm → Linear."""

    def __init__(self, channels, strides, kernel, size):
        super().__init__()
        widths = [3, *channels]
        self.norms = nn.ModuleList([nn.Identity(), *(nn.GroupNorm(1, width) for width in channels[:-1])])
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs, outputs, kernel, stride)
            for inputs, outputs, stride in zip(widths, channels, strides)
        )
        self.output_norm = nn.LayerNorm(channels[-1])
        self.output = nn.Linear(channels[-1], size)

    def forward(self, x):
        for norm, conv in zip(self.norms, self.convs):
            x = torch.relu(conv(norm(x)))
        return self.output(self.output_norm(x.mean((2, 3))))


class MeanJoin(nn.Module):
    """The mean over leaves."""

    def forward(self, leaves):
        return leaves.mean(1)


class DenseJoin(nn.Module):
    """Concatenation → [LayerNorm → Linear → ReLU], once a width; the last ReLU may be missing."""

    def __init__(self, inputs, widths, final_relu):
        super().__init__()
        self.final_relu = final_relu
        sizes = [inputs, *widths]
        self.norms = nn.ModuleList(nn.LayerNorm(size) for size in sizes[:-1])
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, widths))

    def forward(self, leaves):
        x = leaves.flatten(1)
        for i, (norm, linear) in enumerate(zip(self.norms, self.linears)):
            x = linear(norm(torch.relu(x) if i > 0 else x))
        return torch.relu(x) if self.final_relu else x


class Tree(nn.Module):
    """m leaves that share nothing but the image, and a join.

    The released class that holds a layer of all leaves in one tensor (`grouped`) has one more linear layer after the join.
    """

    def __init__(self, leaves, channels, strides, kernel, leafSize, join, size, reading="leaf", extraLinear=None):
        super().__init__()
        self.grouped = reading == "grouped"
        self.leaves = nn.ModuleList(Leaf(channels, strides, kernel, leafSize) for _ in range(leaves))
        self.join = join
        extra = self.grouped if extraLinear is None else extraLinear
        self.join.extra = nn.Linear(size, size) if extra else nn.Identity()

    def outputs(self, x):
        """[N, m, D]"""
        return torch.stack([leaf(x) for leaf in self.leaves], 1)

    def joined(self, leaves):
        return self.join.extra(self.join(leaves))

    def forward(self, x):
        return self.joined(self.outputs(x))


class Bottleneck(nn.Module):
    """1×1 → 3×3, which carries the stride → 1×1 to four times the width, each with BatchNorm; a shortcut."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet50(nn.Module):
    """He et al. (2016) with the ImageNet stem, no classifier; torchvision's where the width is 64.

    The released code's has no max-pooling, and an MLP on top, a LayerNorm before each of its layers. With zeroInitResidual every block starts as its shortcut.
    """

    def __init__(self, width, maxPool=True, mlp=(), zeroInitResidual=False):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1) if maxPool else nn.Identity()
        inputs = width
        for stage, count in enumerate([3, 4, 6, 3]):
            inner, blocks = width * 2**stage, []
            for i in range(count):
                blocks.append(Bottleneck(inputs, inner, 2 if i == 0 and stage > 0 else 1))
                inputs = 4 * inner
                if zeroInitResidual:
                    nn.init.zeros_(blocks[-1].bn3.weight)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.norms = nn.ModuleList(nn.LayerNorm(a) for a in [inputs, *mlp][: len(mlp)])
        self.fcs = nn.ModuleList(nn.Linear(a, b) for a, b in zip([inputs, *mlp], mlp))

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))
        for i, (norm, layer) in enumerate(zip(self.norms, self.fcs)):
            x = layer(norm(torch.relu(x) if i > 0 else x))
        return x


def build_encoder(name, architecture):
    """An encoder by its name in a profile; `architecture` has every field of its section there."""
    if name == "resnet50":
        return ResNet50(**architecture)
    tree = {"leaves": 1, **architecture}  # the CNN is a tree of one leaf, whose mean is that leaf
    widths, final_relu = tree.pop("joinWidths", None), tree.pop("finalRelu", True)
    side_by_side = tree["leaves"] * tree["leafSize"]
    if name == "concatenation":
        return Tree(**tree, join=nn.Flatten(), size=side_by_side)
    if widths is None:
        return Tree(**tree, join=MeanJoin(), size=tree["leafSize"])
    return Tree(**tree, join=DenseJoin(side_by_side, widths, final_relu), size=widths[-1])
