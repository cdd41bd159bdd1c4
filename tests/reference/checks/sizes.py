"""Parameters and multiply-adds of networks of the paper's size, on PyTorch modules without storage."""

import torch

from head import build_network
from model import build_encoder
from size import multiply_adds, parameters


def check(values, _):
    deviations = {}
    for case in values["networks"]:
        with torch.device("meta"):
            network = build_network(case)
            found = {
                "encoderParameters": parameters(network.encoder),
                "parametersWithHead": parameters(network),
            }
        found["multiplyAdds"] = multiply_adds(build_encoder(case["model"], case["architecture"]), 32)
        for quantity, count in found.items():
            deviations[f"{case['label']}: {quantity}"] = abs(count - case["ours"][quantity])
    return {"deviations": deviations}
