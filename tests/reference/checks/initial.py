"""How far initial weights spread: PyTorch's own fans, of the layers that either class of trees is made of."""

import math

import torch
from torch import nn
from torch.nn.init import _calculate_fan_in_and_fan_out, calculate_gain


def check(values, _):
    deviations = {}
    for case in values["trees"]:
        reference = spreads(case["architecture"])
        assert set(case["ours"]) == set(reference), sorted(set(case["ours"]) ^ set(reference))
        for kind, ending in (("weights", "weight"), ("biases", "bias")):
            gaps = [abs(case["ours"][name] / r - 1) for name, r in reference.items() if name.endswith(ending)]
            deviations[f"{case['label']}: {kind}"] = max(gaps)
    return {"deviations": deviations}


def spreads(a):
    """Parameter → the bound of its uniform or the deviation of its normal distribution."""
    grouped = a["reading"] == "grouped"
    m, found = a["leaves"] if grouped else 1, {}

    def add(name, layer, spread):
        inputs, outputs = _calculate_fan_in_and_fan_out(layer.weight)
        found[f"{name}.weight"] = spread(inputs, outputs)
        found[f"{name}.bias"] = 1 / math.sqrt(inputs)  # the default of every layer

    with torch.device("meta"):
        for i, (inputs, outputs) in enumerate(zip([3, *a["channels"]], a["channels"])):
            groups = 1 if i == 0 else m
            add(f"leaves.conv{i + 1}", nn.Conv2d(inputs * groups, outputs * m, a["kernel"], groups=groups), xavier)
        output = nn.Conv2d(a["channels"][-1] * m, a["leafSize"] * m, 1, groups=m)
        add("leaves.output", output, xavier if grouped else kaiming)
        sizes = [a["leaves"] * a["leafSize"], *a["joinWidths"]]
        for i, (inputs, outputs) in enumerate(zip(sizes, a["joinWidths"])):
            add(f"join.linear{i + 1}", nn.Linear(inputs, outputs), standard)
        if grouped:
            add("join.extra", nn.Linear(sizes[-1], sizes[-1]), standard)
    return found


def xavier(inputs, outputs):
    return math.sqrt(3) * math.sqrt(2 / (inputs + outputs))


def kaiming(inputs, _):
    return calculate_gain("relu") / math.sqrt(inputs)


def standard(inputs, _):
    """kaiming_uniform_ with a = √5"""
    return math.sqrt(3) * calculate_gain("leaky_relu", math.sqrt(5)) / math.sqrt(inputs)
