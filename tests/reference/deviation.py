"""How far ours is from the reference, and how the reference is written down."""

import numpy as np


def apart(ours, reference):
    """Largest difference, as a share of the reference's largest value."""
    a, b = np.asarray(ours, np.float64), np.asarray(reference, np.float64)
    assert a.size == b.size > 0, (a.shape, b.shape)
    assert np.isfinite(a).all() and np.isfinite(b).all()
    return float(np.abs(a.ravel() - b.ravel()).max() / max(np.abs(b).max(), 1e-30))


def rounded(values):
    """As golden files keep them: seven digits."""
    return [float(f"{value:.7g}") for value in np.asarray(values, np.float64).ravel()]
