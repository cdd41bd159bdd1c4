import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import type { Engine } from "../../../pipeline/plan/engine.ts";
import { walk } from "../../../pipeline/base/files.ts";
import { FileDigests, hashFile } from "../../../pipeline/base/digests.ts";
import { artifactDigest, folderOf } from "../../../pipeline/tasks/key.ts";
import { fillPlaceholders, publishReport } from "../../../pipeline/run/publish_report.ts";
import { FORMAT } from "../../../pipeline/store/artifact_record.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import { readArtifact } from "../../../pipeline/store/artifacts.ts";
import type { Artifact, Digest, Key } from "../../../pipeline/stage.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";

async function filled(text: string, run: object): Promise<string> {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/run.json`, JSON.stringify(sealed(run)));
  const dirOf = (task: string) => task === "train[cnn,0]" ? dir : undefined;
  const found = await fillPlaceholders(text, dirOf, { root: "/home/ada/treenet" });
  await Deno.remove(dir, { recursive: true });
  return found;
}

const run = { task: "train[cnn,0]", seconds: 8, records: {} };

Deno.test("a rate is an amount a second of the run", async () => {
  const text = "{{rate train[cnn,0] 4096 unless records.resumedFrom}}/s, {{run train[cnn,0] seconds}}";
  assertEquals(await filled(text, run), "512/s, 8.0 s");
});

Deno.test("there is no rate of a run that has the field which says so, and of none without a record", async () => {
  const text = "{{rate train[cnn,0] 4096 unless records.resumedFrom}}";
  assertEquals(await filled(text, { ...run, records: { resumedFrom: 100 } }), "not recorded");
  assertEquals(await filled(text, { ...run, seconds: 0 }), "not recorded");
  assertEquals(await filled(text.replace("cnn", "other"), run), "not recorded");
});

Deno.test("what the record of a run does not know is unknown, and no secret or path of an old one is published", async () => {
  assertEquals(await filled("{{run train[cnn,0] commit}}", { ...run, commit: null }), "unknown");
  const records = { source: "https://ada:PASSWORD@host/c.tar.gz?sig=SIGNATURE" };
  const text = await filled("{{run train[cnn,0] records.source}}", { ...run, records });
  assertEquals(text, "https://…@host/c.tar.gz…");
  const command = "deno task stage x --source /home/ada/treenet/data.tar --set a=/data/ada/b.tar";
  assertEquals(
    await filled("{{run train[cnn,0] command}}", { ...run, command }),
    "deno task stage x --source data.tar --set a=…/b.tar",
  );
});

/** A repository, with the store and the report folder of the profile `my`. */
class Desk implements AsyncDisposable {
  private constructor(readonly root: string, readonly engine: Engine) {}

  static async create(): Promise<Desk> {
    const root = await Deno.realPath(await Deno.makeTempDir());
    const workspace = workspaceAt(root);
    const digests = await FileDigests.open(join(root, "digests.json"));
    return new Desk(root, { workspace, profile: { name: "my", report: "my" }, digests } as Engine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(dirname(join(this.root, path)), { recursive: true });
    await Deno.writeTextFile(join(this.root, path), text);
  }

  read(path: string): Promise<string> {
    return Deno.readTextFile(join(this.root, path));
  }

  async names(path = "reports/my"): Promise<string[]> {
    return (await walk(join(this.root, path))).map(({ name }) => name);
  }

  /** Seals a report of these files in the store. */
  async report(files: Readonly<Record<string, string>>): Promise<Artifact> {
    const params = files as Key["params"];
    const key: Key = { stage: "report", params, code: {}, packages: {}, inputs: {}, environment: {} };
    const dir = `artifacts/report/main/${folderOf(key)}`;
    const digests: Record<string, Digest> = {};
    for (const [name, text] of Object.entries(files)) {
      await this.write(`${dir}/${name}`, text);
      digests[name] = await hashFile(join(this.root, dir, name));
    }
    const entries = Object.entries(digests).map((
      [name, digest],
    ) => [name, { digest, bytes: files[name].length }]);
    const digest = artifactDigest({ files: digests, meta: {} });
    const content = {
      format: FORMAT,
      task: "report",
      point: {},
      key,
      modules: {},
      files: Object.fromEntries(entries),
      meta: {},
      digest,
    };
    await this.write(`${dir}/artifact.json`, JSON.stringify(sealed(content)));
    return (await readArtifact(join(this.root, dir)))!;
  }

  publish(artifact: Artifact, dirOf: (task: string) => string | undefined = () => undefined) {
    return publishReport(this.engine, artifact, dirOf);
  }
}

const first = { "REPORT.md": "# One", "figures/a.svg": "<a/>", "figures/b/c.csv": "1" };
const second = { "REPORT.md": "# Two", "figures/d.svg": "<d/>" };

Deno.test("a new report takes the place of the old one, and files of the user's beside it stay", async () => {
  await using desk = await Desk.create();
  assertEquals((await desk.publish(await desk.report(first)))?.kept, []);
  assertEquals(await desk.names(), ["REPORT.md", "figures/a.svg", "figures/b/c.csv"]);
  assertEquals(await desk.publish(await desk.report(first)), undefined, "nothing is written twice");
  await desk.write("reports/my/notes.txt", "of three years");
  await desk.write("reports/my/figures/mine.svg", "<mine/>");
  await desk.publish(await desk.report(second));
  assertEquals(await desk.names(), ["REPORT.md", "figures/d.svg", "figures/mine.svg", "notes.txt"]);
  assertStringIncludes(await desk.read("reports/my/REPORT.md"), "# Two");
});

Deno.test("what a record that came with an archive says draws on no terminal from the report", async () => {
  const command = "deno task reproduce\x1b[2J\nand \u202egnp";
  assertEquals(
    await filled("{{run train[cnn,0] command}}", { ...run, command }),
    "deno task reproduce\\u001b[2J\\u000aand \\u202egnp",
  );
});

Deno.test("a report of the same artifact is published again where another run made what it reads, and then not again", async () => {
  await using desk = await Desk.create();
  const artifact = await desk.report({ "REPORT.md": "took {{run train[cnn,0] seconds}}" });
  for (const [took, seconds] of [["12 s", 12], ["13 s", 13]] as const) {
    await desk.write("train/run.json", JSON.stringify(sealed({ ...run, seconds })));
    const publish = () => desk.publish(artifact, () => join(desk.root, "train"));
    assertEquals((await publish())?.kept, []);
    assertStringIncludes(await desk.read("reports/my/REPORT.md"), `took ${took}`);
    assertEquals(await publish(), undefined);
  }
});

Deno.test("a folder that holds no report is left as it is", async () => {
  for (const name of ["notes.txt", "REPORT.md", "figures/a.svg"]) {
    await using desk = await Desk.create();
    await desk.write(`reports/my/${name}`, "of three years");
    await assertRejects(
      async () => await desk.publish(await desk.report(first)),
      Error,
      `Cannot publish to reports/my: it holds ${name} and no published report, move that away`,
    );
    assertEquals(await desk.names(), [name]);
    assertEquals(await desk.read(`reports/my/${name}`), "of three years");
  }
});

Deno.test("a publication that ends anywhere in between leaves the old text or the new one, and is made good", async () => {
  const rename = Deno.rename;
  for (let last = 0; last < 3; last++) {
    await using desk = await Desk.create();
    await desk.publish(await desk.report(first));
    await desk.write("reports/my/notes.txt", "of three years");
    const old = await desk.read("reports/my/REPORT.md");
    let renames = 0;
    Deno.rename = (...names) =>
      renames++ < last ? rename(...names) : Promise.reject(new Error("the power is gone"));
    const ended = await desk.report(second).then((report) => desk.publish(report)).then(
      () => true,
      () => false,
    )
      .finally(() => Deno.rename = rename);
    const text = await desk.read("reports/my/REPORT.md");
    assertEquals([ended, text === old], last < 2 ? [false, true] : [true, false]);
    await desk.publish(await desk.report(second));
    assertEquals(await desk.names(), ["REPORT.md", "figures/d.svg", "notes.txt"]);
    assertStringIncludes(await desk.read("reports/my/REPORT.md"), "# Two");
  }
});

Deno.test("hidden files and what a kill left half written do not make a folder the user's", async () => {
  await using desk = await Desk.create();
  await desk.write("reports/my/.DS_Store", "");
  await desk.write("reports/my/figures/.a.svg.new", "<");
  await desk.publish(await desk.report(first));
  assertEquals(await desk.names(), [".DS_Store", "REPORT.md", "figures/a.svg", "figures/b/c.csv"]);
});

Deno.test("what was written into a published report is kept beside the next one", async () => {
  await using desk = await Desk.create();
  await desk.publish(await desk.report(first));
  const edit = async (text: string) => {
    await desk.write("reports/my/REPORT.md", text);
    return (await desk.publish(await desk.report(first)))?.kept;
  };
  const published = await desk.read("reports/my/REPORT.md");
  assertEquals(await edit(published.replace("One", "My own")), ["REPORT.md.edited"]);
  assertEquals(await edit("cut"), ["REPORT.md.edited-2"]);
  assertStringIncludes(await desk.read("reports/my/REPORT.md.edited"), "# My own");
  assertEquals(await desk.read("reports/my/REPORT.md.edited-2"), "cut");
  assertEquals(await desk.read("reports/my/REPORT.md"), published);
  assertEquals(await edit(published.replaceAll("\n", "\r\n")), undefined, "ends of lines are git's");
});

Deno.test("a figure of the last report that was replaced by hand is kept, whatever link leads to it", async () => {
  await using desk = await Desk.create();
  await desk.publish(await desk.report(first));
  await desk.write("reports/my/figures/a.svg", "<mine/>");
  assertEquals((await desk.publish(await desk.report(first)))?.kept, ["figures/a.svg.edited"]);
  assertEquals(await desk.read("reports/my/figures/a.svg.edited"), "<mine/>");
  await desk.write("paper/a.svg", "<paper/>");
  await Deno.remove(join(desk.root, "reports/my/figures"), { recursive: true });
  await Deno.symlink(join(desk.root, "paper"), join(desk.root, "reports/my/figures"));
  assertEquals((await desk.publish(await desk.report(first)))?.kept, ["figures/a.svg.edited"]);
  assertEquals(await desk.read("paper/a.svg.edited"), "<paper/>");
  // The store never had this report, so it cannot tell an edit from the original.
  await desk.write(
    "reports/my/REPORT.md",
    await desk.read("reports/my/REPORT.md").then((text) =>
      text.replace(/report [0-9a-f]{64}/, `report ${"0".repeat(64)}`)
    ),
  );
  await desk.write("paper/a.svg", "<old/>");
  assertEquals((await desk.publish(await desk.report(first)))?.kept, []);
});

Deno.test("what is no file in the place of one is named before anything is written", async () => {
  const harms: Record<string, (path: string) => Promise<void>> = {
    "REPORT.md is a folder, expected a file": (path) => Deno.mkdir(join(path, "REPORT.md")),
    "figures is a file, expected a folder": (path) => Deno.writeTextFile(join(path, "figures"), ""),
    "figures is a link to gone, which is not there": (path) => Deno.symlink("gone", join(path, "figures")),
  };
  for (const [said, harm] of Object.entries(harms)) {
    await using desk = await Desk.create();
    const path = join(desk.root, "reports/my");
    await Deno.mkdir(path, { recursive: true });
    await harm(path);
    const publish = async () => await desk.publish(await desk.report(first));
    await assertRejects(publish, Error, `Cannot publish to reports/my: ${said}, move it away`);
    assertEquals([...Deno.readDirSync(path)].length, 1);
  }
});

Deno.test("a folder that is a link is written through, and a link to nothing is named", async () => {
  await using desk = await Desk.create();
  await Deno.mkdir(join(desk.root, "paper/reports"), { recursive: true });
  await Deno.mkdir(join(desk.root, "elsewhere"));
  await Deno.symlink(join(desk.root, "elsewhere"), join(desk.root, "reports"));
  await Deno.symlink(join(desk.root, "paper/reports"), join(desk.root, "elsewhere/my"));
  for (const files of [first, second]) await desk.publish(await desk.report(files));
  assertEquals(await desk.names("paper/reports"), ["REPORT.md", "figures/d.svg"]);
  assert((await Deno.lstat(join(desk.root, "reports"))).isSymlink);
  assert((await Deno.lstat(join(desk.root, "elsewhere/my"))).isSymlink);
  await Deno.remove(join(desk.root, "paper"), { recursive: true });
  await assertRejects(
    async () => await desk.publish(await desk.report(first)),
    Error,
    `Cannot publish to reports/my: it is a link to ${desk.root}/paper/reports, where no folder is`,
  );
});

const OTHER_DISK = "/dev/shm";
const isThere = await Deno.stat(OTHER_DISK).then(({ dev }) => dev !== Deno.statSync("/tmp").dev, () => false);

Deno.test({
  name: "a folder may be on another disk",
  ignore: !isThere,
  fn: async () => {
    await using desk = await Desk.create();
    const disk = await Deno.makeTempDir({ dir: OTHER_DISK });
    await Deno.mkdir(join(desk.root, "reports"));
    await Deno.symlink(disk, join(desk.root, "reports/my"));
    for (const files of [first, second]) await desk.publish(await desk.report(files));
    assertEquals((await walk(disk)).map(({ name }) => name), ["REPORT.md", "figures/d.svg"]);
    await Deno.remove(disk, { recursive: true });
  },
});
