/**
 * Archives through the workflow's own commands: made, checked, forged, restored.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sha256 } from "../../../pipeline/base/json.ts";
import { artifactDigest } from "../../../pipeline/tasks/key.ts";
import type { Digest } from "../../../pipeline/stage.ts";
import { Archive } from "../../../pipeline/archive/open.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";
import { filesOf, forged, packed } from "./archive_support.ts";

interface Verdict {
  readonly checks: readonly {
    readonly name: string;
    readonly state: string;
    readonly note: string;
    readonly findings: readonly { readonly where: string; readonly problem: string }[];
  }[];
}

async function verified(
  workspace: Workspace,
  ...args: string[]
): Promise<Verdict & { readonly code: number }> {
  const { code, stdout, stderr } = await workspace.run("verify", "--json", ...args);
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
}

const states = ({ checks }: Verdict) => checks.map(({ name, state }) => `${name} ${state}`);

Deno.test("an archive", async (t) => {
  await using workspace = await Workspace.create();
  const archive = await packed(workspace);

  await t.step("is named by the digest of its tag manifest", async () => {
    const files = await filesOf(archive.path);
    assertEquals(archive.digest, sha256(files.get("tagmanifest-sha256.txt")!));
    assertMatch(archive.path, new RegExp(`/fixture-quick-${archive.digest}\\.zip$`));
  });

  await t.step("has the same bytes when it is made again", async () => {
    const again = await packed(workspace, "--out", `${archive.path}.again.zip`);
    assertEquals(await Deno.readFile(again.path), await Deno.readFile(archive.path));
  });

  await t.step("leaves out what is set aside, unless asked for it", async () => {
    const numbers = (files: Map<string, string>) =>
      [...files.keys()].filter((name) => /\/numbers\.json$/.test(name));
    assertEquals(numbers(await filesOf(archive.path)), []);
    const whole = await packed(workspace, "--with", "numbers", "--out", `${archive.path}.whole.zip`);
    assertEquals(numbers(await filesOf(whole.path)).length, 1);
  });

  await t.step("says how to cite it, in YAML and JSON, from one source", async () => {
    const files = await filesOf(archive.path);
    assertStringIncludes(files.get("data/CITATION.cff")!, `title: "A workflow for tests"`);
    assertEquals(JSON.parse(files.get("data/.zenodo.json")!).creators, [
      { name: "Example, Ada" },
      { name: "Others" },
    ]);
  });

  await t.step("is sound, every key recomputed and the report drawn again", async () => {
    const verdict = await verified(workspace, archive.path, "--digest", archive.digest);
    assertEquals(states(verdict), [
      "bytes sound",
      "crate sound",
      "artifacts sound",
      "keys sound",
      "report sound",
    ]);
    assertEquals(verdict.code, 0);
  });

  await t.step("is not the one of another digest", async () => {
    const verdict = await verified(workspace, archive.path, "--digest", "0".repeat(64));
    assertEquals([verdict.code, verdict.checks[0].findings[0].where], [1, "tagmanifest-sha256.txt"]);
  });

  await t.step("of half a run is not made", async () => {
    const { code, stderr } = await workspace.run("archive", "--set", "apply-model.offset=9");
    assertEquals(code, 1);
    assertMatch(stderr, /not fresh .*run "deno task reproduce/);
  });

  await t.step("every change of a byte is found and named, 2,400 of them", async () => {
    const small = await forged(
      archive.path,
      (name, text) => name.startsWith("repository/pipeline/") ? undefined : text,
    );
    const [digest] = (await filesOf(small)).entries().filter(([name]) => name.startsWith("tagmanifest")).map((
      [, text],
    ) => sha256(text));
    await everyFlipIsFound(small, { digest, flips: 2400 });
  });

  await t.step("with a forged parameter is unsound although every manifest fits", async () => {
    const path = await forged(
      archive.path,
      (name, text) =>
        name.endsWith("numbers/main/" + name.split("/").at(-2) + "/artifact.json")
          ? resealed(text.replace(/"step": \d+/, '"step": 3'))
          : text,
    );
    const { code, checks } = await verified(workspace, path);
    assertEquals([code, checks.at(-1)!.name, checks.at(-1)!.state], [1, "artifacts", "unsound"]);
  });

  await t.step("whose artifact.json is of no known form is refused with the field", async () => {
    const path = await forged(
      archive.path,
      (name, text) =>
        /artifacts\/total.*artifact\.json$/.test(name)
          ? text.replace(/"inputs": \{[^}]*\}/, '"inputs": 7')
          : text,
    );
    const { code, stderr } = await workspace.run("verify", path);
    assertEquals(code, 1);
    assertMatch(stderr, /artifact\.json: key\.inputs: /);
  });

  await t.step("with forged source is unsound: the keys do not follow from it", async () => {
    const path = await forged(
      archive.path,
      (name, text) => name.endsWith("numbers/base.ts") ? text.replace(/= \d+/, "= 41") : text,
    );
    const { code, checks } = await verified(workspace, path);
    const keys = checks.find(({ name }) => name === "keys")!;
    assertEquals([code, keys.state], [1, "unsound"]);
    assertStringIncludes(keys.findings[0].problem, "numbers/base.ts");
  });

  await t.step("whose report differs from what its artifacts make is unsound", async () => {
    const path = await forgedReport(archive.path);
    const { code, checks } = await verified(workspace, path);
    const report = checks.find(({ name }) => name === "report")!;
    assertEquals([code, report.state], [1, "unsound"], JSON.stringify(checks));
    assertStringIncludes(report.findings[0].where, "figures/total.csv");
  });

  await t.step("without a file that its manifest names is unsound", async () => {
    const path = await forged(archive.path, (name, text) => name.endsWith("total.json") ? undefined : text);
    assertEquals((await verified(workspace, path)).code, 1);
  });

  await t.step("whose report our code does not draw is not compared, but replayed if asked", async () => {
    await workspace.edit("stages/report/run.ts", "total ${", "sum ${");
    const plain = await verified(workspace, archive.path);
    assertEquals([plain.code, states(plain).at(-1)], [0, "report skipped"]);
    const replayed = await verified(workspace, archive.path, "--replay");
    assertEquals([replayed.code, states(replayed).at(-1)], [0, "report sound"]);
    assertStringIncludes(replayed.checks.at(-1)!.note, "packed code");
  });

  await t.step("restored elsewhere leaves nothing to do", async () => {
    await using other = await Workspace.create();
    assertEquals((await other.run("restore", archive.path)).code, 0);
    const { built, failed } = await other.reproduce();
    assertEquals([built, failed], [[], []]);
    const status = await other.status();
    assertEquals(status.numbers.reasons, ["1 file not here, archived without"]);
    assertEquals((await other.run("verify")).code, 0);
  });

  await t.step("restored elsewhere reruns what an edit can change, and no more", async () => {
    await using other = await Workspace.create();
    await other.run("restore", archive.path);
    await other.edit("stages/total/run.ts", "JSON.stringify(total)", "JSON.stringify(total + 1 - 1)");
    assertEquals((await other.reproduce()).built, ["total"]);
    await other.edit("stages/apply_model/run.ts", "+ seed", "+ seed + 1");
    const { built } = await other.reproduce();
    assert(built.includes("numbers"), "what is read and was left out is made again");
    assertEquals((await other.status()).numbers.reasons, []);
  });

  await t.step("restored twice stays as it is", async () => {
    await using other = await Workspace.create();
    await other.run("restore", archive.path);
    const { stdout } = await other.run("restore", "--json", archive.path);
    const kinds = JSON.parse(stdout).map(({ state }: { state: string }) => state);
    assertEquals([...new Set(kinds)], ["there already"]);
  });

  await t.step(
    "compared with the store it was made from is the same, with a later run it is not",
    async () => {
      await using other = await Workspace.create();
      await other.run("restore", archive.path);
      assertEquals((await other.run("diff", archive.path, archive.path)).code, 0);
      assertEquals((await other.run("diff", archive.path, "quick")).code, 0);
      const { code, stdout } = await other.run("diff", archive.path, "other");
      assertEquals(code, 2, stdout);
      await other.edit("stages/total/run.ts", "JSON.stringify(total)", "JSON.stringify(total + 1)");
      await other.reproduce();
      const later = await other.run("diff", archive.path, "quick", "--json");
      assertEquals([later.code, JSON.parse(later.stdout).first], [1, "total"]);
    },
  );

  await t.step("damaged is not restored", async () => {
    await using other = await Workspace.create();
    const bytes = await Deno.readFile(archive.path);
    bytes[Math.floor(bytes.length / 2)] ^= 4;
    const path = `${archive.path}.damaged.zip`;
    await Deno.writeFile(path, bytes);
    assertEquals((await other.run("restore", path)).code, 1);
    assertEquals((await other.reproduce()).built.length > 0, true);
  });

  await t.step("that verify calls unsound is not restored: a forged report stays out", async () => {
    await using other = await Workspace.create();
    await other.reproduce();
    const before = (await other.status()).report.digest;
    const { code, stderr } = await other.run("restore", "--replace", await forgedReport(archive.path));
    assertEquals(code, 1);
    assertMatch(stderr, /figures\/total\.csv is not what is drawn from the packed artifacts/);
    assertEquals((await other.status()).report.digest, before);
  });

  await t.step("does not replace a sound artifact of other bytes without being asked", async () => {
    await using other = await Workspace.create();
    await other.run("restore", archive.path);
    const { total } = await other.status();
    await other.amend(`${total.dir}/artifact.json`, (record) => {
      const files = record.files as Record<string, { digest: Digest }>;
      const digests = Object.fromEntries(Object.entries(files).map(([name, { digest }]) => [name, digest]));
      return { meta: { total: -1 }, digest: artifactDigest({ files: digests, meta: { total: -1 } }) };
    });
    const asked = await other.run("restore", archive.path);
    assertEquals(asked.code, 1);
    assertMatch(
      asked.stderr,
      /other bytes under the same keys \(total\), nothing was copied; --replace takes/,
    );
    assertEquals((await other.run("restore", "--replace", archive.path)).code, 0);
    assertEquals((await other.status()).total.digest, total.digest);
  });

  await t.step("restored over a damaged artifact keeps the files that only the store has", async () => {
    await using other = await Workspace.create();
    await other.reproduce();
    const { numbers } = await other.status();
    await Deno.writeTextFile(`${other.root}/${numbers.dir}/artifact.json`, "{");
    assertEquals((await other.run("restore", archive.path)).code, 0);
    assertEquals((await other.status()).numbers.reasons, []);
    assertEquals((await other.run("verify")).code, 0);
  });

  await t.step(
    "that leaves files out says of how many artifacts how many files",
    async () => {
      const { checks } = await verified(workspace, archive.path);
      assertMatch(checks[2].note, /^\d+ artifacts, 1 of them without 1 file that the archive leaves out$/);
    },
  );

  await t.step("unpacked is a checkout in which everything is done", async () => {
    const folder = await Deno.makeTempDir({ prefix: "unpacked-" });
    try {
      using open = await Archive.open(archive.path);
      await open.unpack("data/repository/", folder);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--quiet",
          "--cached-only",
          "tests/fixtures/workflow/mod.ts",
          "reproduce",
          "--json",
        ],
        cwd: folder,
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      const last = text.decode(stdout).trim().split("\n").at(-1)!;
      assertEquals(JSON.parse(last).built, [], text.decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

/** The report's table edited, together with every digest that covers it. */
async function forgedReport(path: string): Promise<string> {
  const files = [...await filesOf(path)].filter(([name]) => name.includes("/artifacts/report/"));
  const table = files.find(([name]) => name.endsWith("total.csv"))![1];
  const record = JSON.parse(files.find(([name]) => name.endsWith("artifact.json"))![1]);
  const forgery = "total\n7\n";
  record.files["figures/total.csv"] = { digest: sha256(forgery), bytes: forgery.length };
  const digests = Object.entries<{ digest: Digest }>(record.files).map((
    [name, { digest }],
  ) => [name, digest]);
  record.digest = artifactDigest({ files: Object.fromEntries(digests), meta: record.meta });
  return await forged(path, (name, text) => {
    if (name.includes("/artifacts/report/") && name.endsWith("artifact.json")) {
      return resealed(JSON.stringify(record));
    }
    return text === table ? forgery : text;
  });
}

/** A record as it would be if it had been written with these values. */
function resealed(text: string): string {
  const { seal: _, ...record } = JSON.parse(text);
  return JSON.stringify(sealed(record));
}

/** Flips one bit at places spread over the whole file, and asks for a finding that names where it is. */
async function everyFlipIsFound(
  path: string,
  { digest, flips }: { readonly digest: string; readonly flips: number },
): Promise<void> {
  const bytes = await Deno.readFile(path);
  const copy = `${path}.flipped.zip`;
  await Deno.writeFile(copy, bytes);
  using sound = await Archive.open(path);
  const contents = [...sound.files].map(([name, { start, bytes }]) => ({ name, start, end: start + bytes }));
  using file = await Deno.open(copy, { write: true });
  for (let i = 0; i < flips; i++) {
    // The last places are the directory's and the end's, which are a small part of the file.
    const at = i < flips - 400
      ? Math.floor((i * bytes.length) / (flips - 400))
      : bytes.length - 1 - (i - flips + 400) * 7;
    await poke(file, at, bytes[at] ^ (1 << (i % 8)));
    const found = await findingsOf(copy, digest);
    await poke(file, at, bytes[at]);
    assert(found.length > 0, `the change of byte ${at} was not found`);
    const inside = contents.find(({ start, end }) => start <= at && at < end)?.name;
    if (inside?.startsWith("data/")) assertEquals(found[0], inside);
    else assert(found[0].length > 0);
  }
}

async function poke(file: Deno.FsFile, at: number, byte: number): Promise<void> {
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(byte));
}

async function findingsOf(path: string, digest: string): Promise<string[]> {
  try {
    using archive = await Archive.open(path);
    return (await archive.check({ digest })).map(({ where }) => where);
  } catch (error) {
    return [(error as Error).message];
  }
}
