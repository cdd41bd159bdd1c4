"""Views from bytes to what the encoders read, and through encoder and head."""

import torch

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalised(pixels, dtype):
    """uint8 [N, H, W, 3], sRGB → [N, 3, H, W], ImageNet's mean 0 and deviation 1."""
    x = torch.as_tensor(pixels).to(dtype).permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(values, dtype=dtype).reshape(3, 1, 1) for values in (MEAN, STD))
    return (x - mean) / std


def split_views(pixels, dtype):
    """uint8 [n, V, s, s, 3] → V tensors [n, 3, s, s]"""
    return [normalised(pixels[:, view], dtype) for view in range(pixels.shape[1])]


def outputs(network, *kinds):
    """The head's outputs of every view; views of one size are one batch, which matters to BatchNorm alone."""
    found = []
    for views in kinds:
        if views:
            found += list(network(torch.cat(views)).chunk(len(views), -2))
    return found
