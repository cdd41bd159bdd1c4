/**
 * Multi-crop augmentation, the ten views of docs/recipe.md, against torchvision: on one core, and on all.
 *
 * torchvision gets the same recipe as transforms (v2) of one image at a time, as a data loader's workers call them, once
 * on uint8 tensors and once on Pillow's images; a process a core, one thread each. Neither side normalises.
 *
 * @module
 */
import { byTurns, type Comparison, type Options, runsOf } from "../peer_comparison.ts";
import { type Entry, entryOf } from "../peer_entry.ts";
import { ownResult, peerResult, sciencePython, versionsIn } from "../peer_processes.ts";

const OWN = new URL("./own_augmentation.ts", import.meta.url);
const PEER = new URL("./torchvision_views.py", import.meta.url);
const CORES = navigator.hardwareConcurrency;

interface Case {
  readonly name: string;
  readonly pillow: boolean;
  readonly cores: number;
}

const CASES: readonly Case[] = [
  { name: "augmentation/multi-crop", pillow: false, cores: 1 },
  { name: "augmentation/multi-crop/all-cores", pillow: false, cores: CORES },
  { name: "augmentation/multi-crop/pillow", pillow: true, cores: 1 },
];

export const augmentation: Comparison = {
  names: CASES.map(({ name }) => name),
  versions: async () => versionsIn(await sciencePython(), ["torchvision", "pillow"]),
  async *run(options: Options): AsyncGenerator<Entry> {
    const python = await sciencePython();
    for (const { name, pillow, cores } of CASES.filter(({ name }) => options.wanted(name))) {
      const measured = await byTurns(options.runs, {
        ours: () => ownResult(OWN, { cores }),
        peer: () => peerResult(python, PEER, { pillow, cores }),
      });
      const on = pillow ? "Pillow's images" : "uint8 tensors";
      const each = cores === 1 ? "1 process" : `${cores} processes`;
      yield entryOf({
        name,
        backend: "javascript",
        mode: "8 bits",
        unit: "images/s",
        against: `torchvision v2 on ${on}, ${each}`,
      }, runsOf(measured, "imagesPerSecond"));
    }
  },
};
