"""Runs the public code's own parts on what our TypeScript exported: `python public_code.py FOLDER DINO DINOCLR`.

FOLDER holds `values.json` and `tensors.safetensors`; DINO and DINOCLR are checkouts of facebookresearch/dino and of branch
`proto` of grantsrb/dinoclr. Nothing here was written from our words: networks, head, loss, clipping, schedules, parameter
groups and views are theirs, on our weights, in float64. What stands in for a GPU, a cluster and old library versions is
replaced while it runs. Prints JSON: deviations by quantity, and the public code's own values.
"""

import contextlib
import importlib.util
import json
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.distributed  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent.parent / "reference"))
from checks.gradient import checksum  # noqa: E402
from deviation import apart, rounded  # noqa: E402
from weights import prefixed  # noqa: E402

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def module_at(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load_code(dino, dinoclr):
    """Their modules, without a process group."""
    torch.distributed.all_reduce = lambda tensor: tensor
    torch.distributed.get_world_size = lambda: 1
    names = ("utils", "vision_transformer", "main_dino")
    utils, transformer, main = (module_at(name, Path(dino) / f"{name}.py") for name in names)
    return utils, transformer, main, module_at("released_models", Path(dinoclr) / "models.py")


def backbone_of(models, architecture):
    """A tree of theirs; theirs has one width for a leaf's outputs and the embedding."""
    a = architecture
    dense = "joinWidths" in a
    settings = dict(
        n_cnns=a.get("leaves", 1), inpt_shape=(3, 32, 32), chans=list(a["channels"]), ksizes=a["kernel"],
        strides=list(a["strides"]), paddings=0, lnorm=True, agg_dim=a["leafSize"],
        h_size=a["joinWidths"][0] if dense else 64, agg_fxn="DenseJoin" if dense else "AvgOverDim",
        output_type="gapooling",
    )  # fmt: skip
    if a.get("reading", "leaf") == "leaf":
        return models.TreeCNN(**settings)
    return models.GroupedTreeCNN(**settings, postagg_proj=True)


def named_parts(model, architecture):
    """Our file name → the parameters of theirs that it holds, in order."""
    depth = len(architecture["channels"])
    backbone, parts = model.backbone, {}

    def add(name, modules):
        for kind in ("weight", "bias"):
            parts[f"encoder.{name}.{kind}"] = [getattr(module, kind) for module in modules]

    grouped = hasattr(backbone, "cnn")
    leaves = [backbone.cnn] if grouped else list(backbone.cnns)
    for i in range(depth):
        blocks = [leaf.features[i] for leaf in leaves]
        add(f"leaves.conv{i + 1}", [block[0 if i == 0 else 1] for block in blocks])
        if i > 0:
            add(f"leaves.norm{i + 1}", [block[0] for block in blocks])
    add("leaves.output_norm", [leaf.dense[3] for leaf in leaves])
    add("leaves.output", [leaf.dense[4] for leaf in leaves])
    for i in range(len(architecture.get("joinWidths", []))):
        add(f"join.norm{i + 1}", [backbone.agg_fxn.dense[3 * i]])
        add(f"join.linear{i + 1}", [backbone.agg_fxn.dense[3 * i + 1]])
    if grouped:
        add("join.extra", [backbone.proj])
    for i in range(3):
        for kind in ("weight", "bias"):
            parts[f"head.mlp{i + 1}.{kind}"] = [getattr(model.head.mlp[2 * i], kind)]
    parts["head.last_layer.weight_v"] = [model.head.last_layer.weight_v]
    parts["head.last_layer.weight_g"] = [model.head.last_layer.weight_g]
    assert sum(map(len, parts.values())) == len(list(model.parameters())), "a parameter has no name"
    return parts


def load(model, architecture, tensors):
    parts = named_parts(model, architecture)
    assert set(parts) == set(tensors), sorted(set(parts) ^ set(tensors))
    with torch.no_grad():
        for name, parameters in parts.items():
            values = torch.as_tensor(np.asarray(tensors[name])).double().flatten()
            for parameter, value in zip(parameters, values.split(parameters[0].numel()), strict=True):
                parameter.copy_(value.reshape(parameter.shape))


def flat(model, architecture):
    return {
        name: torch.cat([p.detach().flatten() for p in parameters]).numpy()
        for name, parameters in named_parts(model, architecture).items()
    }


def crops(views):
    """[n, V, side, side, 3] bytes → V batches of theirs."""
    x = (torch.as_tensor(views).double() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return [view.permute(0, 3, 1, 2).contiguous() for view in x.unbind(1)]


class Training:
    """Their training step (main_dino.train_one_epoch), without its data loader and devices."""

    def __init__(self, code, case, start, values):
        self.utils, transformer, main, models = code
        self.architecture, self.rules, self.step_number = case["architecture"], values, 0
        head = case["head"]

        def network():
            backbone = backbone_of(models, self.architecture)
            widths = dict(hidden_dim=head["hidden"], bottleneck_dim=head["bottleneck"])
            projection = transformer.DINOHead(case["size"], head["prototypes"], norm_last_layer=True, **widths)
            model = self.utils.MultiCropWrapper(backbone, projection).double()
            load(model, self.architecture, start)
            return model

        self.student, self.teacher = network(), network()
        for parameter in self.teacher.parameters():
            parameter.requires_grad = False
        s, t = values["schedule"], values["temperatures"]
        steps = s["steps"]
        self.loss = main.DINOLoss(head["prototypes"], 10, t["teacher"], t["teacher"], 0, steps, t["student"])
        self.loss.double()
        self.optimizer = torch.optim.AdamW(self.utils.get_params_groups(self.student))
        cosine = self.utils.cosine_scheduler
        self.rates = cosine(s["learningRate"], s["finalLearningRate"], steps, 1, s["warmupSteps"])
        self.decays = cosine(s["weightDecay"], s["finalWeightDecay"], steps, 1)
        self.momenta = cosine(s["momentum"], s["finalMomentum"], steps, 1)

    def step(self, images):
        it = self.step_number
        for i, group in enumerate(self.optimizer.param_groups):
            group["lr"] = self.rates[it]
            if i == 0:
                group["weight_decay"] = self.decays[it]
        loss = self.loss(self.student(images), self.teacher(images[:2]), it)
        self.optimizer.zero_grad()
        loss.backward()
        self.utils.clip_gradients(self.student, self.rules["clip"])
        self.utils.cancel_gradients_last_layer(it, self.student, self.rules["schedule"]["freezeSteps"])
        self.optimizer.step()
        with torch.no_grad():
            m = self.momenta[it]
            for q, k in zip(self.student.parameters(), self.teacher.parameters()):
                k.data.mul_(m).add_((1 - m) * q.detach().data)
        self.step_number += 1
        return loss.item()


def trajectories(code, values, tensors):
    deviations, golden = {}, {}
    for case in values["networks"]:
        label = case["label"]
        mine = prefixed(tensors, label + "/")
        training = Training(code, case, prefixed(mine, "start/"), values)
        worst, losses = {}, []
        for i in range(values["steps"]):
            ours = prefixed(mine, f"{i}/")
            losses.append(training.step(crops(ours["globals"]) + crops(ours["locals"])))
            found = {"loss": apart(ours["loss"], [losses[-1]]), "centre": apart(ours["centre"], training.loss.center)}
            for who in ("student", "teacher"):
                theirs = flat(getattr(training, who), case["architecture"])
                found[who] = moved(prefixed(ours, f"{who}/"), theirs)
            worst = {name: max(value, worst.get(name, 0)) for name, value in found.items()}
        deviations |= {f"{label}: {name}": value for name, value in worst.items()}
        student = flat(training.student, case["architecture"])
        golden[label] = {
            "loss": rounded(losses),
            "centre": rounded(training.loss.center),
            "student": {name: checksum(value) for name, value in student.items()},
        }
    return deviations, golden


def moved(ours, theirs):
    """‖difference‖ ÷ ‖theirs‖ of a whole network."""
    assert set(ours) == set(theirs)
    a, b = (np.concatenate([np.asarray(x[name], np.float64).ravel() for name in theirs]) for x in (ours, theirs))
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def measures(view):
    """Numbers that the kinds of changes move; view [side, side, 3] in [0, 1]."""
    grey = np.abs(view - view.mean(2, keepdims=True)).max() < 0.02
    saturation = (view.max(2) - view.min(2)).mean()
    sharpness = np.abs(np.diff(view, axis=1)).mean()
    return [view.mean(), view.std(), saturation, sharpness, float(grey), view.mean((0, 1))[0] - view.mean((0, 1))[2]]


NAMES = ["brightness", "contrast", "saturation", "sharpness", "share of grey", "red − blue"]


def views(code, tensors):
    """Their augmentation of the same images, with the sizes of 32-pixel images; differences in standard errors."""
    _, _, main, _ = code
    augmentation = main.DataAugmentationDINO((0.4, 1.0), (0.05, 0.4), 8)
    transforms = [augmentation.global_transfo1, augmentation.global_transfo2, augmentation.local_transfo]
    for transform, side in zip(transforms, (32, 32, 13)):
        transform.transforms[0].size = (side, side)
    torch.manual_seed(0)
    import random

    random.seed(0)
    ours = {"global 1": tensors["globals"][:, 0], "global 2": tensors["globals"][:, 1]}
    ours["local"] = tensors["locals"].reshape(-1, 13, 13, 3)
    theirs = {kind: [] for kind in ours}
    for image in tensors["images"]:
        made = augmentation(Image.fromarray(image))
        for kind, part in zip(theirs, (made[:1], made[1:2], made[2:])):
            theirs[kind] += [np.asarray(v.permute(1, 2, 0)) * STD + MEAN for v in part]
    deviations = {}
    for kind in ours:
        a, b = (np.array([measures(v) for v in x]) for x in (ours[kind] / 255, theirs[kind]))
        error = np.sqrt(a.var(0) / len(a) + b.var(0) / len(b))
        for name, z in zip(NAMES, np.abs(a.mean(0) - b.mean(0)) / error):
            deviations[f"{kind}: {name}"] = float(z)
    return deviations


def counts(code, values):
    """Parameters of the paper's models by their classes."""
    _, _, _, models = code
    import torchvision

    resnet50 = torchvision.models.resnet50
    models.torchvision.models.resnet50 = lambda pretrained: resnet50()  # its weights do not matter here
    found = {}
    for label, architecture in values["counted"].items():
        if label.startswith("resnet50"):
            model = models.ResNet50(inpt_shape=(3, 32, 32), agg_dim=128, h_size=256)
        else:
            model = backbone_of(models, architecture)
        found[label] = sum(p.numel() for p in model.parameters())
    models.torchvision.models.resnet50 = resnet50
    return found


def main(folder, dino, dinoclr):
    torch.set_default_dtype(torch.float64)
    values = json.loads((Path(folder) / "values.json").read_text())
    tensors = load_file(Path(folder) / "tensors.safetensors")
    with contextlib.redirect_stdout(sys.stderr):  # their models print
        code = load_code(dino, dinoclr)
        deviations, golden = trajectories(code, values, prefixed(tensors, "trajectory/"))
        found = counts(code, values)
        apartness = views(code, prefixed(tensors, "views/"))
    print(json.dumps({"deviations": deviations, "views": apartness, "golden": {**golden, "parameters": found}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
