"""Twenty steps of training from the same weights and views, in float64 and, as a yardstick, in PyTorch's own float32.

Rounding grows along a run, and AdamW turns the sign of a gradient near zero into a step of its own: what float32 costs
PyTorch itself is measured beside ours.
"""

import numpy as np
import torch

from checks.gradient import checksum, network_of
from deviation import apart, rounded
from trajectory import Run
from weights import by_file_name, flat, prefixed


def check(values, tensors):
    deviations, golden = {}, {}
    for case in values["networks"]:
        label = case["label"]
        mine = prefixed(tensors, label + "/")
        exact, single = (run(case, mine, values, dtype) for dtype in (torch.float64, torch.float32))
        ours = [prefixed(mine, f"{i}/") for i in range(len(exact))]
        for name, own in (("", ours), (", by PyTorch in float32", single)):
            deviations[f"{label}: loss{name}"] = worst(own, exact, lambda a, b: apart(a["loss"], b["loss"]))
            deviations[f"{label}: centre{name}"] = worst(own, exact, lambda a, b: apart(a["centre"], b["centre"]))
            deviations[f"{label}: student{name}"] = worst(own, exact, lambda a, b: moved(a, b, "student"))
            deviations[f"{label}: teacher{name}"] = worst(own, exact, lambda a, b: moved(a, b, "teacher"))
        last = exact[values["schedule"]["freezeSteps"] - 1]["student/head.last_layer.weight_v"]
        start = np.asarray(mine["start/head.last_layer.weight_v"], np.float64).ravel()
        assert (last == start).all(), "the reference's last layer moved while frozen"
        if case["golden"]:
            golden[label] = {
                "loss": rounded([state["loss"][0] for state in exact]),
                "centre": rounded(exact[-1]["centre"]),
                "student": {k: checksum(v) for k, v in prefixed(exact[-1], "student/").items()},
            }
    return {"deviations": deviations, "golden": golden}


def run(case, mine, values, dtype):
    """State after each step: loss, centre, student and teacher by file name."""
    network = network_of(case, prefixed(mine, "start/")).to(dtype)
    training = Run(network, values)
    states = []
    for i in range(values["steps"]):
        views = (mine[f"{i}/globals"], mine[f"{i}/locals"])
        state = {"loss": np.array([training.step(*views)]), "centre": training.centre.double().numpy()}
        for who in ("student", "teacher"):
            for name, parts in by_file_name(getattr(training, who), buffers=True).items():
                state[f"{who}/{name}"] = flat(parts)
        states.append(state)
    return states


def worst(ours, reference, distance):
    """Over the steps."""
    return max(distance(a, b) for a, b in zip(ours, reference, strict=True))


def moved(ours, reference, who):
    """‖difference‖ ÷ ‖reference‖ of a whole network, float64."""
    keys = [key for key in reference if key.startswith(who)]
    a = np.concatenate([np.asarray(ours[key], np.float64).ravel() for key in keys])
    b = np.concatenate([reference[key] for key in keys])
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))
