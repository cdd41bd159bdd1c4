"""Each transform beside torchvision's, on Pillow's images and on tensors, in steps of 8-bit pixels."""

import numpy as np

from augment import on_image, on_tensor


def check(values, tensors):
    deviations = {}
    for change, draws in values["draws"].items():
        gaps = {"on Pillow's images": [], "on tensors": []}
        for i, options in enumerate(draws):
            pixels, ours = tensors[f"{change}/{i}/in"], tensors[f"{change}/{i}/out"].astype(int)
            for kind, transform in zip(gaps, (on_image, on_tensor)):
                gaps[kind].append(np.abs(ours - transform(pixels, change, options)).ravel())
        for kind, found in gaps.items():
            gap = np.concatenate(found)
            deviations[f"{change}, {kind}: largest"] = int(gap.max())
            if kind == "on tensors":
                deviations[f"{change}, {kind}: mean"] = float(gap.mean())
                deviations[f"{change}, {kind}: share of values that differ"] = float((gap > 0).mean())
    return {"deviations": deviations}
