"""The artifacts behind a report, the two intervals of docs/claims.md, and the lines of claims.csv.

Usage of every script beside this one: python <script>.py [folder of artifacts] [profile]
"""
import json, sys
from itertools import product
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

def right(found, model, seed, of):
    """Of an evaluation of the stage probe: [N], 1 where its result is right, or None, and [R, N] of its repetitions."""
    labels = np.load(found[f"ema-teacher[{model},{seed}]"][0] / "labels_test.npy")
    folder, record = found[f"probe[{model},{seed}]"]
    rows = [(row, (classes == labels).astype(int)) for row, classes in
            zip(record["meta"]["predictions"], np.load(folder / "predictions.npy")) if row["of"] == of]
    repetitions = {at: answers for row, answers in rows for at in row["repetitions"]}
    reported = [answers for row, answers in rows if row["reported"]]
    return (reported or [None])[0], np.array([repetitions[at] for at in sorted(repetitions)] or reported)

def crossed(values, level=0.95, reported=None):
    """Mean and interval over seeds, repetitions of the probe and images, of values [S, R, N] or [S, N]."""
    values = np.asarray(values, float)
    if values.size == 0: return 0, None, None, None
    values = values.reshape(len(values), -1, values.shape[-1])
    drawn, parts = [max(1, n - 1) for n in values.shape[:2]] + [values.shape[2]], {}
    for factors in product([False, True], repeat=3):
        effect = values
        for axis, inside in enumerate(factors):
            mean = effect.mean(axis, keepdims=True)
            effect = effect - mean if inside else mean
        parts[factors] = (effect ** 2).mean() / np.prod([n for n, inside in zip(drawn, factors) if inside])
    variance = sum(part for factors, part in parts.items() if any(factors))
    few = parts[True, False, False] ** 2 / drawn[0] + parts[False, True, False] ** 2 / drawn[1]
    half = t.ppf((1 + level) / 2, min(variance ** 2 / few, 1e4) if few > 0 else 1e4) * np.sqrt(variance)
    mean = np.mean(values if reported is None else reported)
    return len(values), mean, mean - half, mean + half

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
