"""Claim 5, compositional maps: overlap of the maps of different leaves, DenseJoin against leaves trained independently.
From overlap.npy of the stage ensemble."""
import numpy as np
from shared import load, over_seeds, seeds_of, show, side

found, rows = load(), ("dense-join", "independent-leaves")

def overlap(model, seed):
    """Spearman's rank correlation, mean over pairs of leaves and images, at least 100."""
    images = np.load(found[f"ensemble[{model},{seed}]"][0] / "overlap.npy")[0, 0]
    return images.mean() if len(images) >= 100 else np.nan

differences = [overlap(rows[0], seed) - overlap(rows[1], seed) for seed in seeds_of(found, "ensemble", *rows)]
difference = over_seeds([] if np.isnan(differences).any() else differences)
outcome = side(difference, least=3, below=True)
show(5, [(difference, outcome)], outcome)
