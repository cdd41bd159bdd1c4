"""Claim 7, DenseJoin's features are better separated: nearest neighbours and silhouette in the embedding itself, against
AvgJoin. From probe.json of the stage probe and quality.json of the stage umap."""
import json
from shared import load, over_seeds, seeds_of, show, side, together

found, rows = load(), ("dense-join", "avg-join")

def knn(folder):
    return json.loads((folder / "probe.json").read_text())["teacher"]["knn"]["20"]

def silhouette(folder):
    return json.loads((folder / "quality.json").read_text())["teacher"]["mean"]["silhouette"]["native"]

def difference(stage, of):
    a, b = ([of(found[f"{stage}[{model},{seed}]"][0]) for seed in seeds_of(found, stage, *rows)] for model in rows)
    return over_seeds([x - y for x, y in zip(a, b)])

parts = [(each, side(each, least=6)) for each in (difference("probe", knn), difference("umap", silhouette))]
show(7, parts, together([outcome for _, outcome in parts]))
