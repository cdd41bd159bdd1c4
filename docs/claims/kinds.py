"""Claim 6, specialists, generalists and failed learners: trees of DenseJoin in which each occurs, against chance.
From the results of the stage saliency."""
from scipy.stats import binom
from shared import load, seeds_of, show, together

found = load()
trees = [found[f"saliency[dense-join,{seed}]"][1]["meta"] for seed in seeds_of(found, "saliency", "dense-join")]
trees = [tree for tree in trees if tree["categories"]]
needed = next(k for k in range(len(trees) + 2) if binom.sf(k - 1, len(trees), 0.05) <= 0.05)
power = [((tree.get("power") or {}).get("oneClass") or {}).get("atThree", 0) for tree in trees]

def outcome(count):
    if len(trees) < 6: return "not tested"
    if count >= needed: return "supported"
    return "contradicted" if count == 0 and min(power) >= 0.8 else "undecided"

parts = []
for kind in ("specialist", "generalist", "failed"):
    count = sum(any(n for name, n in tree["categories"].items() if name.endswith(kind)) for tree in trees)
    parts.append(((len(trees), count, count, count), outcome(count)))
show(6, parts, together([each for _, each in parts]))
