"""Reads a tree's or the CNN's teacher into PyTorch, and computes its features of the test images again.

    python example.py EMA_TEACHER_FOLDER CIFAR_FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import conv2d, group_norm, layer_norm, linear, relu

folder, cifar = map(Path, sys.argv[1:])
description = json.loads((folder / "model.json").read_text())
architecture = description["architecture"]
w = load_file(folder / "teacher.safetensors")
m, depth = len(w["leaves.output.weight"]), sum(".conv" in name for name in w) // 2
strides = architecture.get("strides", [1] * depth)

records = np.fromfile(cifar / "test_batch.bin", np.uint8).reshape(-1, 3073)
images = records[np.load(folder / "index_test.npy"), 1:].reshape(-1, 3, 32, 32)
mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).reshape(2, 3, 1, 1)
x = (torch.tensor(images) / 255 - mean) / std

for i, stride in enumerate(strides, 1):
    if i > 1:
        x = group_norm(x, m, w[f"leaves.norm{i}.weight"], w[f"leaves.norm{i}.bias"])
    x = relu(conv2d(x, w[f"leaves.conv{i}.weight"], w[f"leaves.conv{i}.bias"], stride, groups=1 if i == 1 else m))
x = layer_norm(x.mean((2, 3)).unflatten(1, (m, -1)), (x.shape[1] // m,))  # [n, m, C]
x = x * w["leaves.output_norm.weight"].unflatten(0, (m, -1)) + w["leaves.output_norm.bias"].unflatten(0, (m, -1))
leaves = torch.einsum("nmc,mdc->nmd", x, w["leaves.output.weight"]) + w["leaves.output.bias"].unflatten(0, (m, -1))

widths = sum("join.linear" in name for name in w) // 2
x = leaves.flatten(1) if widths or description["type"] == "concatenation" else leaves.mean(1)
for i in range(1, widths + 1):
    x = layer_norm(x, x.shape[1:], w[f"join.norm{i}.weight"], w[f"join.norm{i}.bias"])
    x = linear(x, w[f"join.linear{i}.weight"], w[f"join.linear{i}.bias"])
    x = relu(x) if i < widths or architecture.get("finalRelu", True) else x
if "join.extra.weight" in w:
    x = linear(x, w["join.extra.weight"], w["join.extra.bias"])

features = torch.tensor(np.load(folder / "features_test.npy"))
print(f"largest difference: {((x - features).abs().max() / features.abs().max()).item():.1e} of the largest feature")
