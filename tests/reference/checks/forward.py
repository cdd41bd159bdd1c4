"""Embeddings and the head's outputs from the same weights and images, in float64."""

import torch
import torchvision

from head import build_network
from deviation import apart, rounded
from views import normalised
from weights import load, prefixed


def check(values, tensors):
    deviations, golden = {}, {}
    for case in values["networks"]:
        label = case["label"]
        mine = prefixed(tensors, label + "/")
        network = build_network(case)
        load(network, prefixed(mine, "weights/"))
        network.double().eval()
        with torch.no_grad():
            x = normalised(mine["images"], torch.float64)
            embedding = network.encoder(x)
            outputs = network(x)
            single = network.float().encoder(x.float())
        deviations[f"{label}: embedding"] = apart(mine["embedding"], embedding)
        deviations[f"{label}: embedding, by PyTorch in float32"] = apart(single, embedding)
        deviations[f"{label}: outputs of the head"] = apart(mine["outputs"], outputs)
        if case["golden"]:
            golden[label] = {"embedding": rounded(embedding), "outputs": rounded(outputs)}
        if case["model"] == "resnet50" and case["architecture"]["width"] == 64:
            deviations[f"{label}: embedding, by torchvision"] = apart(mine["embedding"], by_torchvision(mine, x))
    return {"deviations": deviations, "golden": golden}


def by_torchvision(tensors, x):
    network = torchvision.models.resnet50(weights=None)
    network.fc = torch.nn.Identity()
    weights = prefixed(prefixed(tensors, "weights/"), "encoder.")
    missing = network.load_state_dict({k: torch.as_tensor(v) for k, v in weights.items()}, strict=False)
    assert not missing.unexpected_keys and all("num_batches" in key for key in missing.missing_keys)
    with torch.no_grad():
        return network.double().eval()(x)
