import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { sha256 } from "../../../pipeline/base/json.ts";
import { firstDifference } from "../../../pipeline/run/determinism.ts";
import { artifactDigest } from "../../../pipeline/tasks/key.ts";
import type { ArtifactFile } from "../../../pipeline/store/artifact_record.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";

Deno.test("two files differ from the first byte on that is not the same in both", async () => {
  const folder = await Deno.makeTempDir();
  const file = async (name: string, bytes: Uint8Array) => {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    return `${folder}/${name}`;
  };
  const long = new Uint8Array(3_000_000).map((_, i) => i % 251);
  const a = await file("a", long);
  assertEquals(await firstDifference(a, await file("same", long)), undefined);
  assertEquals(await firstDifference(a, await file("late", long.with(2_500_000, 255))), 2_500_000);
  assertEquals(await firstDifference(a, await file("short", long.subarray(0, 2_000_000))), 2_000_000);
  assertEquals(await firstDifference(await file("none", new Uint8Array()), a), 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("--check-determinism runs twice, names the first file that differs, and publishes nothing", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.write("profiles/paced.json", { summary: "", seeds: [0], models: {}, paced: { size: 2 } });
  const check = (...args: string[]) =>
    workspace.run("stage", "paced[0]", "--check-determinism", "--profile", "paced", ...args);

  await t.step("the same bytes exit 0", async () => {
    const { code, stdout } = await check();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "same    paced[0]: 2 files and its results, byte for byte\n");
  });

  await t.step("other bytes exit 1, with file and offset", async () => {
    const { code, stdout } = await check("--set", "paced.dice=true");
    assertEquals(code, 1);
    const [, offset] = stdout.match(
      /DIFFERS paced\[0\]: b\.bin at byte (\d+), of 1100000 and 1100000 bytes/,
    )!;
    assert(Number(offset) >= 1_080_000 && Number(offset) < 1_080_016, offset);
  });

  await t.step("--json says the same as data", async () => {
    const { stdout } = await check("--json");
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(events.at(-1), { id: "paced[0]", type: "checked", files: 2, difference: null });
  });

  await t.step("nothing is published, and nothing is left behind", async () => {
    assertEquals((await workspace.run("verify", "--json")).stdout.trim(), "[]");
    const left = [...Deno.readDirSync(join(workspace.root, "artifacts/.staging"))];
    assertEquals(left, []);
  });

  await t.step("an artifact that two equal runs do not give is named", async () => {
    await workspace.reproduce("--profile", "paced");
    const { dir } = (await workspace.status("--profile", "paced"))["paced[0]"];
    await reseal(join(workspace.root, dir!), { name: "a.txt", text: "Another text" });
    const { code, stdout } = await check();
    assertEquals(code, 1);
    assertMatch(
      stdout,
      /DIFFERS paced\[0\]: a\.txt at byte 0, .* \(two runs agree, the artifact in the store differs\)/,
    );
  });

  await t.step("a task that cannot run yet says what is missing", async () => {
    const { code, stderr } = await workspace.run("stage", "total", "--check-determinism");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "what it reads is not built, run deno task stage 'total' first");
  });

  await t.step("it goes with no flag that runs the stage otherwise", async () => {
    const { code, stderr } = await check("--force");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Cannot use --force with --check-determinism");
  });
});

/** Makes an artifact one that an earlier, unequal run sealed: sound, with other bytes. */
async function reseal(
  folder: string,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  await Deno.writeTextFile(join(folder, name), text);
  const path = join(folder, "artifact.json");
  const artifact = JSON.parse(await Deno.readTextFile(path)) as ArtifactFile & { readonly seal: string };
  const entries = { ...artifact.files, [name]: { digest: sha256(text), bytes: text.length } };
  const files = Object.fromEntries(Object.entries(entries).map(([file, { digest }]) => [file, digest]));
  const digest = artifactDigest({ files, meta: artifact.meta });
  const { seal: _, ...record } = { ...artifact, files: entries, digest };
  await Deno.writeTextFile(path, JSON.stringify(sealed(record)));
}
