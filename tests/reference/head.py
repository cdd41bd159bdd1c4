"""DINO's projection head (Caron et al., 2021), and a network: an encoder with its head."""

import torch
from torch import nn
from torch.nn.functional import gelu, linear, normalize

from model import build_encoder


class Prototypes(nn.Module):
    """A linear layer without bias, weight-normalised (Salimans and Kingma, 2016), its gain fixed at 1."""

    def __init__(self, size, count):
        super().__init__()
        self.weight_v = nn.Parameter(torch.empty(count, size))
        self.weight_g = nn.Parameter(torch.ones(count), requires_grad=False)

    def forward(self, x):
        weight = self.weight_v * (self.weight_g / self.weight_v.norm(dim=1)).unsqueeze(1)
        return linear(x, weight)


class Head(nn.Module):
    """in → hidden → hidden → bottleneck with GELU, scaled to unit length, then a cosine with every prototype."""

    def __init__(self, size, hidden, bottleneck, prototypes):
        super().__init__()
        widths = [size, hidden, hidden, bottleneck]
        self.mlps = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.last_layer = Prototypes(bottleneck, prototypes)

    def forward(self, x):
        first, second, third = self.mlps
        return self.last_layer(normalize(third(gelu(second(gelu(first(x))))), dim=-1))


class Network(nn.Module):
    """What is trained."""

    def __init__(self, encoder, size, head):
        super().__init__()
        self.encoder, self.head = encoder, Head(size, **head)

    def forward(self, x):
        """[N, K]"""
        return self.head(self.encoder(x))


class IndependentLeaves(Network):
    """Every leaf has a head of its own; the join learns from what the leaves say, and does not move them."""

    def __init__(self, encoder, size, head):
        super().__init__(encoder, size, head)
        for i, leaf in enumerate(encoder.leaves):
            self.head.add_module(f"leaf{i + 1}", Head(leaf.output.out_features, **head))

    def forward(self, x):
        """Outputs of every head [m + 1, N, K], the leaves' first."""
        leaves = self.encoder.outputs(x)
        own = [self.head.get_submodule(f"leaf{i + 1}")(leaf) for i, leaf in enumerate(leaves.unbind(1))]
        return torch.stack([*own, self.head(self.encoder.joined(leaves.detach()))])


def build_network(case):
    """Encoder and heads by the name of a model and its part of a profile."""
    kind = IndependentLeaves if case["model"] == "independent-leaves" else Network
    return kind(build_encoder(case["model"], case["architecture"]), case["size"], case["head"])
