"""Layouts by umap-learn, timed: the first of the process, for which Numba compiles, and the next.

Takes a job as JSON, {features, neighbors, minDist, epochs, seed}; a seed takes umap-learn's threads away, null leaves
them.
"""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.manifold import trustworthiness
from umap import UMAP


def main():
    warnings.simplefilter("ignore", UserWarning)
    job = json.loads(sys.argv[1])
    features = np.load(job["features"])
    times = []
    for _ in range(2):
        start = time.perf_counter()
        layout = UMAP(
            n_neighbors=job["neighbors"],
            min_dist=job["minDist"],
            n_epochs=job["epochs"],
            init="pca",
            random_state=job["seed"],
        ).fit_transform(features)
        times.append(time.perf_counter() - start)
    print(json.dumps({
        "first": times[0],
        "seconds": times[1],
        "trustworthiness": float(trustworthiness(features, layout, n_neighbors=job["neighbors"])),
    }))


main()
