"""Quality of umap-js' layouts beside those of umap-learn on the same features, both measured by scikit-learn."""

import warnings

import numpy as np
from umap import UMAP

from quality import quality


def check(values, tensors):
    features, labels, k = tensors["features"], tensors["labels"], values["neighbors"]
    ours = mean(quality(features, tensors[f"layout/{seed}"], labels, k) for seed in values["seeds"])
    theirs = mean(quality(features, laid_out(features, seed, values), labels, k) for seed in values["seeds"])
    behind = {f"umap-js behind umap-learn: {name}": theirs[name] - ours[name] for name in ours}
    return {"deviations": {**behind, **{f"umap-learn's own: {name}": theirs[name] for name in theirs}}}


def laid_out(features, seed, o):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a seed takes its threads away
        settings = {"n_neighbors": o["neighbors"], "min_dist": o["minDist"], "init": "pca", "random_state": seed}
        return UMAP(**settings).fit_transform(features)


def mean(qualities):
    rows = list(qualities)
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0] if name != "silhouette native"}
