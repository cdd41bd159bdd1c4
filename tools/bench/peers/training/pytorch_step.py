"""Whole training steps in PyTorch, as fast as it makes them: what a user would write instead of ours.

Takes a job as JSON (see training_steps.ts), makes its first steps, which compile and fill caches, and says so; then, for every
number read from a line of standard input, times so many steps and prints a line of JSON. The networks, loss, optimiser and teacher are those of
docs/recipe.md, on views of noise; numbers are checked elsewhere (tests/reference), here only time counts.
"""
import copy
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class GroupedLeaves(nn.Module):
    """m leaves as one grouped convolution."""

    def __init__(self, leaves, channels, strides):
        super().__init__()
        widths = [3] + [leaves * width for width in channels]
        self.leaves = leaves
        self.convolutions = nn.ModuleList(
            nn.Conv2d(widths[i], widths[i + 1], 2, stride, groups=1 if i == 0 else leaves)
            for i, stride in enumerate(strides)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(leaves, width) for width in widths[1:-1])

    def forward(self, x):
        for i, convolution in enumerate(self.convolutions):
            x = F.relu(convolution(x if i == 0 else self.norms[i - 1](x)), inplace=True)
        return x.mean((2, 3)).unflatten(1, (self.leaves, -1))


class LoopedLeaves(nn.Module):
    """m leaves, one after another."""

    def __init__(self, leaves, channels, strides):
        super().__init__()
        self.each = nn.ModuleList(GroupedLeaves(1, channels, strides) for _ in range(leaves))

    def forward(self, x):
        return torch.cat([leaf(x) for leaf in self.each], 1)


class Tree(nn.Module):
    """Leaves, each with its output layer, and a join; the CNN is a tree of one leaf."""

    def __init__(self, job):
        super().__init__()
        leaves, channels = job["leaves"], job["channels"]
        paths = LoopedLeaves if job["looped"] else GroupedLeaves
        self.paths = paths(leaves, channels, job["strides"])
        self.norm = nn.LayerNorm(channels[-1])
        self.weight = nn.Parameter(torch.randn(leaves, channels[-1], 128) * (2 / channels[-1]) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(leaves, 1, 128))
        widths = [128 * leaves, 256, 256, 128]
        layers = [
            layer
            for a, b in zip(widths, widths[1:])
            for layer in (nn.LayerNorm(a), nn.Linear(a, b), nn.ReLU())
        ]
        self.join = nn.Sequential(*layers) if job["join"] == "dense" else None
        self.size = 128

    def forward(self, x):
        outputs = torch.baddbmm(self.bias, self.norm(self.paths(x)).transpose(0, 1), self.weight).transpose(0, 1)
        return outputs.mean(1) if self.join is None else self.join(outputs.flatten(1))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.path = nn.Sequential(
            *[nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)],
            *[nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)],
            *[nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)],
        )
        same = stride == 1 and inputs == 4 * width
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
        )

    def forward(self, x):
        return F.relu(self.path(x) + self.shortcut(x), inplace=True)


class ResNet50(nn.Module):
    def __init__(self, job):
        super().__init__()
        width = job["width"]
        layers = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(3, 2, 1))
        inputs = width
        for stage, blocks in enumerate([3, 4, 6, 3]):
            for block in range(blocks):
                layers.append(Bottleneck(inputs, width * 2**stage, 2 if block == 0 and stage > 0 else 1))
                inputs = 4 * width * 2**stage
        self.layers = nn.Sequential(*layers)
        self.size = inputs

    def forward(self, x):
        return self.layers(x).mean((2, 3))


class Network(nn.Module):
    """An encoder and DINO's head."""

    def __init__(self, job):
        super().__init__()
        self.encoder = ResNet50(job) if "width" in job else Tree(job)
        hidden, bottleneck, prototypes = (job["head"][name] for name in ("hidden", "bottleneck", "prototypes"))
        self.head = nn.Sequential(
            *[nn.Linear(self.encoder.size, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU()],
            nn.Linear(hidden, bottleneck),
        )
        self.last = nn.Parameter(torch.randn(prototypes, bottleneck))

    def forward(self, views):
        bottleneck = self.head(torch.cat([self.encoder(x) for x in views]))
        return F.normalize(bottleneck, dim=-1) @ F.normalize(self.last, dim=1).t()


def training(job):
    """A function that makes one step."""
    student = Network(job)
    if job["channelsLast"]:
        student = student.to(memory_format=torch.channels_last)
    teacher = copy.deepcopy(student)
    taught = list(teacher.parameters())
    for parameter in taught:
        parameter.requires_grad = False
    if job["compiled"]:
        student.compile()
        teacher.compile()
    parameters = list(student.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.04, fused=True)
    batch, locals_ = job["batch"], job["locals"]
    views = [torch.randn(2 * batch, 3, 32, 32)]
    if locals_ > 0:
        views.append(torch.randn(locals_ * batch, 3, 13, 13))
    if job["channelsLast"]:
        views = [x.to(memory_format=torch.channels_last) for x in views]
    centre = torch.zeros(job["head"]["prototypes"])

    def step():
        nonlocal centre
        with torch.no_grad():
            raw = teacher(views[:1])
        targets = F.softmax((raw - centre) / 0.04, -1).chunk(2)
        guesses = F.log_softmax(student(views) / 0.1, -1).chunk(2 + locals_)
        terms = [-(t * q).sum(-1).mean() for i, t in enumerate(targets) for j, q in enumerate(guesses) if i != j]
        (sum(terms) / len(terms)).backward()
        with torch.no_grad():
            gradients = [parameter.grad for parameter in parameters]
            norms = torch._foreach_norm(gradients)
            torch._foreach_mul_(gradients, [torch.clamp(3 / (norm + 1e-6), max=1) for norm in norms])
            optimiser.step()
            optimiser.zero_grad()
            torch._foreach_mul_(taught, 0.996)
            torch._foreach_add_(taught, parameters, alpha=0.004)
            centre = 0.9 * centre + 0.1 * raw.mean(0)

    return step


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    torch.manual_seed(0)
    step = training(job)
    for _ in range(job["warmup"]):
        step()
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            before = time.perf_counter()
            step()
            times.append(time.perf_counter() - before)
        print(json.dumps({"medianMs": 1000 * statistics.median(times)}), flush=True)


main()
