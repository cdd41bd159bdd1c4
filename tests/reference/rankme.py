"""RankMe (Garrido et al., 2023) by hand: exp of the entropy of the singular values over their sum."""

import numpy as np


def rankme(x, epsilon=0.0):
    """Of features [n, d] as they are; centre them first where an offset is no direction. The paper's ε is 1e-7."""
    singular = np.linalg.svd(x, compute_uv=False)
    p = singular / singular.sum() + epsilon
    p = p[p > 0]
    return float(np.exp(-(p * np.log(p)).sum()))
