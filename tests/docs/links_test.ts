import { assert, assertEquals, assertGreater } from "@std/assert";
import { extname } from "node:path";

const ROOT = new URL("../../", import.meta.url);
const UNREAD = ["artifacts", "coverage", "node_modules", "reports"];
const CODE = [".as", ".cc", ".h", ".json", ".py", ".ts"];

/** Paths of the files below a folder, relative to the repository; hidden ones are left out. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(new URL(folder, ROOT))) {
    if (name.startsWith(".") || folder === "./" && UNREAD.includes(name)) continue;
    const path = `${folder}${name}`.replace(/^\.\//, "");
    if (isDirectory) yield* filesBelow(`${path}/`);
    else if (isFile) yield path;
  }
}

const text = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** Pages whose links are followed. */
async function pages(): Promise<string[]> {
  const found = ["README.md", "CHANGELOG.md", "artifacts/README.md"];
  for await (const path of filesBelow("docs/")) if (path.endsWith(".md")) found.push(path);
  for await (const { name } of Deno.readDir(new URL("reports/", ROOT))) {
    const report = `reports/${name}/REPORT.md`;
    if (await Deno.stat(new URL(report, ROOT)).then(() => true, () => false)) found.push(report);
  }
  return found;
}

const withoutFences = (markdown: string) => markdown.replace(/^ *(```|~~~)[^]*?^ *\1.*$/gm, "");

/** Targets of links and pictures. */
function targetsIn(markdown: string): readonly string[] {
  const prose = withoutFences(markdown).replace(/`[^`]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
}

/** Anchors of a page as GitHub makes them: of headings, and those set by hand. */
function anchorsIn(markdown: string): ReadonlySet<string> {
  const anchors = new Set([...markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name]) => name));
  const times = new Map<string, number>();
  for (const [, heading] of withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = shown.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    anchors.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return anchors;
}

/** The fault of a link on the page `from`, if there is one. */
async function faultOf(target: string, from: string): Promise<string | undefined> {
  if (/^[a-z]+:/.test(target)) return undefined;
  const url = new URL(target, new URL(from, ROOT));
  const anchor = decodeURIComponent(url.hash.slice(1));
  url.hash = "";
  const found = await Deno.stat(url).catch(() => undefined);
  if (found === undefined) return `${from}: nothing is at ${target}`;
  if (anchor === "" || found.isDirectory) return undefined;
  const page = await Deno.readTextFile(url);
  return anchorsIn(page).has(anchor) ? undefined : `${from}: ${target} has no such section`;
}

Deno.test("every link of a page leads to a file and a section that exist", async () => {
  const faults: (string | undefined)[] = [];
  for (const from of await pages()) {
    const targets = new Set(targetsIn(await text(from)));
    faults.push(...await Promise.all([...targets].map((target) => faultOf(target, from))));
  }
  assertGreater(faults.length, 200);
  assertEquals(faults.filter((fault) => fault !== undefined), []);
});

Deno.test("every page that the code names exists, with its section", async () => {
  const named: { readonly target: string; readonly from: string }[] = [];
  for await (const from of filesBelow("./")) {
    if (!CODE.includes(extname(from))) continue;
    const targets = (await text(from)).matchAll(/\bdocs\/[\w-]+\.md(?:#[\w-]+)?/g);
    named.push(...[...targets].map(([target]) => ({ target, from })));
  }
  assertGreater(named.length, 30);
  const dead = await Promise.all(named.map(async ({ target, from }) => {
    const fault = await faultOf(target, "README.md");
    return fault === undefined ? [] : [`${from} names ${target}`];
  }));
  assertEquals(dead.flat(), []);
});

Deno.test("every file of the house that a page or a comment names exists", async () => {
  const sources = (await pages()).filter((path) => path !== "CHANGELOG.md" && !path.startsWith("reports/"));
  for await (const path of filesBelow("./")) {
    if (CODE.includes(extname(path)) && !path.startsWith("tests/")) sources.push(path);
  }
  const dead: string[] = [];
  let named = 0;
  for (const from of sources) {
    const file =
      /(?<![\w./-])(?:formats|pipeline|stages|tests|tools|treenet|workflow)\/[\w/.-]+\.(?:cc|py|ts)\b/g;
    for (const [path] of (await text(from)).matchAll(file)) {
      named += 1;
      if (await faultOf(path, "README.md")) dead.push(`${from} names ${path}`);
    }
  }
  assertGreater(named, 100);
  assertEquals(dead, []);
});

Deno.test("every task that a page names is one of deno.json", async () => {
  const { tasks } = JSON.parse(await text("deno.json"));
  for (const page of (await pages()).filter((path) => path !== "CHANGELOG.md")) {
    for (const [, name] of (await text(page)).matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w:]*)/g)) {
      assert(Object.hasOwn(tasks, name), `${page} names the task ${name}`);
    }
  }
});

Deno.test("every file of the repository that a page names exists", async () => {
  const named: { readonly path: string; readonly page: string }[] = [];
  for (const page of (await pages()).filter((path) => /^(README|docs)/.test(path))) {
    for (const [span] of withoutFences(await text(page)).matchAll(/`[^`\n]+`/g)) {
      const paths = span.matchAll(
        /(?<![\w/.~-])(?:formats|links|pipeline|profiles|stages|tests|tools|treenet|workflow)\/[\w./-]*/g,
      );
      named.push(...[...paths].map(([path]) => ({ path, page })));
    }
  }
  assertGreater(named.length, 60);
  const gone = await Promise.all(named.map(async ({ path, page }) => {
    const found = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
    return found === undefined ? [`${page} names ${path}`] : [];
  }));
  assertEquals(gone.flat(), []);
});

Deno.test("every page of docs/ is in its index, and there are at most 17", async () => {
  const index = targetsIn(await text("docs/README.md"));
  const names = (await pages()).filter((path) => path.startsWith("docs/")).map((path) => path.slice(5));
  for (const name of names) {
    assert(name === "README.md" || index.includes(name), `${name} is not in the index`);
  }
  assert(names.length <= 17, `there are ${names.length}`);
});

Deno.test("a dead link is found, whether its file or its section is missing", async () => {
  assertEquals(targetsIn("a [b](c.md#d) `[no](x)`\n```\n[no](y)\n```\n[![e](f.png)](g)"), [
    "c.md#d",
    "f.png",
    "g",
  ]);
  assertEquals([...anchorsIn('# A `b`, c\n## D\n## D\n```\n# no\n```\n<a id="e">')], [
    "e",
    "a-b-c",
    "d",
    "d-1",
  ]);
  assertEquals(await faultOf("LICENSE", "README.md"), undefined);
  assertEquals(await faultOf("https://example.org/", "README.md"), undefined);
  assertEquals(await faultOf("gone.md", "README.md"), "README.md: nothing is at gone.md");
  assertEquals(await faultOf("#gone", "README.md"), "README.md: #gone has no such section");
});
