"""BYOL (Grill et al., 2020), from its equations; LayerNorm where the paper has BatchNorm, as the recipe says."""

import torch
from torch import nn
from torch.nn.functional import normalize


class Mlp(nn.Sequential):
    """Linear → LayerNorm → ReLU → Linear"""

    def __init__(self, inputs, hidden, outputs):
        super().__init__(
            nn.Linear(inputs, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Linear(hidden, outputs)
        )


class Heads(nn.Module):
    """A projector; the student's has a predictor too."""

    def __init__(self, size, hidden, bottleneck, predicts):
        super().__init__()
        self.projector = Mlp(size, hidden, bottleneck)
        self.predictor = Mlp(bottleneck, hidden, bottleneck) if predicts else nn.Identity()

    def forward(self, x):
        return self.predictor(self.projector(x))


def byol(predicted, projected):
    """Mean over pairs of different views of ‖q/‖q‖ − z/‖z‖‖², z of the teacher's; both orders of two views."""
    pairs = [
        (normalize(q, dim=-1) - normalize(z.detach(), dim=-1)).square().sum(-1).mean()
        for t, z in enumerate(projected)
        for v, q in enumerate(predicted)
        if v != t
    ]
    return torch.stack(pairs).mean()
