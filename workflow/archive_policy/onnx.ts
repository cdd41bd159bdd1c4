/**
 * The frozen teacher as ONNX, made for the archive from an `ema-teacher` artifact.
 *
 * @module
 */
import { join } from "node:path";
import type { Artifact } from "../../pipeline/stage.ts";
import type { Derived } from "../../pipeline/archive_policy.ts";
import { readSafetensors } from "../../formats/safetensors.ts";
import { encoderOnnx, OPSET } from "../../treenet/onnx/mod.ts";

/** Fields of model.json that are read here. */
interface Described {
  readonly model: string;
  readonly seed: number;
  readonly leaves: number;
  readonly architecture: { readonly strides?: readonly number[]; readonly maxPool?: boolean };
}

/** `onnx/<model>-<seed>.onnx`; empty for other stages and for networks that ONNX cannot express here. */
export async function teacherOnnx({ key, dir }: Artifact): Promise<readonly Derived[]> {
  if (key.stage !== "ema-teacher") return [];
  const { model, seed, leaves, architecture }: Described = JSON.parse(
    await Deno.readTextFile(join(dir, "model.json")),
  );
  const { tensors } = await readSafetensors(join(dir, "teacher.safetensors"));
  const bytes = encoderOnnx({ name: `${model}-${seed}`, leaves, ...architecture, tensors });
  if (bytes === undefined) return [];
  const outputs = leaves > 1 ? "`embedding` [n, d] and `leaves` [n, m, 128]" : "`embedding` [n, d]";
  return [{
    name: `onnx/${model}-${seed}.onnx`,
    bytes,
    description:
      `the teacher of ${model}, seed ${seed}, as ONNX (opset ${OPSET}): \`images\` float32 [n, 3, 32, 32], sRGB in [0, 1] → ${outputs}`,
  }];
}
