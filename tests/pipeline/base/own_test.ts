import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { remove } from "../../../pipeline/cli/commands/clean_command.ts";
import { messageOf } from "../../../pipeline/base/errors.ts";
import {
  fileProblem,
  folderProblem,
  isOfFile,
  reading,
  readJsonIfAny,
  readTextIfAny,
  walk,
} from "../../../pipeline/base/files.ts";
import { FileDigests, stampOf } from "../../../pipeline/base/digests.ts";
import { artifactDigest, folderOf } from "../../../pipeline/tasks/key.ts";
import { currentHolder, StoreLock } from "../../../pipeline/store/lock.ts";
import { openOwn } from "../../../pipeline/base/own_files.ts";
import { asideOf, refuseClosed, stagingFor } from "../../../pipeline/store/staging_place.ts";
import { homeOf, recover } from "../../../pipeline/store/recover.ts";
import { openScratch, scratchIn } from "../../../pipeline/store/checkpoints.ts";
import { FORMAT } from "../../../pipeline/store/artifact_record.ts";
import { replaceFolder } from "../../../pipeline/store/seal_artifact.ts";
import { readMemory, sealed, writeMemory } from "../../../pipeline/base/sealed_json.ts";
import { isLeftover } from "../../../pipeline/base/leftovers.ts";
import { lyingIn } from "../../../pipeline/store/strays.ts";
import { everything } from "../../../pipeline/plan/inventory.ts";
import { discard } from "../../../pipeline/store/trash.ts";
import type { Key } from "../../../pipeline/stage.ts";
import { shown, type Workspace, workspaceAt } from "../../../pipeline/base/workspace.ts";

const KEY = "0123456789abcdef";

/** An empty store, and a folder outside that is not to be touched. */
class Store implements AsyncDisposable {
  readonly #folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "store-" }));
  readonly workspace: Workspace = workspaceAt(join(this.#folder, "repository"));
  readonly outside = join(this.#folder, "outside");

  constructor() {
    Deno.mkdirSync(this.workspace.artifacts, { recursive: true });
    Deno.mkdirSync(this.outside);
    Deno.writeTextFileSync(join(this.outside, "precious"), "precious");
  }

  path(...names: string[]): string {
    return join(this.workspace.artifacts, ...names);
  }

  /** Writes a file, and the folders above it. */
  async write(name: string, text = ""): Promise<string> {
    const path = this.path(name);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, text);
    return path;
  }

  /** Asserts that files outside the workspace have not changed. */
  isSafe(): void {
    assertEquals([...Deno.readDirSync(this.outside)].map(({ name }) => name), ["precious"]);
    assertEquals(Deno.readTextFileSync(join(this.outside, "precious")), "precious");
    assertEquals([...Deno.readDirSync(this.workspace.root)].map(({ name }) => name), ["artifacts"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function lock({ workspace }: Store): Promise<string> {
  try {
    using _lock = await StoreLock.acquire(workspace, { command: "test" });
    return "locked";
  } catch (error) {
    return messageOf(error);
  }
}

Deno.test("a lock that is a link, a second name or a pipe is refused, and what it is of stays as it was", async () => {
  await using store = new Store();
  const path = store.path(".lock");
  const harms = {
    "a link": () => Deno.symlink(join(store.outside, "precious"), path),
    "a file of several names (hard links)": () => Deno.link(join(store.outside, "precious"), path),
    "a folder": () => Deno.mkdir(path),
    "a pipe": async () => void await new Deno.Command("mkfifo", { args: [path] }).output(),
  };
  for (const [what, harm] of Object.entries(harms)) {
    await harm();
    assertEquals(
      await lock(store),
      `Cannot use artifacts/.lock: it is ${what}, expected a file of the engine's own, move it away or remove it`,
    );
    assertEquals(await currentHolder(store.workspace), undefined, what);
    store.isSafe();
    await Deno.remove(path);
  }
  await Deno.symlink(join(store.outside, "new"), path);
  assertStringIncludes(await lock(store), "it is a link");
  await Deno.remove(path);
  await Deno.symlink(join(store.outside, "precious"), path);
  await assertRejects(
    () => openOwn(path),
    Error,
    "was replaced meanwhile",
    "nor one that came after the look",
  );
  store.isSafe();
  await Deno.remove(path);
  assertEquals(await lock(store), "locked");
});

for (const name of [".cache", ".aside", ".staging", ".scratch", ".logs", ".trash"]) {
  Deno.test(`a link in the place of ${name} is refused before anything is written`, async () => {
    await using store = new Store();
    await Deno.symlink(store.outside, store.path(name));
    assertEquals(
      await lock(store),
      `Cannot use artifacts/${name}: it is a link, expected a folder of the engine's own, move it away or remove it`,
    );
    await writeMemory(store.path(".cache/digests.json"), {});
    if (name === ".cache") {
      assertEquals(await readMemory(store.path(".cache/digests.json")), { type: "missing" });
    }
    store.isSafe();
  });
}

const key: Key = { stage: "train", params: {}, code: {}, packages: {}, inputs: {}, environment: {} };

Deno.test("a link in the place of a task's checkpoints or of their lock is refused", async () => {
  await using store = new Store();
  const owner = { task: "train", key };
  const path = await openScratch(store.workspace, owner);
  await Deno.remove(path);
  for (const [at, kind] of [[path, "folder"], [`${path}.lock`, "file"]] as const) {
    await Deno.symlink(kind === "folder" ? store.outside : join(store.outside, "precious"), at);
    await assertRejects(
      () => openScratch(store.workspace, owner),
      Error,
      `Cannot use ${shown(store.workspace, at)}: it is a link, expected a ${kind} of the engine's own`,
    );
    await Deno.remove(at);
  }
  await Deno.remove(`${path}.json`);
  await Deno.symlink(join(store.outside, "precious"), `${path}.json`);
  await openScratch(store.workspace, owner);
  assertEquals(await readJsonIfAny(`${path}.json`), owner as object, "the link is replaced");
  store.isSafe();
});

Deno.test("whose checkpoints they are is not believed in any other form", async () => {
  await using store = new Store();
  for (const text of ["null", "5", "[]", "{}", '{"task":"a","key":null}', "\x00\xff", '{"task":']) {
    await store.write(`.scratch/${KEY}.json`, text);
    await Deno.mkdir(store.path(".scratch", KEY), { recursive: true });
    const found = await Array.fromAsync(scratchIn(store.workspace));
    assertEquals(found, [{ path: store.path(".scratch", KEY), owner: undefined }], text);
  }
});

Deno.test("only a name that the engine gives leads from .aside to a place in the store", () => {
  const workspace = workspaceAt("/r");
  const home = (name: string) => homeOf(workspace, join(workspace.aside, name));
  assertEquals(home(`train%2Fcnn-0%2F${KEY}`), `/r/artifacts/train/cnn-0/${KEY}`);
  assertEquals(home(`train%2Fcnn-0%2F${KEY}-abcdef`), `/r/artifacts/train/cnn-0/${KEY}-abcdef`);
  const foreign = [
    "..%2Fpackage.json",
    "..%2F..%2Fplanted",
    "%2Fetc%2Fpasswd",
    "%zz",
    "%",
    `..%2Ftrain%2F${KEY}`,
    `train%2F..%2F${KEY}`,
    `.cache%2Fa%2F${KEY}`,
    `train%2F.staging%2F${KEY}`,
    `train%2F%2F${KEY}`,
    `train%2fcnn-0%2f${KEY}`,
    `train%5C..%2Fa%2F${KEY}`,
    `train%00%2Fa%2F${KEY}`,
    `tr%61in%2Fa%2F${KEY}`,
    `train%2Fcnn-0%2Fdeno.json`,
    KEY,
    "train",
  ];
  for (const name of foreign) assertEquals(home(name), undefined, name);
});

Deno.test("what is aside under a strange name stays and is named, an artifact comes back", async () => {
  await using store = new Store();
  await store.write(".aside/..%2Fpackage.json", "{}");
  await store.write(".aside/%zz", "");
  await store.write(`.aside/train%2Fa%2F${KEY}/artifact.json`, "A");
  await store.write(`train/b/.aside/${KEY}/artifact.json`, "B");
  await store.write("train/b/.staging/train-b-01234567/file", "");
  await Deno.symlink(store.outside, store.path(`.aside/train%2Fc%2F${KEY}`));
  assertEquals(await recover(store.workspace), [
    "artifacts/.aside/%zz is not from this engine and is left alone, move it away or remove it",
    "artifacts/.aside/..%2Fpackage.json is not from this engine and is left alone, move it away or remove it",
    `artifacts/.aside/train%2Fc%2F${KEY} is not from this engine and is left alone, move it away or remove it`,
  ]);
  assertEquals((await walk(store.workspace.artifacts)).map(({ name }) => name), [
    ".aside/%zz",
    ".aside/..%2Fpackage.json",
    `.aside/train%2Fc%2F${KEY}`,
    `train/a/${KEY}/artifact.json`,
    `train/b/${KEY}/artifact.json`,
  ]);
  store.isSafe();
});

/** A folder on another disk than the one for temporary files, which every Linux has. */
async function otherDisk(): Promise<string> {
  return await Deno.makeTempDir({ dir: "/dev/shm", prefix: "disk-" });
}

for (const { what, link } of [{ what: "a stage's", link: "train" }, { what: "a point's", link: "train/a" }]) {
  Deno.test(`an artifact is written, replaced and removed where ${what} folder is on another disk`, async () => {
    await using store = new Store();
    const disk = await otherDisk();
    await Deno.mkdir(join(store.path(link), ".."), { recursive: true });
    await Deno.symlink(disk, store.path(link));
    const dir = store.path("train/a", KEY);
    for (const text of ["first", "second"]) {
      const staging = await stagingFor(store.workspace, "train/a");
      await Deno.writeTextFile(join(staging, "file"), text);
      await replaceFolder({ from: staging, to: dir, aside: asideOf(dir) });
      assertEquals(await Deno.readTextFile(join(dir, "file")), text);
    }
    assertEquals((await walk(disk)).map(({ name }) => name), [`${link === "train" ? "a/" : ""}${KEY}/file`]);
    await recover(store.workspace);
    await discard(store.workspace, [dir]);
    assertEquals(await walk(disk), []);
    assertEquals(
      (await Deno.lstat(store.path(link))).isSymlink,
      true,
      "the disk stays where the user put it",
    );
    await Deno.remove(disk, { recursive: true });
  });
}

Deno.test("all of a store is its folders, and of another disk what artifacts are on it", async () => {
  await using store = new Store();
  const disk = await otherDisk();
  await Deno.symlink(disk, store.path("train"));
  for (
    const name of [
      "train/lost+found/x",
      "train/.DS_Store",
      `train/a/${KEY}/f`,
      `umap/a/${KEY}/f`,
      ".logs/umap/f",
    ]
  ) {
    await store.write(name);
  }
  const found = (await everything(store.workspace)).map((
    { kind, path },
  ) => [kind, shown(store.workspace, path)]);
  assertEquals(found, [
    ["logs", "artifacts/.logs"],
    ["artifact", `artifacts/train/a/${KEY}`],
    ["artifact", `artifacts/umap/a/${KEY}`],
  ]);
  await Deno.remove(disk, { recursive: true });
});

Deno.test("what the engine has not made is not removed: behind a link, a copy, beside or in an artifact", async () => {
  await using store = new Store();
  const mine = [
    "notes.txt",
    "photos/2019/a/b.png",
    "photos/.trash/x",
    `old/.staging/half/x`,
    "old/.probe/x",
    "old/.trash/x",
  ];
  for (const name of mine) await store.write(`../../outside/home/${name}`);
  await Deno.symlink(join(store.outside, "home"), store.path("home"));
  await store.write("backup/2019/a/b.png");
  const digest = artifactDigest({ files: {}, meta: {} });
  const record = {
    format: FORMAT,
    task: "train[a]",
    point: { model: "a" },
    key,
    modules: {},
    files: {},
    meta: {},
    digest,
  };
  const place = folderOf(key);
  for (const stage of ["train", "train-2019"]) {
    await store.write(`${stage}/a/${place}/artifact.json`, JSON.stringify(sealed(record)));
    await store.write(`${stage}/a/${place}/notes.txt`);
  }
  await recover(store.workspace);
  await remove(store.workspace, await everything(store.workspace));
  assertEquals((await walk(join(store.outside, "home"))).map(({ name }) => name), mine.toSorted());
  const left = (await walk(store.workspace.artifacts)).map(({ name }) =>
    name.replace(/strays-\w+/, "strays")
  );
  assertEquals(left, [
    "backup/2019/a/b.png",
    "home",
    `train-2019/a/${place}/artifact.json`,
    `train-2019/a/${place}/notes.txt`,
    `train/a/${place}.strays/notes.txt`,
  ]);
  await Deno.remove(join(store.outside, "home"), { recursive: true });
});

Deno.test("a place that cannot be written to is refused with its path before anything runs", async () => {
  await using store = new Store();
  await Deno.symlink("/nowhere/disk", store.path("train"));
  await store.write("umap", "a file");
  await Deno.symlink("loop", store.path("loop"));
  const problems = {
    train: "a link to /nowhere/disk, which is not there",
    umap: "a file, expected a folder",
    loop: "Too many levels of symbolic links (os error 40)",
  };
  for (const [stage, problem] of Object.entries(problems)) {
    await assertRejects(
      () => stagingFor(store.workspace, `${stage}/main`),
      Error,
      `Cannot write to artifacts/${stage}: ${problem}, mount its disk again or move what is there away`,
    );
  }
});

Deno.test("what is hidden beside artifacts is the engine's own, too", async () => {
  await using store = new Store();
  await Deno.mkdir(join(store.outside, KEY));
  await store.write(`train/a/${KEY}/artifact.json`);
  for (const name of [".aside", ".staging", ".trash", ".probe"]) {
    await Deno.symlink(store.outside, store.path("train/a", name));
    await assertRejects(
      () => stagingFor(store.workspace, "train/a"),
      Error,
      `Cannot use artifacts/train/a/${name}: it is a link, expected a folder of the engine's own`,
    );
    const said = await recover(store.workspace);
    assertEquals(
      said.map((text) => text.split(" ")[0]),
      name === ".aside" ? ["artifacts/train/a/.aside"] : [],
    );
    await Deno.remove(store.path("train/a", name)).catch(() => {});
  }
  await Deno.remove(join(store.outside, KEY));
  store.isSafe();
});

Deno.test("what cannot be read is said in words, and a pipe keeps nobody waiting", async () => {
  await using store = new Store();
  const path = store.path("file");
  const digests = await FileDigests.open(store.path(".cache/digests.json"));
  const kinds: Record<string, () => Promise<unknown>> = {
    "a folder, expected a file": () => Deno.mkdir(path),
    "a pipe, expected a file": () => new Deno.Command("mkfifo", { args: [path] }).output(),
    "a device, expected a file": () => Deno.symlink("/dev/zero", path),
    "a link to nothing, which is not there": () => Deno.symlink("nothing", path),
    "Too many levels of symbolic links (os error 40)": () => Deno.symlink("file", path),
  };
  for (const [problem, make] of Object.entries(kinds)) {
    await make();
    assertEquals(await fileProblem(path), problem);
    await assertRejects(() => readTextIfAny(path), Error, `Cannot read ${path}: ${problem}`);
    assertEquals(await readJsonIfAny(path), undefined);
    assertEquals([await digests.rehashed(path), await stampOf(path)], [undefined, undefined]);
    assertEquals(await readMemory(path), { type: "damaged", problem });
    await Deno.remove(path);
  }
  assertEquals([await fileProblem(path), await folderProblem(path)], ["gone", "gone"]);
  await store.write("file");
  await Deno.truncate(path, 2 ** 40);
  await assertRejects(
    () => readTextIfAny(path),
    Error,
    `Cannot read ${path}: 1099511627776 bytes, expected at most`,
  );
  assertStringIncludes(await fileProblem(store.path("a".repeat(300))) ?? "", "File name too long");
});

Deno.test("a file that cannot be opened or read is that file's problem, a machine out of something is not", async () => {
  await using store = new Store();
  const path = await store.write("file", "text");
  const failing = (message: string, code: string) => () =>
    reading(path, () => Promise.reject(Object.assign(new Error(message), { code })));
  for (
    const [message, code] of [["Permission denied (os error 13)", "EACCES"], [
      "Input/output error (os error 5)",
      "EIO",
    ]]
  ) {
    const error = await assertRejects(failing(`${message}: open '${path}'`, code), Error, message);
    assertEquals(error.message, `Cannot read ${path}: ${message}`);
  }
  for (const code of ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC"]) {
    const error = await assertRejects(failing("out of something", code), Error);
    assertEquals(error.message, "out of something");
  }
  assertEquals(isOfFile(new Error("no code")), false);
});

Deno.test("a byte order mark is no part of a text, and text that is none is no JSON", async () => {
  await using store = new Store();
  const path = await store.write("file", '\uFEFF{"a":1}');
  assertEquals(await readJsonIfAny(path), { a: 1 });
  await Deno.writeFile(path, new Uint8Array([0xff, 0, 1, 2]));
  assertEquals(await readJsonIfAny(path), undefined);
});

Deno.test("what desktops, editors and file systems leave is known by its name", () => {
  const leftovers = [
    ".DS_Store",
    "._model.json",
    "Thumbs.db",
    "desktop.ini",
    ".directory",
    "REPORT.md~",
    ".REPORT.md.swp",
    "#REPORT.md#",
    ".#REPORT.md",
    ".nfs000000000000000100000001",
    ".fuse_hidden0000000300000001",
    "lost+found",
    ".Trash-1000/files/a",
    ".git/HEAD",
    ".gitkeep",
    "@eaDir/a",
    "figures/.DS_Store",
  ];
  for (const name of leftovers) assertEquals(isLeftover(name), true, name);
  for (const name of ["notes.txt", "model.json", "snapshots/100.safetensors", "a#b", "~a"]) {
    assertEquals(isLeftover(name), false, name);
  }
});

Deno.test("what lies beside artifacts is found, and what keeps artifacts from being read", async () => {
  await using store = new Store();
  for (const name of ["README.md", ".lock", ".cache/code.json", `train/a/${KEY}/artifact.json`]) {
    await store.write(name);
  }
  const strays = [
    ".DS_Store",
    "Thumbs.db",
    "train/desktop.ini",
    "train/a/._x",
    "train/a/notes/a.txt",
    "lost+found/x",
  ];
  for (const name of strays) await store.write(name);
  await Deno.symlink("/nowhere", store.path("umap"));
  const found = (await lyingIn(store.workspace)).map((
    { path, problem },
  ) => [path.slice(store.path().length + 1), problem]);
  assertEquals(found, [
    [".DS_Store", undefined],
    ["Thumbs.db", undefined],
    ["lost+found", undefined],
    ["train/a/._x", undefined],
    ["train/a/notes", undefined],
    ["train/desktop.ini", undefined],
    ["umap", "a link to /nowhere, which is not there"],
  ]);
});

Deno.test("a disk where Deno confines nobody is refused before a stage runs there", async () => {
  const disk = await otherDisk();
  await assertRejects(
    () => refuseClosed(disk, "artifacts/train"),
    Error,
    `Cannot write to artifacts/train: it is at ${disk}, and Deno lets no confined process read or write below /dev`,
  );
  await Deno.remove(disk, { recursive: true });
  await refuseClosed(Deno.cwd(), "here");
});
