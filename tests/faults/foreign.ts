/**
 * Foreign entries in the store: links in place of the engine's own files, names that lead elsewhere, folders,
 * pipes and loops in place of files, files that desktops and people leave, and folders on other disks. The
 * engine never writes to, moves or removes a foreign entry, and each costs at most its own artifact.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { basename, dirname, join } from "node:path";
import { CHAIN, Ground, namesIn } from "./support/ground.ts";
import { mount, mounting, reason } from "./support/mount.ts";
import { quiet } from "./support/processes.ts";
import { SEED } from "./support/seed.ts";

console.log(`seed ${SEED} (deno task test:faults --seed ${SEED})`);

/** A folder outside the store that must stay unchanged. */
class Outside implements AsyncDisposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "outside-" }));

  constructor() {
    Deno.writeTextFileSync(this.precious, "precious");
  }

  get precious(): string {
    return join(this.path, "precious");
  }

  isSafe(what: string): void {
    assertEquals(namesIn(this.path), ["precious"], what);
    assertEquals(Deno.readTextFileSync(this.precious), "precious", what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Commands that only read work with any entry in the store. */
async function looksOn(ground: Ground, what: string): Promise<void> {
  for (
    const args of [["status", ...CHAIN], ["why", "total", ...CHAIN], ["du"], ["clean", "--dry-run"], [
      "diff",
      "chain",
      "chain",
    ]]
  ) {
    const { code, stderr } = await ground.workspace.run(...args);
    assertEquals([code, stderr], [0, ""], `${what}: ${args.join(" ")}`);
  }
}

function recordOf(ground: Ground, place: string): string {
  return ground.files().find((path) => path.includes(`/${place}/`) && path.endsWith("artifact.json"))!;
}

Deno.test("a link in place of the engine's own is refused by name, and what it leads to stays as it was", async () => {
  await using ground = await Ground.create();
  await using outside = new Outside();
  const own = [
    ".cache",
    ".aside",
    ".staging",
    ".scratch",
    ".logs",
    ".trash",
    ".logs/walk",
    ".logs/walk/0",
    ".lock",
  ];
  for (const name of own) {
    await Deno.remove(recordOf(ground, "walk/0"));
    const path = ground.path("artifacts", name);
    await Deno.remove(path, { recursive: true }).catch(() => {});
    await Deno.symlink(name === ".lock" ? outside.precious : outside.path, path);
    assertEquals((await ground.workspace.run("status", ...CHAIN)).code, 0);
    const { code, stdout, stderr } = await ground.workspace.run("reproduce", ...CHAIN);
    assertEquals(code, 1, name);
    assertStringIncludes(stdout + stderr, `Cannot use artifacts/${name}: it is a link, expected a `);
    outside.isSafe(name);
    await Deno.remove(path);
    await ground.comesBack(name);
  }
});

Deno.test("a link in place of a record, a memory or an artifact is replaced, and what it leads to stays as it was", async () => {
  await using ground = await Ground.create();
  await using outside = new Outside();
  const total = dirname(recordOf(ground, "total/main"));
  for (const path of [join(total, "artifact.json"), ground.path("artifacts/.cache/digests.json"), total]) {
    await Deno.remove(path, { recursive: true });
    await Deno.symlink(path === total ? outside.path : outside.precious, path);
    await ground.comesBack(path);
    outside.isSafe(path);
    assertEquals((await Deno.lstat(path)).isSymlink, false, path);
  }
  await Deno.remove(join(total, "run.json"));
  await Deno.symlink(outside.precious, join(total, "run.json"));
  assertEquals((await ground.workspace.run("stage", "total", "--force", ...CHAIN)).code, 0);
  outside.isSafe("run.json");
  assertEquals((await ground.workspace.run("verify")).code, 0);
});

Deno.test("a name in .aside that no engine has given leads nowhere, is named and left", async () => {
  await using ground = await Ground.create();
  const names = ["..%2Fpackage.json", "..%2F..%2Fplanted", "%zz", "walk%2F..%2F0123456789abcdef"];
  for (const name of names) await Deno.mkdir(ground.path("artifacts/.aside", name), { recursive: true });
  const before = namesIn(ground.root);
  const { code, stdout } = await ground.workspace.run("reproduce", ...CHAIN);
  assertEquals(code, 0);
  for (const name of names) assertStringIncludes(stdout, `artifacts/.aside/${name} is not from this engine`);
  assertEquals([namesIn(ground.root), namesIn(ground.path("artifacts/.aside"))], [before, names.sort()]);
  assertEquals(namesIn(dirname(ground.root)).includes("planted"), false);
});

const IN_PLACE: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "a folder": (path) => Deno.mkdir(path),
  "a pipe": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  "a device": (path) => Deno.symlink("/dev/zero", path),
  "a link to nowhere": (path) => Deno.symlink("/nowhere", path),
  "a loop": (path) => Deno.symlink(basename(path), path),
  "no text": (path) => Deno.writeFile(path, new Uint8Array([0xff, 0xfe, 0, 0x80])),
};

for (const [what, put] of Object.entries(IN_PLACE)) {
  Deno.test(`${what} in place of a file is named by verify, costs its own artifact alone, and nobody waits for it`, async () => {
    await using ground = await Ground.create();
    const total = dirname(recordOf(ground, "total/main"));
    for (const name of ["total.json", "artifact.json", "run.json"]) {
      await Deno.remove(join(total, name), { recursive: true });
      await put(join(total, name));
      const { code, stdout } = await ground.workspace.run("verify");
      assertEquals(code, 1);
      assertMatch(stdout, new RegExp(`^damaged .*${name}.* in artifacts/total/main/`, "m"));
      assertMatch(stdout, /^5 artifacts read, 1 damaged$/m);
      await looksOn(ground, `${what}, ${name}`);
      const { built, failed } = await ground.workspace.reproduce(...CHAIN);
      assertEquals([built, failed], [name === "run.json" ? [] : ["total"], []], name);
      if (name === "run.json") await ground.workspace.run("stage", "total", "--force", ...CHAIN);
      assertEquals((await ground.workspace.run("verify")).code, 0, name);
      ground.isWhole(`${what}, ${name}`);
    }
    for (const name of ["digests.json", "code.json"]) {
      const path = ground.path("artifacts/.cache", name);
      await Deno.remove(path);
      await put(path);
      await looksOn(ground, name);
      assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  });
}

Deno.test("a folder of a stage that cannot be read costs that stage alone, and a run says so before it starts there", async () => {
  await using ground = await Ground.create();
  await Deno.remove(ground.path("artifacts/total"), { recursive: true });
  await Deno.symlink("/nowhere/disk", ground.path("artifacts/total"));
  const problem = "artifacts/total: a link to /nowhere/disk, which is not there";
  await looksOn(ground, "a disk that is not there");
  const { total, ...others } = await ground.workspace.status(...CHAIN);
  assertEquals([total.state, total.reasons], ["missing", [`cannot be read: ${problem}`]]);
  assertEquals([others.source.state, others["walk[0]"].state], ["fresh", "fresh"]);
  const verified = await ground.workspace.run("verify");
  assertStringIncludes(verified.stdout, "total (a link to /nowhere/disk, which is not there) in artifacts\n");
  const { code, stdout } = await ground.workspace.run("reproduce", ...CHAIN);
  assertEquals(code, 1);
  assertStringIncludes(stdout, `FAILED  total: Cannot write to ${problem}, mount its disk again`);
  assertEquals(stdout.includes("run     total"), false);
  await Deno.remove(ground.path("artifacts/total"));
  await ground.comesBack("a disk that is there again");
});

Deno.test("what desktops and editors leave in the store is named, and nothing is built or lost for it", async () => {
  await using ground = await Ground.create();
  const walk = dirname(recordOf(ground, "walk/0"));
  const strays = [
    ground.path("artifacts/.DS_Store"),
    ground.path("artifacts/Thumbs.db"),
    ground.path("artifacts/walk/desktop.ini"),
    ground.path("artifacts/walk/0/._0"),
    ...[".DS_Store", "walk.json~", ".walk.json.swp", ".nfs0001", ".git/HEAD"].map((name) => join(walk, name)),
  ];
  for (const path of strays) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, "stray");
  }
  const { code, stdout } = await ground.workspace.run("verify");
  assertEquals(code, 0, stdout);
  for (const path of strays) assertStringIncludes(stdout, basename(path));
  assertMatch(stdout, /^5 artifacts read, 0 damaged$/m);
  await looksOn(ground, "strays");
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
  assertEquals((await ground.workspace.run("stage", "total", "--force", ...CHAIN)).code, 0);
  for (const path of strays) assertEquals(await Deno.readTextFile(path), "stray", path);
});

Deno.test("a file that somebody put into an artifact costs no training, and goes beside it before a stage reads there", async () => {
  await using ground = await Ground.create();
  const walk = dirname(recordOf(ground, "walk/0"));
  await Deno.writeTextFile(join(walk, "notes.txt"), "mine");
  const { "walk[0]": status } = await ground.workspace.status(...CHAIN);
  assertEquals([status.state, status.reasons], ["fresh", ["notes.txt is not part of it"]]);
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, []);
  assertEquals(await Deno.readTextFile(join(walk, "notes.txt")), "mine", "nobody has read there");
  const { stdout } = await ground.workspace.run("stage", "total", "--force", ...CHAIN);
  const [, beside] = stdout.match(/not part of walk\[0\] in its folder is now in (\S+)/)!;
  assertEquals(await ground.workspace.read(beside, "notes.txt"), "mine");
  assertEquals(namesIn(walk).includes("notes.txt"), false);
  assertStringIncludes((await ground.workspace.run("verify")).stdout, `ignored  ${basename(beside)} in`);
  await Deno.writeTextFile(join(walk, "more.txt"), "mine");
  await Deno.remove(join(walk, "walk.json"));
  assertEquals((await ground.workspace.reproduce(...CHAIN)).built, ["walk[0]"]);
  const left = namesIn(dirname(walk)).filter((name) => name.includes(".strays-"));
  assertEquals(left.flatMap((name) => namesIn(join(dirname(walk), name))).sort(), ["more.txt", "notes.txt"]);
});

Deno.test("files that an archive left out are counted and named, and a damaged list of them serves nobody", async () => {
  await using ground = await Ground.create();
  const { sealed } = await import("../../pipeline/base/sealed_json.ts");
  const source = dirname(recordOf(ground, "source/main"));
  const files = ["source.bin", "notes/size.txt"];
  const list = join(source, "elsewhere.json");
  await Deno.writeTextFile(list, JSON.stringify(sealed({ files })));
  await Deno.remove(join(source, "source.bin"));
  let { code, stdout } = await ground.workspace.run("verify");
  assertEquals(code, 0);
  assertMatch(stdout, /^absent {3}source: source\.bin in artifacts\/source\/main/m);
  assertMatch(stdout, /^5 artifacts read, 1 file absent that an archive left out, 0 damaged$/m);
  const { source: status } = await ground.workspace.status(...CHAIN);
  assertEquals(status.reasons, ["1 file not here, archived without"]);
  await Deno.remove(join(source, "notes"), { recursive: true });
  ({ code, stdout } = await ground.workspace.run("verify"));
  assertMatch(
    stdout,
    /^4 artifacts read, 1 not here at all, 2 files absent that an archive left out, 0 damaged$/m,
  );
  const json = JSON.parse((await ground.workspace.run("verify", "--json")).stdout);
  assertEquals(json.find(({ id }: { id: string }) => id === "source").absent, files.toReversed().sort());
  await Deno.writeTextFile(list, (await Deno.readTextFile(list)).replace("notes/size", "notes/Size"));
  ({ code, stdout } = await ground.workspace.run("verify"));
  assertEquals(code, 1);
  assertMatch(stdout, /^damaged {2}source: .*source\.bin \(gone\).*elsewhere\.json/m);
  await ground.comesBack("a damaged list");
});

for (const place of ["walk", "walk/0"]) {
  Deno.test({
    name: `artifacts/${place} on its own disk: published, replaced, killed, removed${mounting}`,
    ignore: reason !== undefined,
    async fn() {
      await using ground = await Ground.create();
      await Deno.remove(ground.path("artifacts", place), { recursive: true });
      await Deno.mkdir(ground.path("artifacts", place));
      {
        await using _disk = await mount(
          ground.path("artifacts", place),
          "-t tmpfs -o size=8m tmpfs",
        ) as AsyncDisposable;
        await ground.comesBack("an empty disk");
        const forced = ["stage", "walk[0]", "--force", ...CHAIN, "--jobs", "1"];
        const trace = ground.path("trace.txt");
        await ground.runWith({ FAULT_TRACE: trace }, ...forced);
        await Deno.remove(join(dirname(recordOf(ground, "walk/0")), "walk.json"));
        await ground.runWith({ FAULT_TRACE: trace }, "reproduce", ...CHAIN, "--jobs", "1");
        const operations = (await Deno.readTextFile(trace)).split("\n");
        assert(
          operations.some((line) => /^rename .*\/walk\/0\/\.staging\//.test(line)),
          "it was written beside",
        );
        const first = operations.findIndex((line) => /^mkdir .*\/\.staging\/walk/.test(line));
        const last = operations.findLastIndex((line) => line.includes("/.aside"));
        for (let at = first + 1; at <= last + 1; at++) {
          await Deno.remove(join(dirname(recordOf(ground, "walk/0")), "walk.json"));
          await ground.runWith({ FAULT_KILL: String(at) }, "reproduce", ...CHAIN, "--jobs", "1");
          await quiet(ground.root);
          await ground.comesBack(`killed before ${operations[at - 1]}`);
          const hidden = namesIn(ground.path("artifacts/walk/0")).filter((name) => name.startsWith("."));
          assertEquals(hidden.flatMap((name) => namesIn(ground.path("artifacts/walk/0", name))), []);
        }
        await ground.workspace.run("clean", "--all");
        assertEquals(namesIn(ground.path("artifacts", place)), []);
        await ground.comesBack("after clean");
      }
    },
  });
}

Deno.test("a stage's folder below /dev, which Deno opens to nobody who is confined, is refused before the stage runs", async () => {
  await using ground = await Ground.create();
  const disk = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "disk-" });
  await Deno.remove(ground.path("artifacts/walk"), { recursive: true });
  await Deno.symlink(disk, ground.path("artifacts/walk"));
  const { code, stdout } = await ground.workspace.run("reproduce", ...CHAIN);
  assertEquals(code, 1);
  assertMatch(stdout, /FAILED {2}walk\[0\]: Cannot write to artifacts\/walk\/0: it is at \/dev\/shm\//);
  assertEquals(/^run {5}walk/m.test(stdout), false, "before the stage runs");
  await Deno.remove(ground.path("artifacts/walk"));
  await Deno.remove(disk, { recursive: true });
  await ground.comesBack("on a disk that is open");
});
