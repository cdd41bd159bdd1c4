/**
 * Teachers of every kind of network as an archive writes them, `onnx/….onnx`, read by onnxruntime. Run by
 * `deno task test:archive`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../../formats/safetensors.ts";
import type { Json } from "../../pipeline/stage.ts";
import emaTeacher from "../../stages/ema_teacher/mod.ts";
import type { TrainMeta } from "../../stages/train/params.ts";
import { toPublic } from "../../treenet/nn/weights.ts";
import { archive } from "../../workflow/archive_policy/policy.ts";
import { pythonWith } from "../fixtures/python.ts";
import { type Case, drawnWeights, smallCases } from "../reference/drawn_networks.ts";
import { artifact, Workshop } from "../stages/train/short_training.ts";

const here = (name: string) => fileURLToPath(new URL(`../pipeline/archive/${name}`, import.meta.url));
const shop = new Workshop();

Deno.test("onnxruntime computes the features of every kind of network, to 1e-4", async () => {
  const python = await pythonWith(here("requirements.txt"));
  const data = await shop.data(), bag = shop.folder(), kinds = smallCases();
  await Deno.mkdir(`${bag}/data/onnx`, { recursive: true });
  for (const kind of kinds) await packed(kind, { bag, data });
  const printed = await python.run(here("check_onnx.py"), bag, data.dir);
  const found = [...printed.matchAll(/^onnx: (\S+)-0 differs by at most \S+$/gm)].map(([, name]) => name);
  assertEquals(found.sort(), kinds.map(nameOf).sort());
});

/** The teacher's artifact and its ONNX file, where a bag has them. */
async function packed(
  kind: Case,
  { bag, data }: { readonly bag: string; readonly data: Awaited<ReturnType<Workshop["data"]>> },
): Promise<void> {
  const { network: { teacherSpecs: specs }, model: type, architecture } = kind;
  const trained = shop.folder(), model = nameOf(kind);
  await writeSafetensors(`${trained}/teacher.safetensors`, toPublic(specs, drawnWeights(specs, 1)));
  const params = emaTeacher.params.parse({
    ...{ model, type, seed: 0, trainImages: 20, testImages: 10 },
    architecture: architecture as { readonly [field: string]: Json },
  });
  const { out } = await shop.run(emaTeacher, params, {
    trained: artifact(trained, {} as TrainMeta),
    data,
  });
  const teacher = artifact(out, {});
  const [{ name, bytes }] = await archive.derive!({
    ...teacher,
    key: { ...teacher.key, stage: "ema-teacher" },
  });
  await Deno.writeFile(`${bag}/data/${name}`, bytes);
  const folder = `${bag}/data/repository/artifacts/ema-teacher/${model}-0`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.symlink(out, `${folder}/key`);
}

/** The label as a variant's name. */
function nameOf({ label }: Case): string {
  return label.toLowerCase().replaceAll(/[ ,]+/g, "-");
}
