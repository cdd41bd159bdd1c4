"""Parameters and multiply-adds, counted on the modules themselves."""

import torch
from torch import nn


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def multiply_adds(encoder, pixels):
    """Weights of convolutions and linear layers applied to one image; padding counts, biases and norms do not."""
    total = 0

    def count(layer, _, output):
        nonlocal total
        places = output[0].numel() // layer.weight.shape[0]  # of one image
        total += places * layer.weight.numel()

    hooks = [
        layer.register_forward_hook(count)
        for layer in encoder.modules()
        if isinstance(layer, (nn.Conv2d, nn.Linear))
    ]
    with torch.no_grad():
        encoder.eval()(torch.zeros(1, 3, pixels, pixels, dtype=next(encoder.parameters()).dtype))
    for hook in hooks:
        hook.remove()
    return total
