"""Views made by Pillow itself, to hold ours against.

Prints golden.json: the MD5 of all views of some drawn images, for the default recipe and for one in which every
transform is on. The draws are ours (sfc32, in the order of treenet/augment/make_views.ts), the pixels Pillow's, the
steps torchvision's (RandomResizedCrop, ColorJitter, adjust_hue) and DINO's (blur, solarise).

    pip install pillow==12.0.0 numpy==2.4.6 && python golden.py > golden.json

Pillow from 13.0 on resizes columns first where that is cheaper, and so rounds some crops differently.
"""

import hashlib
import json
import math

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

MASK = 0xFFFFFFFF
SIDE = 32
IMAGES = 24


class Random:
    """sfc32, as treenet/random.ts seeds it."""

    def __init__(self, a, b, c, d):
        self.a, self.b, self.c, self.counter = a, b, c, d ^ 0x9E3779B9
        for _ in range(15):
            self.next()

    def next(self):
        out = (self.a + self.b + self.counter) & MASK
        self.counter = (self.counter + 1) & MASK
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & MASK
        self.c = (((self.c << 21) | (self.c >> 11)) + out) & MASK
        return out

    def uniform(self, low=0.0, high=1.0):
        first = self.next() * 0x200000
        return low + (high - low) * ((first + (self.next() >> 11)) / 2**53)

    def integer(self, n):
        return math.floor(self.uniform() * n)


def draw_image(n):
    """The n-th image: smooth bands, or noise where n is odd."""
    if n % 2 == 0:
        y, x, c = np.mgrid[0:SIDE, 0:SIDE, 0:3]
        return ((7 * x + 3 * y + 85 * c + (x * y) % 17 * 2 + 31 * n) & 255).astype(np.uint8)
    state, values = n, []
    for _ in range(SIDE * SIDE * 3):
        state = (1103515245 * state + 12345) & 0x7FFFFFFF
        values.append(state >> 16 & 255)
    return np.array(values, np.uint8).reshape(SIDE, SIDE, 3)


def draw_box(stream, scale, aspect):
    for _ in range(10):
        area = SIDE * SIDE * stream.uniform(*scale)
        ratio = math.exp(stream.uniform(math.log(aspect[0]), math.log(aspect[1])))
        width = round(math.sqrt(area * ratio))
        height = round(math.sqrt(area / ratio))
        if 0 < width <= SIDE and 0 < height <= SIDE:
            top = stream.integer(SIDE - height + 1)
            left = stream.integer(SIDE - width + 1)
            return left, top, left + width, top + height
    width, height = SIDE, SIDE
    if aspect[0] > 1:
        height = round(width / aspect[0])
    elif aspect[1] < 1:
        width = round(height * aspect[1])
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    return left, top, left + width, top + height


def turn_hue(image, turn):
    h, s, v = image.convert("HSV").split()
    turned = np.array(h, np.uint8) + np.int32(turn * 255).astype(np.uint8)
    return Image.merge("HSV", (Image.fromarray(turned), s, v)).convert("RGB")


def jitter(image, stream, strengths):
    order = [0, 1, 2, 3]
    for i in (3, 2, 1):
        j = stream.integer(i + 1)
        order[i], order[j] = order[j], order[i]
    brightness, contrast, saturation, hue = strengths
    factors = [stream.uniform(max(0, 1 - x), 1 + x) for x in (brightness, contrast, saturation)]
    factors.append(stream.uniform(-hue, hue))
    for change in order:
        if change == 3:
            image = turn_hue(image, factors[3])
        else:
            enhance = (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color)[change]
            image = enhance(image).enhance(factors[change])
    return image


def make_view(image, stream, size, scale, blur, solarise, recipe):
    box = draw_box(stream, scale, recipe["aspect"])
    image = image.crop(box).resize((size, size), Image.Resampling.BICUBIC)
    if stream.uniform() < recipe["flip"]:
        image = ImageOps.mirror(image)
    if stream.uniform() < recipe["jitter"]:
        image = jitter(image, stream, recipe["strengths"])
    if stream.uniform() < recipe["grayscale"]:
        image = image.convert("L").convert("RGB")
    if stream.uniform() < blur:
        image = image.filter(ImageFilter.GaussianBlur(stream.uniform(0.1, 2)))
    if stream.uniform() < solarise:
        image = ImageOps.solarize(image)
    return image


DEFAULT = dict(
    aspect=(3 / 4, 4 / 3), flip=0.5, jitter=0.8, strengths=(0.4, 0.4, 0.2, 0.1), grayscale=0.2,
    global_scale=(0.4, 1), local_scale=(0.05, 0.4), blur=(1, 0.1, 0.5), solarise=(0, 0.2, 0),
)
EVERYTHING = dict(
    aspect=(1.5, 2.5), flip=1, jitter=1, strengths=(0.9, 0.9, 0.9, 0.5), grayscale=0.3,
    global_scale=(0.5, 1), local_scale=(0.01, 1), blur=(1, 1, 1), solarise=(0.5, 0.5, 0.5),
)


def views(n, recipe):
    image = Image.fromarray(draw_image(n))
    for view in range(10):
        size, scale = (32, recipe["global_scale"]) if view < 2 else (13, recipe["local_scale"])
        kind = min(view, 2)
        stream = Random(7, n, 3, view)
        yield make_view(image, stream, size, scale, recipe["blur"][kind], recipe["solarise"][kind], recipe)


def digest(n, recipe):
    return hashlib.md5(b"".join(np.asarray(view).tobytes() for view in views(n, recipe))).hexdigest()


golden = {
    "default": [digest(n, DEFAULT) for n in range(IMAGES)],
    "everything": [digest(n, EVERYTHING) for n in range(IMAGES)],
}
print(json.dumps(golden, indent=2))
