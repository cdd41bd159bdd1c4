"""Each transform by torchvision, on tensors and on Pillow's images, with parameters that are given.

Pixels are uint8 [H, W, 3]. A change's parameters are as our TypeScript names them.
"""

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

BICUBIC = InterpolationMode.BICUBIC
JITTER = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]


def torch_blur(x, radius):
    """A true Gaussian; Pillow's is three box blurs. Kernel of 13 pixels: beyond 3 standard deviations of any radius."""
    return F.gaussian_blur(x, [13, 13], [radius, radius])


def crop(x, o):
    box = o["top"], o["left"], o["height"], o["width"]
    return F.resized_crop(x, *box, [o["size"], o["size"]], BICUBIC, antialias=True)


def jitter(x, o):
    """Brightness, contrast, saturation and hue in the drawn order."""
    for change in o["order"]:
        x = JITTER[change](x, o["factors"][change])
    return x


def gray(x, o):
    return F.rgb_to_grayscale(x, num_output_channels=3)


def blur(x, o):
    if isinstance(x, Image.Image):
        return x.filter(ImageFilter.GaussianBlur(o["radius"]))
    return torch_blur(x, o["radius"])


def solarise(x, o):
    return ImageOps.solarize(x, o["threshold"]) if isinstance(x, Image.Image) else F.solarize(x, o["threshold"])


CHANGES = {
    "crop": crop,
    "flip": lambda x, o: F.horizontal_flip(x),
    "brightness": lambda x, o: F.adjust_brightness(x, o["factor"]),
    "contrast": lambda x, o: F.adjust_contrast(x, o["factor"]),
    "saturation": lambda x, o: F.adjust_saturation(x, o["factor"]),
    "hue": lambda x, o: F.adjust_hue(x, o["factor"]),
    "jitter": jitter,
    "grayscale": gray,
    "blur": blur,
    "solarise": solarise,
}


def on_image(pixels, change, options):
    """By torchvision on Pillow's 8-bit image: what DINO's data loader does."""
    return np.asarray(CHANGES[change](Image.fromarray(pixels), options))


def on_tensor(pixels, change, options):
    """By torchvision on a uint8 tensor."""
    x = torch.as_tensor(pixels).permute(2, 0, 1)
    return CHANGES[change](x, options).permute(1, 2, 0).numpy()
