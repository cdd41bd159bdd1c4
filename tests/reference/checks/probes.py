"""The linear probe, k-NN, AUROC, silhouette, trustworthiness, continuity and RankMe, by scikit-learn and NumPy."""

import numpy as np
from sklearn.metrics import roc_auc_score

from deviation import apart, rounded
from neighbours import votes
from probe import fit, objective
from quality import quality
from rankme import rankme


def check(values, tensors):
    train, test, labels, asked = (tensors[key] for key in ("train", "test", "train labels", "test labels"))
    linear = [one_penalty(ours, train, labels, test) for ours in values["fits"]]
    deviations = {
        f"linear probe: {name}": max(each[name] for each in linear)
        for name in ("objective", "objective of our weights", "predictions that differ, ties apart")
    }
    golden = {
        "objective": rounded([each["reference"] for each in linear]),
        "right": [int((each["predicted"] == asked).sum()) for each in linear],
    }
    for k, ours in values["neighbours"].items():
        shares = votes(train, labels, test, int(k), values["temperature"])
        deviations[f"k-NN, k = {k}: predictions that differ, ties apart"] = differing(ours, shares, 1e-9)
    scores = np.array(values["scores"]).reshape(len(test), -1)
    reference = [roc_auc_score(asked == c, scores[:, c]) for c in range(scores.shape[1])]
    deviations["AUROC"] = apart(values["aurocs"], reference)
    for name, reference in quality(test, tensors["layout"], asked, values["k"]).items():
        deviations[f"layout's {name}"] = abs(values["quality"][name] - reference)
    centred = train.astype(np.float64) - train.astype(np.float64).mean(0)
    deviations["RankMe, centred"] = apart([values["rank"]], [rankme(centred)])
    deviations["RankMe"] = apart([values["rankMe"]], [rankme(train.astype(np.float64), 1e-7)])
    return {"deviations": deviations, "golden": golden}


def one_penalty(ours, train, labels, test):
    scaler, model = fit(train.astype(np.float64), labels, ours["l2"])
    z = scaler.transform(train.astype(np.float64))
    reference = objective(model.coef_.T, model.intercept_, z, labels, ours["l2"])
    weights = np.array(ours["weights"]).reshape(train.shape[1], -1)
    shares = model.decision_function(scaler.transform(test.astype(np.float64)))
    return {
        "objective": abs(ours["objective"] - reference) / reference,
        "objective of our weights": abs(
            objective(weights, np.array(ours["intercepts"]), z, labels, ours["l2"]) - ours["objective"]
        ),
        "predictions that differ, ties apart": differing(ours["predictions"], shares, 1e-4),
        "reference": reference,
        "predicted": shares.argmax(1),
    }


def differing(ours, scores, tie):
    """Rows where ours is not the best class, nor within `tie` of it."""
    best, own = scores.max(1), scores[np.arange(len(scores)), np.array(ours)]
    return int((best - own > tie).sum())
