"""The artifacts behind a report, the two intervals of docs/claims.md, and the lines of claims.csv.

Usage of every script beside this one: python <script>.py [folder of artifacts] [profile]
"""
import json, sys
from pathlib import Path
import numpy as np
from scipy.stats import t

def load():
    """Task -> (folder, record) of the artifacts that the newest report (of the profile) was made from."""
    root, profile = Path((sys.argv[1:] or ["artifacts"])[0]), (sys.argv[2:] or [None])[0]
    records = [(path, json.loads(path.read_text())) for path in root.glob("*/*/*/artifact.json")]
    reports = [(path.stat().st_mtime, record["key"]["inputs"]) for path, record in records
               if record["key"]["stage"] == "report" and profile in (None, record["key"]["params"]["profile"])]
    used = {(name.split()[-1], digest) for name, digest in max(reports, key=lambda report: report[0])[1].items()}
    return {record["task"]: (path.parent, record) for path, record in records
            if (record["task"], record["digest"]) in used}

def seeds_of(found, stage, *models):
    """The seeds that all these rows have, ascending."""
    seeds = lambda model: {record["point"]["seed"] for _, record in found.values()
                           if record["key"]["stage"] == stage and record["point"].get("model") == model}
    return sorted(set.intersection(*map(seeds, models)))

def crossed(values, level=0.95):
    """Mean and interval over seeds and images, of values [S, N]."""
    values = np.asarray(values, float)
    if values.size == 0: return 0, None, None, None
    (seeds, images), mean = values.shape, values.mean()
    a, b = values.mean(1) - mean, values.mean(0) - mean
    both = values - mean - a[:, None] - b
    draws = seeds * max(1, seeds - 1)
    of_seeds = (a ** 2).sum() / draws
    variance = of_seeds + (b ** 2).sum() / images ** 2 + (both ** 2).sum() / (draws * images ** 2)
    degrees = (seeds - 1) * max(1, variance / of_seeds) ** 2 if of_seeds > 0 else np.inf
    half = t.ppf((1 + level) / 2, min(degrees, 1e4)) * np.sqrt(variance)
    return seeds, mean, mean - half, mean + half

def over_seeds(values):
    """Mean and Student's interval of one value a seed."""
    n = len(values)
    if n < 2: return n, (values[0] if n else None), None, None
    half = t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    return n, np.mean(values), np.mean(values) - half, np.mean(values) + half

def side(estimate, least, below=False):
    """Outcome of a difference that is claimed to be above 0, or below."""
    seeds, mean, low, high = estimate
    if mean is None or seeds < least: return "not tested"
    low, high = (-high, -low) if below else (low, high)
    return "supported" if low > 0 else "contradicted" if high < 0 else "undecided"

def together(outcomes):
    """Outcome of several differences, all of which are claimed."""
    first = [outcome for outcome in ("not tested", "contradicted", "undecided") if outcome in outcomes]
    return first[0] if first else "supported"

def show(claim, parts, outcome):
    """Prints lines of claims.csv, without the quantity in words: claim, part, seeds, value, low, high, outcomes."""
    for letter, ((seeds, *numbers), of_part) in zip("abcdefghijklmnopqrstuvwxyz", parts):
        shown = ["" if number is None else f"{number + 0:.6f}" for number in numbers]
        print(",".join(map(str, [claim, letter, seeds, *shown, of_part, outcome])))
