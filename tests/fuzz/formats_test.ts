/**
 * Readers of files meet damaged and forged ones. What a reader accepts is compared with what a second, naive reader of
 * the same bytes finds: nothing is accepted in part.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { crc32, gzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { formatRecords, parseRecords, RECORD_BYTES } from "../../formats/cifar.ts";
import { formatCsv, parseCsv } from "../../formats/csv.ts";
import { readNpy, writeNpy } from "../../formats/npy.ts";
import { decodePng, encodePng } from "../../formats/png.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import { loadCheckpoint, saveCheckpoint } from "../../stages/train/checkpoint.ts";
import { fetchBatches } from "../../stages/download/run.ts";
import { readUserPng } from "../../workflow/commands/predict/user_png.ts";
import { tinyCifar } from "../fixtures/tiny_cifar.ts";
import { attempt, cases, mutated, mutatedJson } from "./mutation.ts";

const path = await Deno.makeTempFile({ prefix: "fuzz-" });
addEventListener("unload", () => Deno.removeSync(path));

const text = new TextDecoder("latin1");

Deno.test("fuzz: safetensors", async () => {
  const whole = encodeSafetensors({
    tensors: {
      w: { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
      b: { shape: [], data: Float32Array.of(7) },
      none: { shape: [0, 5], data: new Float32Array() },
    },
    metadata: { model: "cnn" },
  });
  const valid = fc.constantFrom(
    whole,
    encodeSafetensors({ tensors: { a: { shape: [1], data: Float32Array.of(1) } }, metadata: {} }),
  );
  const forged = mutatedJson(fc.constant(headerOf(whole))).map((header) => withHeader(whole, header));
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated(valid), forged), async (bytes) => {
      const found = await attempt(() => decodeSafetensors(bytes, { path }));
      if (found === undefined) return;
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const { __metadata__ = {}, ...entries } = JSON.parse(text.decode(bytes.subarray(8, 8 + length)));
      assertEquals(found.metadata, __metadata__);
      assertEquals(Object.keys(found.tensors).sort(), Object.keys(entries).map(utf8).sort());
      for (const [name, { shape, data_offsets: [from, to] }] of Object.entries<Entry>(entries)) {
        assertEquals(found.tensors[utf8(name)].shape, shape);
        const { buffer } = found.tensors[utf8(name)].data;
        assertEquals(new Uint8Array(buffer), bytes.slice(8 + length + from, 8 + length + to));
      }
      const sizes = Object.values<Entry>(entries).map(({ data_offsets: [from, to] }) => to - from);
      assertEquals(sizes.reduce((sum, size) => sum + size, 8 + length), bytes.length);
    }),
    cases(2500),
  );
});

function headerOf(bytes: Uint8Array<ArrayBuffer>): unknown {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  return JSON.parse(text.decode(bytes.subarray(8, 8 + length)));
}

/** The same numbers behind another header, whose length is right: a forger would do as much. */
function withHeader(bytes: Uint8Array<ArrayBuffer>, header: unknown): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const json = new TextEncoder().encode(JSON.stringify(header) ?? "");
  const size = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  return new Uint8Array([...size, ...json, ...bytes.subarray(8 + length)]);
}

interface Entry {
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function utf8(latin: string): string {
  return new TextDecoder().decode(Uint8Array.from(latin, (character) => character.charCodeAt(0)));
}

Deno.test("fuzz: npy", async () => {
  const valid: Uint8Array[] = [];
  for (
    const array of [
      { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
      { shape: [4], data: Uint8Array.of(1, 2, 3, 4) },
      { shape: [0, 7], data: new Int32Array() },
      { shape: [], data: Float64Array.of(1) },
    ]
  ) {
    await writeNpy(path, array);
    valid.push(await Deno.readFile(path));
  }
  await fc.assert(
    fc.asyncProperty(mutated(fc.constantFrom(...valid)), async (bytes) => {
      await Deno.writeFile(path, bytes);
      const found = await attempt(() => readNpy(path));
      if (found === undefined) return;
      const start = 10 + bytes[8] + 256 * bytes[9];
      const header = text.decode(bytes.subarray(10, start));
      const shape = /\(([\d, ]*)\)/.exec(header)![1].split(",").map((part) => part.trim()).filter(Boolean);
      assertEquals(found.shape.map(String), shape);
      const { buffer, BYTES_PER_ELEMENT } = found.data;
      assertEquals(new Uint8Array(buffer), bytes.slice(start));
      assertEquals(header.match(/[1248]'/)?.[0], `${BYTES_PER_ELEMENT}'`);
      assertEquals(found.shape.reduce((a, b) => a * b, BYTES_PER_ELEMENT), bytes.length - start);
    }),
    cases(2000),
  );
});

Deno.test("fuzz: PNG", async () => {
  const data = Uint8Array.from({ length: 7 * 5 * 4 }, (_, i) => (i * 37) % 251);
  const valid = fc.constantFrom(
    encodePng({ width: 7, height: 5, channels: 4, data }),
    encodePng({ width: 7, height: 5, channels: 3, data: data.subarray(0, 105) }),
  );
  const forged = fc.tuple(mutated(valid), fc.boolean()).map(([bytes, isForged]) =>
    isForged ? resealed(bytes) : bytes
  );
  await fc.assert(
    fc.asyncProperty(forged, async (bytes) => {
      const found = await attempt(() => decodePng(bytes));
      if (found === undefined) return;
      assertEquals(found.data.length, found.width * found.height * found.channels);
      const header = chunksOf(bytes).find(({ type }) => type === "IHDR")!.data;
      const view = new DataView(header.buffer, header.byteOffset);
      assertEquals([found.width, found.height], [view.getUint32(0), view.getUint32(4)]);
      const pixels = naivePixels(bytes);
      if (pixels !== undefined) assertEquals([...found.data], [...pixels]);
    }),
    cases(2000),
  );
});

Deno.test("fuzz: somebody's picture", async () => {
  const data = Uint8Array.from({ length: 7 * 5 * 4 }, (_, i) => (i * 37) % 251);
  const whole = encodePng({ width: 7, height: 5, channels: 4, data });
  const forged = fc.tuple(mutated(fc.constant(whole)), fc.boolean()).map(([bytes, isForged]) =>
    isForged ? resealed(bytes) : bytes
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(forged, async (bytes) => {
      await Deno.writeFile(path, bytes);
      const found = await attempt(() => readUserPng(path));
      if (found === undefined) return;
      taken++;
      assertEquals(found.data.length, 4 * found.width * found.height);
    }),
    cases(1000),
  );
  assert(taken > 50, `only ${taken} were taken`);
});

Deno.test("fuzz: an archive of a data set", async () => {
  const dir = await Deno.makeTempDir({ prefix: "fuzz-" });
  const body = new Uint8Array(RECORD_BYTES);
  const tar = new Uint8Array(
    await packTar([{ header: { name: "a/test_batch.bin", size: body.length, type: "file" }, body }]),
  );
  const archive = fc.tuple(mutated(fc.constant(tar)), fc.boolean()).map(([bytes, isPacked]) =>
    isPacked ? gzipSync(bytes) : bytes
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(archive, mutated(fc.constant(gzipSync(tar)))), async (bytes) => {
      const source = {
        name: "x.tar",
        size: 0,
        isLocal: true,
        read: (consume: (archive: ReadableStream<Uint8Array>) => Promise<void>) =>
          consume(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()),
      };
      const options = {
        into: dir,
        scratch: dir,
        md5: {},
        signal: new AbortController().signal,
        progress: () => {},
      };
      await attempt(() => fetchBatches([source], options));
      assertEquals([...Deno.readDirSync(dir)], [], "something is left");
    }),
    cases(500),
  );
  await Deno.remove(dir);
});

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Chunks, as far as they are whole. */
function chunksOf(bytes: Uint8Array): Chunk[] {
  const found: Chunk[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    found.push({
      type: text.decode(bytes.subarray(at + 4, at + 8)),
      data: bytes.slice(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return found;
}

/** The same file with checksums that are right: a forger would do as much. */
function resealed(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let at = 8; at + 12 <= copy.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > copy.length) break;
    view.setUint32(at + 8 + length, crc32(copy.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  return copy;
}

/** Pixels of an 8-bit RGB or RGBA picture whose rows are all Paeth's; undefined for any other. */
function naivePixels(bytes: Uint8Array): Uint8Array | undefined {
  const chunks = chunksOf(bytes);
  if (chunks.some(({ type }) => !["IHDR", "IDAT", "IEND"].includes(type))) return undefined;
  const header = chunks[0].data;
  const [width, height] = [0, 4].map((at) => new DataView(header.buffer).getUint32(at));
  const channels = header[8] === 8 && header[12] === 0 ? { 2: 3, 6: 4 }[header[9]] : undefined;
  if (channels === undefined) return undefined;
  const parts = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const rows = inflateSync(new Uint8Array(parts.flatMap((part) => [...part])));
  const stride = width * channels;
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    if (rows[y * (stride + 1)] !== 4) return undefined;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const [a, b] = [x < channels ? 0 : pixels[at - channels], y === 0 ? 0 : pixels[at - stride]];
      const c = x < channels || y === 0 ? 0 : pixels[at - stride - channels];
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      pixels[at] = rows[y * (stride + 1) + 1 + x] + (pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
    }
  }
  return pixels;
}

Deno.test("fuzz: CIFAR-10 batches", async () => {
  const valid = formatRecords(tinyCifar(3, 1));
  await fc.assert(
    fc.asyncProperty(mutated(fc.constant(valid)), async (bytes) => {
      const found = await attempt(() => parseRecords(bytes));
      if (found === undefined) return;
      assertEquals(found.labels.length * RECORD_BYTES, bytes.length);
      assertEquals(formatRecords(found), bytes);
    }),
    cases(600),
  );
});

Deno.test("fuzz: CSV", async () => {
  const rows = [{ model: "dense-join", top1: 0.25, note: 'a "quoted", field' }, {
    model: "cnn",
    top1: null,
    note: "",
  }];
  const valid = new TextEncoder().encode(formatCsv({ columns: ["model", "top1", "note"], rows }));
  await fc.assert(
    fc.asyncProperty(mutated(fc.constant(valid)), async (bytes) => {
      const table = new TextDecoder().decode(bytes);
      const found = await attempt(() => parseCsv(table));
      if (found === undefined) return;
      assertEquals(new Set(found.columns).size, found.columns.length);
      for (const row of found.rows) assertEquals(Object.keys(row).length, found.columns.length);
      assertEquals(parseCsv(formatCsv(found)), found);
      const characters = (text: string) => text.replaceAll(/["\r\n,]/g, "");
      const cells = [found.columns, ...found.rows.map((row) => found.columns.map((name) => row[name]))]
        .flat();
      assertEquals(characters(cells.join("")), characters(table));
    }),
    cases(2000),
  );
});

Deno.test("fuzz: a very long quoted field is read", () => {
  const long = `"x\n`.repeat(500_000);
  assertEquals(parseCsv(formatCsv({ columns: ["a"], rows: [{ a: long }] })).rows[0].a, long);
});

const HEADER = [
  { name: "student/w", type: "f4", length: 3 },
  { name: "log", type: "f8", length: 2 },
  { name: "empty", type: "f4", length: 0 },
];

Deno.test("fuzz: checkpoints", async () => {
  const arrays = {
    "student/w": Float32Array.from([1, 2, 3]),
    log: Float64Array.of(1, 2),
    empty: new Float32Array(),
  };
  await saveCheckpoint(path, { step: 12, arrays });
  const valid = await Deno.readFile(path);
  const start = new TextEncoder().encode("TREENET1");
  const forged = mutatedJson(fc.constant({ step: 12, arrays: HEADER })).map((header) => {
    const rest = withHeader(new Uint8Array(valid.subarray(8)), header);
    return new Uint8Array([...start, ...rest]);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated(fc.constant(valid)), forged), async (bytes) => {
      await Deno.writeFile(path, bytes);
      const loaded = await loadCheckpoint(path);
      if (loaded.type === "loaded") assertEquals(bytes, valid);
      else assertEquals(loaded.type, "damaged");
    }),
    cases(2000),
  );
});
