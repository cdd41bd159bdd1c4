"""How good a layout in two dimensions is, by scikit-learn."""

import numpy as np
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors


def overlap(a, b, k):
    """Share of the k nearest neighbours in one space that are so in the other."""
    near = [NearestNeighbors(n_neighbors=k).fit(x).kneighbors(return_distance=False) for x in (a, b)]
    return float(np.mean([len(set(i) & set(j)) / k for i, j in zip(*near)]))


def quality(native, layout, labels, k):
    """Continuity is trustworthiness with the spaces exchanged."""
    return {
        "trustworthiness": trustworthiness(native, layout, n_neighbors=k),
        "continuity": trustworthiness(layout, native, n_neighbors=k),
        "knnOverlap": overlap(native, layout, k),
        "silhouette native": float(silhouette_score(native, labels)),
        "silhouette layout": float(silhouette_score(layout, labels)),
    }
