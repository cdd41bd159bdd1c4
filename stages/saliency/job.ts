/**
 * All parts of the saliency stage work on the same job.
 *
 * @module
 */
import type { Artifact, Context } from "../../pipeline/stage.ts";
import type { Encoder, Ops } from "../../treenet/nn/types.ts";
import type { SaliencyParams } from "./params.ts";

export interface Job {
  readonly context: Context;
  readonly params: SaliencyParams;
  readonly teacher: Artifact<unknown>;
  readonly data: Artifact<unknown>;
  readonly encoder: Encoder;
  readonly ops: Ops;
}
