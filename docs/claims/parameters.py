"""Claim 2, fewer parameters: a study along the number of leaves m, held against one path. From the parameters of the stage
train, model.json of ema-teacher, and predictions.npy of probe."""
import json, numpy as np
from shared import crossed, load, right, seeds_of, show

found = load()
asked = {r["point"]["model"]: r["key"]["params"] for _, r in found.values() if r["key"]["stage"] == "train"}
leaves = {r["point"]["model"]: r["meta"]["leaves"] for _, r in found.values() if r["key"]["stage"] == "train"}
alike = lambda row: json.dumps([{k: v for k, v in asked[row].items() if k not in ("model", "type", "seed", "architecture")},
    {k: v for k, v in asked[row].get("architecture", {}).items() if k not in ("leaves", "channels")}], sort_keys=True)
rows = sorted((row for row in asked if asked[row].get("type", row) == "dense-join"), key=lambda row: leaves[row])
rows = [row for row in rows if alike(row) == alike(rows[0])] if rows and leaves[rows[0]] == 1 else []
seeds = seeds_of(found, "probe", *rows) if rows else []
def parameters(row):
    specs = json.loads((found[f"ema-teacher[{row},{seeds[0]}]"][0] / "model.json").read_text())["parameters"]
    return sum(np.prod(spec["shape"]) for spec in specs if spec["name"].startswith("leaves."))

parts = []
for row in rows[1:]:
    pairs = [(right(found, row, s, "teacher"), right(found, rows[0], s, "teacher")) for s in seeds]
    level, reported = 1 - 0.05 / (len(rows) - 1), [a[0] - b[0] for a, b in pairs]
    seeds_, mean, low, high = crossed([a[1] - b[1] for a, b in pairs], level, reported)
    q = parameters(row) / parameters(rows[0])
    saves, does_not = q <= 0.8 and low > -0.01 or q <= 1.05 and low > 0.01, q >= 0.95 and high < 0.01
    outcome = "not tested" if seeds_ < 3 else "supported" if saves else "contradicted" if does_not else "undecided"
    parts.append(((seeds_, mean, low, high), outcome))
parts = parts or [((0, None, None, None), "not tested")]
first = [each for each in ("not tested", "supported", "undecided") if each in [outcome for _, outcome in parts]]
show(2, parts, first[0] if first else "contradicted")
