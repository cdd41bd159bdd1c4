"""Claim 4, decomposition arises from disconnected pathways: DenseJoin's leaves against leaves trained independently.
From leaves.csv of the stage saliency, cka.npy and predictions.npy of the stage ensemble."""
import csv
import numpy as np
from shared import crossed, load, over_seeds, seeds_of, show, side, together

found, rows = load(), ("dense-join", "independent-leaves")
seeds = seeds_of(found, "ensemble", *rows)

def unevenness(model, seed):
    """Squared coefficient of variation of a leaf's gains over classes, less its noise."""
    with open(found[f"saliency[{model},{seed}]"][0] / "leaves.csv") as file: leaves = list(csv.DictReader(file))
    errors = np.array([[float(v) for k, v in leaf.items() if k.startswith("gain_error_")] for leaf in leaves])
    gains = np.array([[float(leaf[k.replace("_error", "")]) for k in leaf if k.startswith("gain_error_")] for leaf in leaves])
    return (gains.var(1, ddof=1) - (errors ** 2).mean(1)).sum() / (gains.mean(1) ** 2).sum()

def similarity(model, seed):
    cka = np.load(found[f"ensemble[{model},{seed}]"][0] / "cka.npy")[0]
    return np.nanmean(cka[np.tril_indices(len(cka), -1)])

def above_leaf(model, seed):
    folder = found[f"ensemble[{model},{seed}]"][0]
    right = np.load(folder / "predictions.npy")[0] == np.load(folder / "labels_test.npy")
    return right[-2] - right[:-2].mean(0)

a, b, c = ([of(rows[0], seed) - of(rows[1], seed) for seed in seeds] for of in (unevenness, similarity, above_leaf))
a, b = (over_seeds([] if np.isnan(each).any() else each) for each in (a, b))
c = crossed(c)
parts = [(a, side(a, least=3)), (b, side(b, least=3, below=True)), (c, side(c, least=3))]
show(4, parts, together([outcome for _, outcome in parts]))
