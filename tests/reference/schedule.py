"""Learning rate, weight decay and the teacher's momentum at every step, as arrays."""

import numpy as np


def cosine(base, end, steps):
    """s_i = end + ½ (base − end) (1 + cos(π i / N)), i = 0 … N − 1"""
    return end + (base - end) * (1 + np.cos(np.pi * np.arange(steps) / steps)) / 2


def schedules(o):
    """Warm-up is linear from 0, as DINO's: both its ends are reached."""
    warmup = np.linspace(0, o["learningRate"], o["warmupSteps"])
    steps = o["steps"]
    return {
        "learningRate": np.concatenate(
            [warmup, cosine(o["learningRate"], o["finalLearningRate"], steps - o["warmupSteps"])]
        ),
        "weightDecay": cosine(o["weightDecay"], o["finalWeightDecay"], steps),
        "momentum": cosine(o["momentum"], o["finalMomentum"], steps),
    }
