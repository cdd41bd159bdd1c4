"""One batch: the 18 terms of the loss of every head, their mean, the next centre, the gradient of every parameter, clipped and not, and
the running statistics, by PyTorch in float64."""

import numpy as np
import torch

from head import build_network
from loss import next_centre, terms
from deviation import apart, rounded
from optim import clip
from views import outputs, split_views
from weights import by_file_name, flat, load, prefixed


def check(values, tensors):
    deviations, golden = {}, {}
    for case in values["networks"]:
        label, mine = case["label"], prefixed(tensors, case["label"] + "/")
        found, single = (one_batch(case, mine, values, dtype) for dtype in (torch.float64, torch.float32))
        for name, reference in found.items():
            deviations[f"{label}: {name}"] = worst(mine, name, reference)
        for name in ("loss", "gradient"):
            own = {name: single[name], **{f"{name}/{key}": g for key, g in single["gradient"].items()}}
            deviations[f"{label}: {name}, by PyTorch in float32"] = worst(own, name, found[name])
        if case["golden"]:
            golden[label] = {
                "loss": rounded(found["loss"]),
                "terms": rounded(found["terms of the loss"]),
                "gradients": {name: checksum(g) for name, g in found["gradient"].items()},
            }
    return {"deviations": deviations, "golden": golden}


def network_of(case, weights):
    network = build_network(case)
    load(network, weights)
    return network.double().train()


def one_batch(case, mine, values, dtype):
    student, teacher = (network_of(case, prefixed(mine, f"{who}/")).to(dtype) for who in ("student", "teacher"))
    large, small = (split_views(mine[kind], dtype) for kind in ("globals", "locals"))
    centre = torch.as_tensor(mine["centre before"]).to(dtype).reshape(-1, 1, case["head"]["prototypes"])
    with torch.no_grad():
        seen = outputs(teacher, large)
    each = terms(outputs(student, large, small), seen, centre, values["temperatures"])
    assert len(each) == 18
    loss = torch.stack(list(each.values())).mean(0)
    loss.sum().backward()
    gradient = gradients(student)
    clip(student, values["clip"])
    found = {
        "loss": [loss.mean().item()],
        "terms of the loss": flat([each[key] for key in sorted(each)]),
        "centre": next_centre(centre, seen, values["centreMomentum"]).numpy(),
        "gradient": gradient,
        "gradient, clipped": gradients(student),
    }
    buffers = {
        f"{who}.{name}": flat(parts)
        for who, network in (("student", student), ("teacher", teacher))
        for name, parts in by_file_name(network, buffers=True).items()
        if "running" in name
    }
    return {**found, **({"running statistics": buffers} if buffers else {})}


def gradients(network):
    """A copy, by parameter."""
    return {
        name: flat([part.grad for part in parts])
        for name, parts in by_file_name(network).items()
        if parts[0].requires_grad
    }


def worst(mine, name, reference):
    """Of named tensors the worst, each by its own largest value."""
    if not isinstance(reference, dict):
        return apart(mine[name], reference)
    assert set(prefixed(mine, name + "/")) == set(reference)
    return max(apart(mine[f"{name}/{key}"], value) for key, value in reference.items())


def checksum(values):
    """Norm, and product with cos 0, cos 1, …: two numbers that any error moves."""
    return rounded([np.linalg.norm(values), values @ np.cos(np.arange(len(values)))])
