"""PyTorch's AdamW as the recipe uses it: decay on weights alone, every parameter tensor clipped by itself."""

import torch

from weights import by_file_name


def optimiser(module):
    """Two groups: weights, which decay, and biases and other 1-D parameters, which do not."""
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "decays": True},
        {"params": [p for p in trained if p.ndim <= 1], "decays": False},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8)


def set_rates(adamw, learning_rate, weight_decay):
    for group in adamw.param_groups:
        group["lr"] = learning_rate
        group["weight_decay"] = weight_decay if group["decays"] else 0


def clip(network, limit):
    """One tensor at a time: every leaf's is one of its own, unless the tree is the grouped one."""
    whole = getattr(network.encoder, "grouped", False)
    for parts in by_file_name(network).values():
        for tensor in [parts] if whole else [[part] for part in parts]:
            torch.nn.utils.clip_grad_norm_(tensor, limit)


@torch.no_grad()
def follow(teacher, student, momentum):
    """Every parameter of the teacher ← momentum · itself + (1 − momentum) · the student's."""
    for mine, theirs in zip(teacher.parameters(), student.parameters()):
        mine.copy_(momentum * mine + (1 - momentum) * theirs)
