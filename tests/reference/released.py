"""The released linear evaluation: one linear layer on raw features, Adam with 1e-2, batches of 256 in order, until 5
epochs in a row have not lowered the sum of the batches' mean losses ÷ number of images by more than 1e-5."""

import torch
from torch.nn.functional import cross_entropy


def train(x, labels, weights, biases, patience=5, batch=256, gain=1e-5):
    """From weights [d, c] and biases [c], float64 → weights, biases, mean of the batches' losses of every epoch."""
    w, b = (torch.tensor(values, dtype=torch.float64, requires_grad=True) for values in (weights, biases))
    x, labels = torch.as_tensor(x).double(), torch.as_tensor(labels).long()
    adam = torch.optim.Adam([w, b], lr=1e-2)
    losses, best, since = [], float("inf"), 0
    while since < patience:
        total = 0.0
        for rows, wanted in zip(x.split(batch), labels.split(batch)):
            loss = cross_entropy(rows @ w + b, wanted)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item()
        losses.append(total / len(x.split(batch)))
        if best - total / len(x) > gain:
            best, since = total / len(x), 0
        else:
            since += 1
    return w.detach().numpy(), b.detach().numpy(), losses
