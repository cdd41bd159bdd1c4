/**
 * Estimated cost of probing every layer.
 *
 * @module
 */
import type { Estimate, EstimateContext } from "../../pipeline/stage.ts";
import type { Method } from "../../treenet/method.ts";
import { encoderOf, leafFeatures, linearSeconds, moduleOf, passSeconds } from "../../treenet/rates.ts";
import type { ParameterSpec } from "../../treenet/nn/types.ts";
import type { LayerProbeParams } from "./params.ts";

const NETWORKS = 2;
const COPIES = 4; // of the widest layer's outputs, in float64, while they are fitted

export function estimateLayerProbe(params: LayerProbeParams, { modules }: EstimateContext): Estimate {
  const { architecture, trainImages, testImages, holdout, l2, widest, heads, released } = params;
  const encoder = encoderOf(modules, architecture);
  const { specs } = moduleOf<Method>(modules.method).build(encoder.size, heads);
  const widths = [...outputsOf(encoder.specs, "join."), ...outputsOf(specs, ""), leafFeatures(encoder)]
    .filter((size) => size > 0 && size <= widest);
  const train = (1 - holdout) * trainImages;
  const fits = widths.map((size) => linearSeconds({ train, size }, { penalties: l2.length }));
  const all = fits.reduce((sum, seconds) => sum + seconds, 0);
  const count = (NETWORKS + (released === null ? 0 : 1)) * (trainImages + testImages);
  const seconds = count * passSeconds(encoder);
  return {
    seconds: 1 + seconds + NETWORKS * all + (released === null ? 0 : all),
    units: { count, seconds },
    disk: 40 * testImages,
    memory: 1_500_000_000 + COPIES * 8 * train * Math.max(encoder.size, ...widths),
  };
}

/** Outputs of the linear layers under a prefix. */
function outputsOf(specs: readonly ParameterSpec[], prefix: string): readonly number[] {
  return specs.filter(({ name, layout }) => name.startsWith(prefix) && layout === "linear")
    .map(({ shape }) => shape[1]);
}
