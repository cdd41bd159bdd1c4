"""Trains a small tree by the released code itself: `python train_public.py DINOCLR DATA CLASS SEED OUT`.

DINOCLR is a checkout of branch `proto` of grantsrb/dinoclr, DATA a folder with CIFAR-10's binary batches, CLASS `leaf`
(TreeCNN) or `grouped` (GroupedTreeCNN). Arguments, loop, loss, optimiser, schedules and views are those of its
`main_dino.py`. Replaced while it runs: the GPU and the process group by one process on a CPU, the download of the data by
the first 10,000 images, the head's inner widths (its arguments do not name them), one stride for all layers by one for
each. Writes `log.csv` (loss and entropy of the teacher's distributions, by step) and the teacher after every second epoch,
with our names, into `snapshots/`.
"""

import csv
import math
import random
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file

IMAGES, EPOCHS, BATCH, KEPT_EVERY = 10_000, 10, 64, 2
CHANNELS, STRIDES, LEAVES, SIZE, JOIN = [8, 16, 32, 48, 64], [2, 1, 1, 2, 1], 8, 128, 256
PROTOTYPES = 1024
ARGUMENTS = {
    "n_cnns": LEAVES, "chans": CHANNELS, "strides": 1, "agg_fxn": "DenseJoin", "agg_dim": SIZE, "h_size": JOIN,
    "out_dim": PROTOTYPES, "img_shape": [3, 32, 32], "local_crops_number": 0, "global_crops_scale": [0.14, 1],
    "use_fp16": False, "batch_size_per_gpu": BATCH, "epochs": EPOCHS, "warmup_epochs": 1, "lr": 0.003,
    "momentum_teacher": 0.99, "num_workers": 0, "saveckp_freq": 0, "data_path": "cifar10",
}  # fmt: skip
CLASSES = {"leaf": "TreeCNN", "grouped": "GroupedTreeCNN"}


class Cifar(torch.utils.data.Dataset):
    """Stands in for torchvision's, which wants another format of the same data."""

    folder = None

    def __init__(self, root, train, transform):
        records = np.fromfile(Cifar.folder / "data_batch_1.bin", np.uint8).reshape(-1, 3073)[:IMAGES]
        self.labels, self.transform = records[:, 0], transform
        self.images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.images[i])), int(self.labels[i])


class Alone(torch.nn.Module):
    """Stands in for DistributedDataParallel with one process."""

    def __init__(self, module, device_ids=None):
        super().__init__()
        self.module = module

    def forward(self, *inputs):
        return self.module(*inputs)


def without_gpu():
    torch.set_num_threads(1)
    for kind in (torch.nn.Module, torch.Tensor):
        kind.cuda = lambda self, *_, **__: self
    torch.cuda.synchronize = lambda: None
    torch.hub.list = lambda _: []
    torch.distributed.all_reduce = lambda tensor: tensor
    torch.distributed.get_world_size = lambda *_: 1
    torch.distributed.get_rank = lambda *_: 0
    torch.nn.parallel.DistributedDataParallel = Alone


def watched(loss, log):
    """Their loss, whose every step is written down; the entropy is that of the distributions it makes of the teacher."""
    step, began = 0, time.monotonic()

    def forward(self, student, teacher, epoch):
        nonlocal step
        with torch.no_grad():
            p = torch.log_softmax((teacher - self.center) / self.teacher_temp_schedule[epoch], -1)
            entropy = -(p.exp() * p).sum(-1).mean().item()
        value = loss(self, student, teacher, epoch)
        step += 1
        log.writerow([step * BATCH, value.item(), entropy, round(time.monotonic() - began, 1)])
        return value

    return forward


def arguments_of(main, settings):
    """As its command line would give them."""
    words = []
    for name, value in settings.items():
        words += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    args = main.get_args_parser().parse_args(words)
    args.cls, args.share_base, args.lnorm = args.cls == "True", args.share_base == "True", args.lnorm == "True"
    return args


def train(dinoclr, data, kind, seed, out):
    without_gpu()
    sys.path.insert(0, dinoclr)
    import main_dino as main

    sys.path.append(str(Path(__file__).parent.parent))
    from public_code import flat

    out = Path(out)
    (out / "snapshots").mkdir(parents=True)
    random.seed(seed)  # of blur and solarisation; theirs are never seeded
    Cifar.folder = Path(data)
    main.datasets.CIFAR10 = Cifar
    main.utils.init_distributed_mode = lambda args: setattr(args, "gpu", 0)
    main.DINOHead = partial(main.DINOHead, hidden_dim=512, bottleneck_dim=128)
    args = arguments_of(main, {"arch": CLASSES[kind], "seed": seed, **ARGUMENTS})
    args.strides, args.output_dir = STRIDES, str(out)
    architecture = {"channels": CHANNELS, "joinWidths": [JOIN, JOIN, SIZE]}

    def keep(teacher, epoch):
        images = epoch * (IMAGES // BATCH) * BATCH
        save_file(
            {name: value for name, value in flat(teacher, architecture).items() if name.startswith("encoder.")},
            out / "snapshots" / f"{images}.safetensors",
        )

    theirs = main.train_one_epoch

    def one_epoch(student, teacher, teacher_without_ddp, *rest):
        epoch = rest[6]
        if epoch == 0:
            keep(teacher_without_ddp, 0)
        stats = theirs(student, teacher, teacher_without_ddp, *rest)
        if (epoch + 1) % KEPT_EVERY == 0:
            keep(teacher_without_ddp, epoch + 1)
        return stats

    main.train_one_epoch = one_epoch
    with open(out / "log.csv", "w", buffering=1) as file:
        log = csv.writer(file)
        log.writerow(["images", "loss", "teacher_entropy", "seconds"])
        main.DINOLoss.forward = watched(main.DINOLoss.forward, log)
        main.train_dino(args)


if __name__ == "__main__":
    train(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
