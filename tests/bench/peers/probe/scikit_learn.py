"""One fit of scikit-learn's logistic regression, timed. Takes a job as JSON, {features, labels, l2, tolerance}."""
import json
import sys
import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def main():
    job = json.loads(sys.argv[1])
    x, labels = np.load(job["features"]).astype(np.float64), np.load(job["labels"])
    n, l2 = len(labels), job["l2"]
    model = LogisticRegression(C=1 / (l2 * n), tol=job["tolerance"], max_iter=100_000)
    start = time.perf_counter()
    z = StandardScaler().fit_transform(x)
    model.fit(z, labels)
    seconds = time.perf_counter() - start
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
    }))


main()
