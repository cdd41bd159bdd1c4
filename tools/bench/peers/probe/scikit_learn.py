"""One fit of scikit-learn's logistic regression, timed. Takes a job as JSON, {features, labels, l2, tolerance}.

Its products run on one thread or on all, whichever is faster in a few iterations made before.
"""
import json
import os
import sys
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

TRIAL = 10  # iterations


def seconds_of(act):
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def fastest_threads(fit):
    times = {}
    for threads in (1, os.cpu_count()):
        with threadpool_limits(threads):
            times[threads] = seconds_of(lambda: fit(TRIAL))
    return min(times, key=times.get)


def main():
    job = json.loads(sys.argv[1])
    x, labels = np.load(job["features"]).astype(np.float64), np.load(job["labels"])
    n, l2 = len(labels), job["l2"]
    scaler = StandardScaler()

    def fit(iterations):
        model = LogisticRegression(C=1 / (l2 * n), tol=job["tolerance"], max_iter=iterations)
        return model.fit(scaler.fit_transform(x), labels)

    warnings.simplefilter("ignore")  # the trial does not converge, and is not meant to
    threads = fastest_threads(fit)
    warnings.simplefilter("default")
    with threadpool_limits(threads):
        start = time.perf_counter()
        model = fit(100_000)
        seconds = time.perf_counter() - start
    z = scaler.transform(x)
    weights, intercepts = model.coef_.T, model.intercept_
    logits = z @ weights + intercepts
    logits -= logits.max(1, keepdims=True)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    residuals = shares.copy()
    residuals[np.arange(n), labels] -= 1
    gradient = np.concatenate([(z.T @ residuals / n + l2 * weights).ravel(), residuals.mean(0)])
    print(json.dumps({
        "seconds": seconds,
        "objective": float(-np.log(shares[np.arange(n), labels]).mean() + l2 / 2 * (weights**2).sum()),
        "gradientNorm": float(np.linalg.norm(gradient)),
        "iterations": int(model.n_iter_[0]),
        "threads": threads,
    }))


main()
