"""Values of an independent implementation for the tests beside it: numpy, SciPy and scikit-learn.

CKA by the definition of Song et al. (2012) with n x n matrices; discriminants and rank correlations by libraries.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 && python golden.py > golden.json
"""
import json
import numpy as np
from scipy.stats import spearmanr
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

def draws(seed, n):
    """Lehmer's generator: the same numbers in any language."""
    out = []
    for _ in range(n):
        seed = seed * 16807 % 2147483647
        out.append(seed / 2147483647 - 0.5)
    return np.array(out)

def hsic(x, y):
    n = len(x)
    k, l = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0), np.fill_diagonal(l, 0)
    one = np.ones(n)
    return (np.trace(k @ l) + one @ k @ one * (one @ l @ one) / ((n - 1) * (n - 2))
            - 2 / (n - 2) * (one @ k @ l @ one)) / (n * (n - 3))

n, leaves, size, classes = 40, 3, 4, 3
labels = np.arange(n) % classes
x = np.float32(draws(1, n * leaves * size)).reshape(n, leaves, size).astype(float)
x[:, 1] += 0.5 * x[:, 0]
x = np.float32(x).astype(float)
cka = [[hsic(x[:, a], x[:, b]) / np.sqrt(hsic(x[:, a], x[:, a]) * hsic(x[:, b], x[:, b])) for b in range(leaves)]
       for a in range(leaves)]
y = np.float32(draws(2, 10 * leaves * size)).reshape(10, -1).astype(float)
shifted = np.float32(x.reshape(n, -1) + 0.2 * labels[:, None]).astype(float)
lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.01)
columns = list(range(size)) + list(range(2 * size, 3 * size))
proba = lda.fit(shifted[:, columns], labels).predict_proba(y[:, columns])
maps = np.float32(np.abs(draws(3, 2 * leaves * 100))).reshape(2, leaves, 100)
pairs = [(a, b) for a in range(leaves) for b in range(a)]
rho = [np.mean([spearmanr(m[a], m[b])[0] for a, b in pairs]) for m in maps]
top = lambda m: set(np.argsort(-m, kind="stable")[:10])
iou = [np.mean([len(top(m[a]) & top(m[b])) / len(top(m[a]) | top(m[b])) for a, b in pairs]) for m in maps]
print(json.dumps({"cka": np.ravel(cka).tolist(), "probabilities": proba.ravel().tolist(), "spearman": rho, "iou": iou}))
