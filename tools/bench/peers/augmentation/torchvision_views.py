"""Views of noise by torchvision's transforms for some seconds: the recipe of docs/recipe.md, Augmentation.

Takes a job as JSON, {pillow, cores}; prints how many images a second all processes made together.
"""
import json
import multiprocessing
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode, v2

IMAGES = 64
WARM, TIMED = 1, 2  # seconds


class PillowBlur:
    """What DINO's data loader blurs with."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(float(torch.empty(1).uniform_(0.1, 2))))


def view(size, scale, blur, solarise, pillow):
    # A kernel of 13 pixels holds three standard deviations of any radius drawn.
    blurred = PillowBlur() if pillow else v2.GaussianBlur(13, (0.1, 2))
    changes = [
        v2.RandomResizedCrop(size, scale, (3 / 4, 4 / 3), InterpolationMode.BICUBIC, antialias=True),
        v2.RandomHorizontalFlip(0.5),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.2, 0.1)], 0.8),
        v2.RandomGrayscale(0.2),
        blurred if blur == 1 else v2.RandomApply([blurred], blur),
    ]
    return v2.Compose(changes + ([v2.RandomSolarize(128, solarise)] if solarise > 0 else []))


def recipe(pillow):
    first, second = (view(32, (0.4, 1), blur, solarise, pillow) for blur, solarise in ((1, 0), (0.1, 0.2)))
    return [first, second] + 8 * [view(13, (0.05, 0.4), 0.5, 0, pillow)]


def images_in(seconds, views, images):
    """Whole rounds until the time is over → how many images, seconds."""
    start, made = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        for image in images:
            for make in views:
                make(image)
        made += len(images)
    return made, time.perf_counter() - start


def work(index, pillow, ready, rates):
    torch.set_num_threads(1)
    torch.manual_seed(index)
    noise = np.random.default_rng(index).integers(0, 256, (IMAGES, 32, 32, 3), np.uint8)
    images = [Image.fromarray(x) if pillow else torch.from_numpy(x).permute(2, 0, 1).contiguous() for x in noise]
    views = recipe(pillow)
    images_in(WARM, views, images)
    ready.wait()
    made, seconds = images_in(TIMED, views, images)
    rates.put(made / seconds)


def main():
    job = json.loads(sys.argv[1])
    context = multiprocessing.get_context("spawn")
    ready, rates = context.Barrier(job["cores"]), context.Queue()
    processes = [
        context.Process(target=work, args=(i, job["pillow"], ready, rates)) for i in range(job["cores"])
    ]
    for process in processes:
        process.start()
    total = sum(rates.get() for _ in processes)
    for process in processes:
        process.join()
    print(json.dumps({"imagesPerSecond": total}))


if __name__ == "__main__":
    main()
