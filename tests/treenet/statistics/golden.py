"""Golden values of delong_test.ts and mcnemar_test.ts.

    python -m venv env && env/bin/pip install numpy scipy statsmodels scikit-learn MLstatkit==0.1.91
    env/bin/python tests/treenet/statistics/golden.py
"""
import numpy as np
from MLstatkit import Delong_test
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar

N, CLASSES = 60, 3
labels = np.arange(N) % CLASSES


def scores(step, gain):
    """[N, CLASSES], with ties."""
    i, c = np.meshgrid(np.arange(N), np.arange(CLASSES), indexing="ij")
    return ((i * step + c * 11) % 23) / 23 + gain * (labels[:, None] == c)


after, before = scores(7, 0.5), scores(9, 0.25)
for c in range(CLASSES):
    y = (labels == c).astype(int)
    z, p, *_, a, b = Delong_test(y, after[:, c], before[:, c])[:6]
    print("class", c, "areas", roc_auc_score(y, after[:, c]), roc_auc_score(y, before[:, c]),
          "standard error", abs((roc_auc_score(y, after[:, c]) - roc_auc_score(y, before[:, c])) / z))


def terms(c):
    """Terms of the gain's error by the kernel itself, pair by pair."""
    own, rest = np.flatnonzero(labels == c), np.flatnonzero(labels != c)
    psi = lambda s: (s[own][:, None] > s[rest]) + 0.5 * (s[own][:, None] == s[rest])
    d = psi(after[:, c]) - psi(before[:, c])
    out = np.zeros(N)
    for rows, v in ((own, d.mean(1)), (rest, d.mean(0))):
        out[rows] = (v - v.mean()) / np.sqrt(len(v) * (len(v) - 1))
    return out


T = np.array([terms(c) for c in range(CLASSES)])
print("covariance", (T @ T.T).tolist())

for better, worse in ((9, 3), (40, 31), (1300, 1200)):
    table = [[0, better], [worse, 0]]
    print("mcnemar", better, worse, binomtest(better, better + worse, alternative="greater").pvalue,
          "two-sided", mcnemar(table, exact=True).pvalue)
print("normal tail", [norm.sf(z) for z in (-1, 0, 1.5, 4, 9)], "quantile", norm.isf(0.01))
