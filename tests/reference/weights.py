"""Parameters by the names that safetensors files give them.

A file holds what m leaves have of one kind in one tensor, one leaf after the other; here every leaf has its own.
"""

import re

import numpy as np
import torch


BYOL = {"0": "1.", "1": "_norm.", "3": "2."}  # of a projector or predictor, by place


def file_name(name):
    """`encoder.leaves.3.convs.0.weight` → `encoder.leaves.conv1.weight`"""
    name = re.sub(r"leaves\.\d+\.", "leaves.", name)
    name = re.sub(r"\b(conv|norm|linear|mlp|fc)s\.(\d+)\.", lambda m: f"{m[1]}{int(m[2]) + 1}.", name)
    return re.sub(r"\b(projector|predictor)\.(\d)\.", lambda m: m[1] + BYOL[m[2]], name)


def by_file_name(module, buffers=False):
    """Name in the file → the module's tensors that it holds, in order."""
    named = list(module.named_parameters())
    if buffers:
        named += [(name, b) for name, b in module.named_buffers() if "num_batches" not in name]
    parts = {}
    for name, tensor in named:
        parts.setdefault(file_name(name), []).append(tensor)
    return parts


def load(module, tensors):
    """Sets every parameter and buffer; names and sizes have to be the same on both sides."""
    parts = by_file_name(module, buffers=True)
    assert set(parts) == set(tensors), sorted(set(parts) ^ set(tensors))
    with torch.no_grad():
        for name, mine in parts.items():
            values = torch.as_tensor(np.asarray(tensors[name])).flatten().split(mine[0].numel())
            assert len(values) == len(mine), name
            for parameter, value in zip(mine, values):
                parameter.copy_(value.reshape(parameter.shape))


def flat(tensors):
    """As the file has them, [·], float64."""
    return torch.cat([tensor.detach().flatten() for tensor in tensors]).double().numpy()


def prefixed(tensors, prefix):
    """Entries whose names start with `prefix`, without it."""
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
