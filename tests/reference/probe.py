"""The linear probe: scikit-learn's logistic regression on its own z-scores."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def objective(weights, intercepts, x, labels, l2):
    """Mean cross-entropy + (l2/2) ‖W‖², weights [d, c]"""
    logits = x @ weights + intercepts
    logits = logits - logits.max(1, keepdims=True)
    log = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return -log[np.arange(len(labels)), labels].mean() + l2 / 2 * (weights**2).sum()


def fit(x, labels, l2):
    """→ scaler, model. C is the reciprocal of the penalty on the summed loss."""
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=1 / (l2 * len(labels)), tol=1e-10, max_iter=100_000)
    return scaler, model.fit(scaler.transform(x), labels)
