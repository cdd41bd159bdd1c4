"""Claim 3, robust representations from an ensemble: the leaves' mean probability against the mean leaf, and all leaf
outputs of DenseJoin against those of leaves trained independently. From predictions.npy of the stage ensemble."""
import numpy as np
from shared import crossed, load, seeds_of, show, side, together

found, rows = load(), ("dense-join", "independent-leaves")
seeds = seeds_of(found, "ensemble", *rows)

def right(model, seed):
    """[m + 2, n]: each leaf, all outputs side by side, the mean of probabilities."""
    folder = found[f"ensemble[{model},{seed}]"][0]
    return np.load(folder / "predictions.npy")[0] == np.load(folder / "labels_test.npy")

joint, independent = ([right(model, seed) for seed in seeds] for model in rows)
averaged = crossed([each[-1] - each[:-2].mean(0) for each in joint])
concatenated = crossed([a[-2].astype(int) - b[-2] for a, b in zip(joint, independent)])
parts = [(each, side(each, least=3)) for each in (averaged, concatenated)]
show(3, parts, together([outcome for _, outcome in parts]))
