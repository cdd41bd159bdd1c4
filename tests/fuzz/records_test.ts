/**
 * The engine's records and the profiles meet forged ones: a record is used as it stands or not at all.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import fc from "fast-check";
import { sha256 } from "../../pipeline/canonical.ts";
import { openEngine } from "../../pipeline/engine.ts";
import { FileDigests } from "../../pipeline/hash.ts";
import { artifactDigest, folderOf } from "../../pipeline/key.ts";
import { parseParameters } from "../../pipeline/parameters.ts";
import { fillPlaceholders } from "../../pipeline/publish.ts";
import { FORMAT, readCost } from "../../pipeline/records.ts";
import { sealed } from "../../pipeline/sealed.ts";
import { damagedFiles, readArtifact } from "../../pipeline/store.ts";
import type { Json, Key } from "../../pipeline/types.ts";
import { pipeline } from "../../stages/mod.ts";
import { assertExplained, attempt, cases, mutated, mutatedJson } from "./mutation.ts";

const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "fuzz-" }));
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const key: Key = {
  stage: "probe",
  params: { model: "cnn", seed: 0, l2: { count: 3 } },
  code: { stage: sha256("a") },
  packages: { "zod@4.6.7": "sha512-x" },
  inputs: { features: sha256("b") },
  environment: { backend: "wasm 4.22.0" },
};
const bytes = new TextEncoder().encode("[1,2,3]");
const files = { "values.json": { digest: sha256(bytes), bytes: bytes.length } };
const meta = { top1: 0.5, rows: [1, null, "x"] };
const digest = artifactDigest({ files: { "values.json": sha256(bytes) }, meta });
const record = sealed({
  format: FORMAT,
  task: "probe[cnn,0]",
  point: { model: "cnn", seed: 0 },
  key,
  modules: { "stages/probe.ts": sha256("a") },
  files,
  meta,
  digest,
});
const dir = join(root, "probe", "cnn-0", folderOf(key));
await Deno.mkdir(dir, { recursive: true });
await Deno.writeFile(join(dir, "values.json"), bytes);

const valid = new TextEncoder().encode(JSON.stringify(record, null, 2));
const texts = fc.oneof(
  mutatedJson(fc.constant(record)).map(written),
  mutatedJson(fc.constant(record)).map((value) => written(resealed(value))),
  mutated(fc.constant(valid)),
);

function written(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value) ?? "");
}

/** A forged record that fits its seal, where it is a record at all. */
function resealed(value: unknown): unknown {
  const { seal: _, ...rest } = Object(value);
  return sealed(rest);
}

Deno.test("fuzz: artifact.json is used as it was sealed, or named as damaged", async () => {
  const digests = await FileDigests.open(join(root, "digests.json"));
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      await Deno.writeFile(join(dir, "artifact.json"), text);
      const artifact = await readArtifact(dir).catch((error: Error) => {
        // A later version of the engine may have written it.
        assertMatch(
          error.message,
          /: it is of format \S+, expected \d, use the version of the code that wrote it/,
        );
      });
      if (artifact === undefined) return;
      const damaged = await damagedFiles(artifact, { digests, rehash: true });
      if (damaged.length > 0) return;
      const { task, point, key, meta, digest, files } = artifact;
      // Nothing but the seal vouches for the names of modules.
      const { format: _, seal: __, files: ___, modules: ____, ...expected } = record;
      assertEquals({ task, point, key, meta, digest }, expected);
      assertEquals(files, { "values.json": sha256(bytes) });
    }),
    cases(2000),
  );
});

Deno.test("fuzz: run.json of whatever contents is read or passed over", async () => {
  const run = {
    task: "probe[cnn,0]",
    seconds: 1.5,
    peakMemory: null,
    host: { cpu: "x", cores: 2 },
    records: {},
  };
  await fc.assert(
    fc.asyncProperty(mutatedJson(fc.constant(run)), async (value) => {
      await Deno.writeTextFile(join(dir, "run.json"), JSON.stringify(value) ?? "");
      const cost = await readCost(join(dir, "run.json"));
      if (cost !== undefined) assert(cost.seconds >= 0 && (cost.peakMemory ?? 0) >= 0);
      const text = await fillPlaceholders(
        "{{run p host.cpu}} {{run p seconds}} {{run p records.x}} {{rate p 10 unless records.x}}",
        () => dir,
        { root: "/repository" },
      );
      assertEquals(text.includes("{{"), false);
    }),
    cases(1000),
  );
});

const profile = JSON.parse(await Deno.readTextFile(join(pipeline.root, "profiles/quick.json")));
const elsewhere = { ...pipeline, root };
await Deno.mkdir(join(root, "profiles"));
await Deno.writeTextFile(join(root, "profiles/quick.json"), JSON.stringify(profile));
for (const name of ["deno.json", "deno.lock"]) {
  await Deno.copyFile(join(pipeline.root, name), join(root, name));
}
await Deno.symlink(join(pipeline.root, "links"), join(root, "links"));

Deno.test("fuzz: every stage's and model's schema takes a section or says what is wrong with it", async () => {
  const stages = await Promise.all(pipeline.stages().map((name) => pipeline.load(name)));
  for (const stage of stages) {
    const given = Object.fromEntries(stage.axes.map((axis) => [axis, axis === "seed" ? 0 : "cnn"]));
    const architectures = stage.axes.includes("model")
      ? { architecture: profile.models.cnn }
      : { models: profile.models };
    const extras = stage.modules ? architectures : {};
    const section = { ...profile[stage.name], ...given, ...extras };
    fc.assert(
      fc.property(mutatedJson(fc.constant(section)), (value) => {
        try {
          const source = { source: 'profile "fuzz"', path: stage.name };
          const params = parseParameters<Json>(stage.params, value as Json, source);
          assertEquals(parseParameters(stage.params, params, source), params);
        } catch (error) {
          assertExplained(error);
        }
      }),
      cases(150),
    );
  }
});

Deno.test("fuzz: a profile opens as the graph it says or says what is wrong with it", async () => {
  let opened = 0;
  const text = fc.oneof(
    mutatedJson(fc.constant(profile)).map((value) => JSON.stringify(value) ?? ""),
    mutated(fc.constant(new TextEncoder().encode(JSON.stringify(profile)))).map((b) =>
      new TextDecoder().decode(b)
    ),
  );
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      await Deno.writeTextFile(join(root, "profiles/fuzz.json"), text);
      const engine = await attempt(() => openEngine(elsewhere, { profile: "fuzz" }));
      if (engine === undefined) return;
      opened++;
      const ids = engine.tasks.map(({ id }) => id);
      assertEquals(new Set(ids).size, ids.length, "two tasks have one name");
      const places = engine.tasks.map(({ place }) => place);
      assertEquals(new Set(places).size, places.length, "two tasks have one folder");
    }),
    cases(600),
  );
  assert(opened > 30, `only ${opened} profiles were accepted: the test tests little`);
});

Deno.test("fuzz: --set of whatever text changes the profile or says what is wrong with it", async () => {
  let opened = 0;
  const part = fc.constantFrom(
    "train",
    "epochs",
    "models",
    "seeds",
    "0",
    "__proto__",
    "",
    "x",
    "constructor",
  );
  const value = fc.oneof(fc.integer({ min: 1, max: 5 }).map(String), fc.json());
  const path = fc.oneof(fc.constant(["train", "epochs"]), fc.array(part, { maxLength: 3 }));
  const assignment = fc.tuple(path, value).map(([path, value]) => `${path.join(".")}=${value}`);
  await fc.assert(
    fc.asyncProperty(assignment, async (override) => {
      const engine = await attempt(() => openEngine(elsewhere, { profile: "quick", overrides: [override] }));
      if (engine !== undefined) opened++;
      assertEquals(({} as Record<string, unknown>).epochs, undefined, "no prototype was touched");
    }),
    cases(300),
  );
  assert(opened > 30, `only ${opened} were accepted`);
});
