"""The penalty on leaves that say the same: the mean cosine similarity between different leaves' outputs."""

from itertools import combinations

import torch
from torch.nn.functional import cosine_similarity


def leaf_cosine(leaves):
    """Of leaves [N, m, D], one pair after the other."""
    pairs = combinations(range(leaves.shape[1]), 2)
    return torch.stack([cosine_similarity(leaves[:, i], leaves[:, j], dim=-1) for i, j in pairs]).mean()
