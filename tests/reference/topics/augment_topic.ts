import { CHANGES, SIDE } from "../our_augment.ts";
import { tensor, type Tensors } from "../exchange.ts";
import { drawnImages } from "../drawn_networks.ts";
import type { Topic } from "../topic.ts";
import { random } from "../../../treenet/random.ts";

const IMAGES = 48;
/** Largest difference from torchvision's tensors, 0–255. */
const LARGEST: Readonly<Record<string, number>> = {
  crop: 2,
  flip: 0,
  brightness: 1,
  contrast: 2,
  saturation: 2,
  hue: 12,
  jitter: 16,
  grayscale: 1,
  blur: 32,
  solarise: 0,
};

const topic: Topic = {
  name: "augment",
  subject:
    "Every transform beside torchvision's with the same drawn parameters. On Pillow's images, which is how DINO " +
    "loads its data, ours has the same bits. torchvision's code for tensors differs a little: grey has other weights and " +
    "is cut off where Pillow rounds it (contrast, saturation, grayscale), bicubic weights have fewer bits, hue is a real " +
    "number and not one of 256 steps, and blur is a sampled Gaussian with mirrored edges where Pillow has three boxes and " +
    "repeated edges; jitter adds some of these up.",
  unit: "steps of an 8-bit value",
  tolerances: Object.fromEntries(
    Object.keys(CHANGES).flatMap((change) => [
      [`${change}, on Pillow's images: largest`, 0],
      [`${change}, on tensors: largest`, LARGEST[change]],
      [`${change}, on tensors: mean`, null],
      [`${change}, on tensors: share of values that differ`, null],
    ]),
  ),
  exported: () => {
    const images = drawnImages(IMAGES, 11);
    const bytes = SIDE * SIDE * 3;
    const tensors: Record<string, Tensors[string]> = {};
    const draws = Object.entries(CHANGES).map(([name, change], kind) => {
      const each = Array.from({ length: IMAGES }, (_, i) => {
        const image = images.subarray(i * bytes, (i + 1) * bytes);
        const { options, size, pixels } = change(image, random(12, kind, i));
        tensors[`${name}/${i}/in`] = tensor(image.slice(), SIDE, SIDE, 3);
        tensors[`${name}/${i}/out`] = tensor(pixels, size, size, 3);
        return options;
      });
      return [name, each] as const;
    });
    return Promise.resolve({ values: { draws: Object.fromEntries(draws) }, tensors });
  },
};

export default topic;
