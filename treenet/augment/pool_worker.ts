/// <reference lib="deno.worker" />
/**
 * A thread of {@linkcode AugmentPool}.
 *
 * @module
 */
import type { Order, Reply, Setup } from "./pool.ts";
import { viewBytes, type Views, writeViews } from "./make_views.ts";

const IMAGE_BYTES = 32 * 32 * 3;
let setup: Setup;

self.onmessage = ({ data }: MessageEvent<Setup | Order>) => {
  if (data.type === "setup") {
    setup = data;
    return reply({ type: "ready" });
  }
  try {
    const views = make(data);
    reply({ type: "views", id: data.id, views }, [views.globals.buffer, views.locals.buffer]);
  } catch (error) {
    reply({ type: "failed", id: data.id, message: error instanceof Error ? error.message : String(error) });
  }
};

function make({ round, indices, imageIds }: Order): Views {
  const { recipe, seed, images } = setup;
  const bytes = viewBytes(recipe);
  const globals = new Uint8Array(indices.length * bytes.globals);
  const locals = new Uint8Array(indices.length * bytes.locals);
  indices.forEach((index, i) => {
    writeViews(recipe, images.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES), {
      key: { seed, image: imageIds[i], round },
      globals: globals.subarray(i * bytes.globals, (i + 1) * bytes.globals),
      locals: locals.subarray(i * bytes.locals, (i + 1) * bytes.locals),
    });
  });
  return { globals, locals };
}

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}
