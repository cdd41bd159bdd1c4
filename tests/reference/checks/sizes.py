"""Parameters and multiply-adds of the paper's four networks, on PyTorch modules without storage."""

import torch

from head import Network
from model import build_encoder
from size import multiply_adds, parameters


def check(values, _):
    deviations = {}
    for case in values["networks"]:
        with torch.device("meta"):
            encoder = build_encoder(case["model"], case["architecture"])
            network = Network(encoder, case["size"], values["head"])
            found = {
                "encoderParameters": parameters(encoder),
                "parametersWithHead": parameters(network),
            }
        found["multiplyAdds"] = multiply_adds(build_encoder(case["model"], case["architecture"]), 32)
        for quantity, count in found.items():
            deviations[f"{case['model']}: {quantity}"] = abs(count - case["ours"][quantity])
    return {"deviations": deviations}
