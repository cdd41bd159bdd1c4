"""One batch of BYOL, and of DINO with the leaves' penalty: loss, cosine and all gradients, in float64."""

import torch
from torch import nn

from byol import Heads, byol
from checks.gradient import checksum, gradients, network_of, worst
from deviation import rounded
from leaf_cosine import leaf_cosine
from loss import dino
from model import build_encoder
from views import outputs, split_views
from weights import load, prefixed


class Byol(nn.Module):
    def __init__(self, case, predicts):
        super().__init__()
        self.encoder = build_encoder(case["model"], case["architecture"])
        self.head = Heads(case["size"], case["head"]["hidden"], case["head"]["bottleneck"], predicts)

    def forward(self, x):
        return self.head(self.encoder(x))


def check(values, tensors):
    deviations, golden = {}, {}
    for case in values["networks"]:
        label, mine = case["label"], prefixed(tensors, case["label"] + "/")
        student, teacher = (built(case, mine, who) for who in ("student", "teacher"))
        large, small = (split_views(mine[kind], torch.float64) for kind in ("globals", "locals"))
        with torch.no_grad():
            seen = outputs(teacher, large)
        said = outputs(student, large, small)
        centre = torch.as_tensor(mine["centre"]).double()
        loss = byol(said, seen) if case["method"] == "byol" else dino(said, seen, centre, values["temperatures"])
        # Every view of an image counts the same, whatever its size.
        leaves = torch.cat([student.encoder.outputs(torch.cat(views)) for views in (large, small)])
        cosine = leaf_cosine(leaves)
        (loss + case["leafCosine"] * cosine).backward()
        found = {"loss": [loss.item()], "leaves' cosine": [cosine.item()], "gradient": gradients(student)}
        for name, reference in found.items():
            deviations[f"{label}: {name}"] = worst(mine, name, reference)
        golden[label] = {
            "loss": rounded(found["loss"]),
            "leafCosine": rounded(found["leaves' cosine"]),
            "gradients": {name: checksum(g) for name, g in found["gradient"].items()},
        }
    return {"deviations": deviations, "golden": golden}


def built(case, mine, who):
    weights = prefixed(mine, f"{who}/")
    if case["method"] == "dino":
        return network_of(case, weights).double().train()
    network = Byol(case, predicts=who == "student")
    load(network, weights)
    return network.double().train()
