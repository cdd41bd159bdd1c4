/**
 * Flipped, cut and missing files everywhere in a store: `verify` names each, no command reads it, and the
 * next run restores it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, dirname, join } from "node:path";
import { CHAIN, flip, Ground, namesIn } from "./support/ground.ts";
import { quiet } from "./support/processes.ts";
import { Chance, SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

const DAMAGE = {
  flipped: (path: string, chance: Chance) => flip(path, chance.below(1 << 30)),
  cut: (path: string, chance: Chance) => Deno.truncateSync(path, chance.below(Deno.statSync(path).size)),
  missing: (path: string) => Deno.removeSync(path),
};

interface Verified {
  readonly dir: string;
  readonly damaged: readonly string[];
}

async function verified({ workspace }: Ground): Promise<readonly Verified[]> {
  const { code, stdout } = await workspace.run("verify", "--json");
  const bad = (JSON.parse(stdout) as Verified[]).filter(({ damaged }) => damaged.length > 0);
  assertEquals(code, bad.length === 0 ? 0 : 1);
  return bad;
}

/** Every file of every artifact, the engine's two records included. */
function everyFile(ground: Ground): string[] {
  const records = ground.files().filter((path) => basename(path) === "artifact.json");
  return [...ground.files(), ...records.map((path) => join(dirname(path), "run.json"))].sort();
}

for (const [how, harm] of Object.entries(DAMAGE)) {
  Deno.test(`a file that is ${how} is named by verify, not used, and built again`, async () => {
    const chance = new Chance(how);
    await using ground = await Ground.create();
    for (const path of everyFile(ground)) {
      const [name, dir] = [basename(path), dirname(path)];
      harm(path, chance);
      const bad = await verified(ground);
      assertEquals(bad.length, 1, `${how} ${path}`);
      assertStringIncludes(bad[0].damaged.join(), name);
      assert(dir.startsWith(ground.path(bad[0].dir)), dir);
      if (name === "run.json") {
        const stage = bad[0].dir.split("/")[1];
        assertEquals((await ground.workspace.run("stage", stage, "--force", ...CHAIN)).code, 0);
      }
      await ground.comesBack(`${how} ${path}`);
      assertEquals(await verified(ground), []);
    }
  });
}

Deno.test("every single flipped bit of the engine's records is found", async () => {
  await using ground = await Ground.create();
  const [total] = (await ground.workspace.run("verify", "--json").then(({ stdout }) => JSON.parse(stdout)))
    .filter(({ id }: { id: string }) => id === "total");
  const { damagedRecord, readArtifact } = await import("../../pipeline/store/artifacts.ts");
  const dir = ground.path(total.dir);
  for (const name of ["artifact.json", "run.json"]) {
    const path = join(dir, name);
    const sound = await Deno.readFile(path);
    const isFound = async () => {
      const artifact = await readArtifact(dir).catch((error: Error) => error);
      if (artifact === undefined || artifact instanceof Error) return true;
      return (await damagedRecord(artifact)).length > 0;
    };
    assertEquals(await isFound(), false);
    const missed: number[] = [];
    for (let bit = 0; bit < 8 * sound.length; bit++) {
      const bytes = sound.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      if (sameJson(bytes, sound)) continue; // White space, or a digit beyond what a number can hold.
      await Deno.writeFile(path, bytes);
      if (!await isFound()) missed.push(bit);
    }
    await Deno.writeFile(path, sound);
    assertEquals(missed, [], name);
  }
});

function sameJson(a: Uint8Array, b: Uint8Array): boolean {
  const read = (bytes: Uint8Array) => {
    try {
      return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      return undefined;
    }
  };
  return read(a) === read(b);
}

Deno.test("a stage that would read a damaged file finds it, whatever is remembered", async () => {
  await using ground = await Ground.create();
  const source = ground.files().find((path) => path.endsWith("source.bin"))!;
  const { stampOf } = await import("../../pipeline/base/digests.ts");
  const { readMemory, writeMemory } = await import("../../pipeline/base/sealed_json.ts");
  flip(source, 12345);
  const memory = ground.path("artifacts/.cache/digests.json");
  const read = await readMemory<Record<string, object>>(memory);
  assert(read.type === "sound");
  // Equal to a bit that flips on the disk: size and times stay the same.
  await writeMemory(memory, {
    ...read.value,
    [source]: { ...read.value[source], stamp: await stampOf(source) },
  });
  assertEquals((await ground.workspace.status(...CHAIN)).source.state, "fresh", "the memory is fooled");
  const { code, stdout } = await ground.workspace.run("stage", "walk", "--force", ...CHAIN);
  assertEquals(code, 0);
  assertMatch(stdout, /source is damaged \(source\.bin\), it is built again/);
  await ground.comesBack("after a damaged input");
});

for (const name of ["digests.json", "code.json"]) {
  Deno.test(`remembered things that are damaged are named and forgotten: ${name}`, async () => {
    const chance = new Chance(name);
    await using ground = await Ground.create();
    const path = ground.path("artifacts/.cache", name);
    const harms = [
      ...Array.from({ length: 8 }, () => DAMAGE.flipped),
      ...Array.from({ length: 4 }, () => DAMAGE.cut),
    ];
    for (const harm of harms) {
      harm(path, chance);
      // The first to read it writes it anew, and has named it before that.
      const [{ dir, damaged }, ...others] = await verified(ground);
      assertEquals([dir, damaged, others], ["artifacts/.cache", [`${name} (forgotten)`], []]);
      const { built, failed } = await ground.workspace.reproduce(...CHAIN);
      assertEquals([built, failed], [[], []]);
      assertEquals(await verified(ground), []);
    }
    await Deno.remove(path);
    assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
  });
}

Deno.test("remembered digests of files that are gone are forgotten", async () => {
  await using ground = await Ground.create();
  const paths = async () => {
    const { readMemory } = await import("../../pipeline/base/sealed_json.ts");
    const read = await readMemory<Record<string, object>>(ground.path("artifacts/.cache/digests.json"));
    // Reports of runs with --set lie in folders of their own, which no command cleans.
    return read.type === "sound" ? Object.keys(read.value).filter((path) => !path.includes("/reports/")) : [];
  };
  const before = (await paths()).length;
  for (const bytes of [1000, 2000, 3000]) {
    await ground.workspace.reproduce(...CHAIN, "--set", `source.bytes=${bytes}`);
  }
  assert((await paths()).length > before);
  await ground.workspace.run("clean", "--all");
  await ground.workspace.reproduce(...CHAIN);
  assertEquals((await paths()).length, before);
});

Deno.test("a damaged checkpoint is not continued", async () => {
  await using ground = await Ground.create();
  await ground.clear();
  const engine = ground.workspace.spawn("reproduce", ...CHAIN, "--set", "walk.nap=60");
  const output = engine.output();
  const scratch = ground.path("artifacts/.scratch");
  const states = () =>
    namesIn(scratch).map((name) => join(scratch, name, "state.json")).filter((path) =>
      namesIn(dirname(path)).includes("state.json")
    );
  while (states().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  engine.kill("SIGKILL");
  await output;
  await quiet(ground.root);
  for (const path of states()) Deno.truncateSync(path, 5);
  const { built } = await ground.workspace.reproduce(...CHAIN, "--set", "walk.nap=60");
  assert(built.includes("walk[0]"));
  // The length of a step is in the key, and changes no byte of the result.
  const after = await ground.workspace.status(...CHAIN, "--set", "walk.nap=60");
  await ground.workspace.reproduce(...CHAIN);
  const before = await ground.workspace.status(...CHAIN);
  const ids = ["walk[0]", "walk[1]"];
  assertEquals(ids.map((id) => after[id].digest), ids.map((id) => before[id].digest));
});

Deno.test("a report that was edited, cut or lost in part is published again, and the edit is kept", async () => {
  await using ground = await Ground.create();
  for (const name of ["REPORT.md", "figures/total.csv"]) {
    for (const how of ["flipped", "cut", "missing"] as const) {
      const text = await ground.workspace.read("reports/chain", name);
      DAMAGE[how](ground.path("reports/chain", name), new Chance(name + how));
      await ground.comesBack(`${how} ${name}`);
      assertEquals(await ground.workspace.read("reports/chain", name), text);
    }
  }
  // A flip in the digest that the last line quotes is no edit of the text.
  assert(namesIn(ground.path("reports/chain")).includes("REPORT.md.edited"), "the cut one at least");
});
