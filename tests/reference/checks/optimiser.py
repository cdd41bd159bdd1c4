"""AdamW, the teacher's average and every schedule, in float64."""

import numpy as np
import torch
from torch import nn

from deviation import apart, rounded
from optim import follow, optimiser, set_rates
from schedule import schedules


def check(values, tensors):
    deviations = {}
    for profile, case in values["schedules"].items():
        for name, reference in schedules(case["options"]).items():
            gaps = np.abs(np.array(case["ours"][name]) - reference) / np.abs(reference).max()
            deviations[f"schedule of {profile}: {name}"] = float(gaps.max())
    layer = nn.Linear(tensors["weight"].shape[1], tensors["weight"].shape[0]).double()
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(tensors["weight"]))
        layer.bias.copy_(torch.as_tensor(tensors["bias"]))
    average = nn.Linear(layer.in_features, layer.out_features).double()
    average.load_state_dict(layer.state_dict())
    adamw = optimiser(layer)
    for i, rates in enumerate(values["rates"]):
        layer.weight.grad = torch.as_tensor(tensors["weight gradients"][i]).double()
        layer.bias.grad = torch.as_tensor(tensors["bias gradients"][i]).double()
        set_rates(adamw, rates["learningRate"], rates["weightDecay"])
        adamw.step()
        follow(average, layer, rates["momentum"])
    golden = {}
    for name in ("weight", "bias"):
        parameter = getattr(layer, name)
        state = adamw.state[parameter]
        found = {
            f"AdamW: {name}": parameter,
            f"AdamW: first moment of {name}": state["exp_avg"],
            f"AdamW: second moment of {name}": state["exp_avg_sq"],
            f"EMA: {name}": getattr(average, name),
        }
        for quantity, reference in found.items():
            deviations[quantity] = apart(tensors[quantity], reference.detach())
            golden[quantity] = rounded(reference.detach())
    options = values["schedules"]["paper"]["options"]
    every = {name: rounded(values[:: len(values) // 40]) for name, values in schedules(options).items()}
    return {"deviations": deviations, "golden": {**golden, "schedule": every}}
