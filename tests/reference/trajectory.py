"""The training loop, from the recipe: a student, a teacher, and what a step does to them."""

import copy

import torch

from loss import dino, next_centre
from optim import clip, follow, optimiser, set_rates
from schedule import schedules
from views import outputs, split_views


class Run:
    """Holds a run's state; `step` makes the next step on uint8 views [n, V, s, s, 3]."""

    def __init__(self, network, options):
        self.student, self.teacher = network, copy.deepcopy(network)
        for parameter in self.teacher.parameters():
            parameter.requires_grad = False
        self.options, self.rates = options, schedules(options["schedule"])
        self.dtype = next(network.parameters()).dtype
        self.centre = torch.zeros(1, len(network.head.last_layer.weight_v), dtype=self.dtype)
        self.adamw = optimiser(network)
        self.steps = 0

    def loss(self, global_views, local_views):
        """Loss of the student, head by head, and the teacher's raw outputs by view."""
        large, small = split_views(global_views, self.dtype), split_views(local_views, self.dtype)
        with torch.no_grad():
            seen = outputs(self.teacher, large)
        said = outputs(self.student, large, small)
        return dino(said, seen, self.centre, self.options["temperatures"]), seen

    def step(self, global_views, local_views):
        i, options = self.steps, self.options
        loss, seen = self.loss(global_views, local_views)
        self.adamw.zero_grad()
        loss.sum().backward()
        clip(self.student, options["clip"])
        if i < options["schedule"]["freezeSteps"]:
            for name, parameter in self.student.named_parameters():
                if name.endswith("last_layer.weight_v"):
                    parameter.grad = None
        set_rates(self.adamw, self.rates["learningRate"][i], self.rates["weightDecay"][i])
        self.adamw.step()
        follow(self.teacher, self.student, self.rates["momentum"][i])
        self.centre = next_centre(self.centre, seen, options["centreMomentum"])
        self.steps += 1
        return loss.mean().item()
