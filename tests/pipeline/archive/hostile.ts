/**
 * Hostile archives, each with the harm that it attempts and the words of its refusal.
 *
 * @module
 */
import { LARGEST_MODULE } from "../../../pipeline/base/limits.ts";
import { folderOf } from "../../../pipeline/tasks/key.ts";
import { sealed } from "../../../pipeline/base/sealed_json.ts";
import { CRATE, editCrate, editRecord, type Files, MODULE, writeArchive } from "./tiny.ts";

/**
 * The material of a hostile archive: the payload of the sound one, to be changed, and the folder of its
 * artifact.
 */
interface Tiny {
  readonly files: Files;
  readonly dir: string;
}

/** One archive of the corpus. */
export interface Hostile {
  readonly tries: string;
  readonly words: RegExp;
  /** Writes it. */
  readonly write: (path: string, tiny: Tiny) => Promise<void>;
}

/** An archive whose payload is changed. */
function payload(tries: string, words: RegExp, change: (files: Files, dir: string) => void): Hostile {
  return {
    tries,
    words,
    write: async (path, { files, dir }) => {
      change(files, dir);
      await writeArchive(path, files);
    },
  };
}

/** A file that is no archive. */
function bytes(tries: string, words: RegExp, text: string): Hostile {
  return {
    tries,
    words,
    write: (path) => Deno.writeFile(path, Uint8Array.from(text, (c) => c.charCodeAt(0))),
  };
}

/** A module that reaches for something. */
function code(
  tries: string,
  source: string,
  words = /which lies outside the archive|is not known|explains/,
) {
  return payload(`code ${tries}`, words, (files) => files.set(MODULE, source));
}

/** A crate or record whose text is changed. */
function crate(tries: string, words: RegExp, edit: (text: string) => string): Hostile {
  return payload(`crate ${tries}`, words, (files) => files.set(CRATE, edit(files.get(CRATE)!)));
}

function graph(tries: string, words: RegExp, edit: Parameters<typeof editCrate>[1]): Hostile {
  return payload(`crate ${tries}`, words, (files) => editCrate(files, edit));
}

function record(tries: string, words: RegExp, edit: Parameters<typeof editRecord>[2]): Hostile {
  return payload(`record ${tries}`, words, (files, dir) => editRecord(files, `${dir}artifact.json`, edit));
}

function setting(tries: string, words: RegExp, name: string, text: string): Hostile {
  return payload(`${name} ${tries}`, words, (files) => files.set(`repository/${name}`, text));
}

const UP = "../".repeat(12);
const of = (id: string) => (entity: Readonly<Record<string, unknown>>) => entity["@id"] === id;

/** A WebAssembly module that imports a function from another module, of a name with fewer than 100 characters. */
export function wasmImporting(name: string): string {
  const section = (id: number, body: string) => String.fromCharCode(id, body.length) + body;
  const entry = `${String.fromCharCode(name.length)}${name}\x01f\0\0`;
  return `\0asm\x01\0\0\0${section(1, "\x01\x60\0\0")}${section(2, `\x01${entry}`)}`;
}

/** The artifact as if another stage had made it. */
function moved(stage: string): (files: Files, dir: string) => void {
  return (files, dir) => {
    editRecord(files, `${dir}artifact.json`, (artifact) => artifact.task = artifact.key.stage = stage);
    const { key } = JSON.parse(files.get(`${dir}artifact.json`)!);
    const to = `repository/artifacts/${stage}/main/${folderOf(key)}/`;
    for (const [name, text] of [...files]) {
      files.delete(name);
      files.set(name.replace(dir, to), text.replaceAll(dir, to));
    }
    editCrate(files, (graph) => graph.find(of("#action"))!.name = stage);
  };
}

/** Every kind of harm that is known, each once. */
export const HOSTILE: readonly Hostile[] = [
  bytes("to be empty", /it is empty/, ""),
  bytes("to be a web page", /it is a web page/, "<!DOCTYPE html><title>Log in</title>"),
  bytes("to be a gzip file", /it is a gzip file, expected the \.zip/, "\x1f\x8b\x08\x00\x00\x00"),
  bytes("to be a tar file", /it is a tar file/, "a".padEnd(257, "\0") + "ustar\0"),
  bytes("to be a text", /it is a text/, "hello\n"),
  bytes("to be of no format", /of no format known here/, "\0\x01\x02\x03"),
  bytes("to be cut short", /cut short after 300 bytes/, "PK\x03\x04".padEnd(300, "\0")),
  bytes(
    "to be packed again",
    /packed again .* take the file as it was published/,
    "PK\x03\x04\x14".padEnd(60, "\0") + "PK\x05\x06" + "\0".repeat(18),
  ),

  code("to read above the archive", `new URL("${UP}etc/passwd", import.meta.url);`),
  code("to read one folder above", `new URL("../../secret", import.meta.url);`),
  code("to read an absolute path", `new URL("/etc/passwd", import.meta.url);`),
  code("to read an escaped path", `new URL("./%2e%2e/%2e%2e/secret", import.meta.url);`),
  code("to read with an encoded slash", `new URL("./a%2f..%2f..%2f..%2fsecret", import.meta.url);`),
  code("to resolve above the archive", `import.meta.resolve("${UP}etc/passwd");`),
  code("to require above the archive", `require.resolve("/etc/passwd");`),
  code("to import above the archive", `import "${UP}etc/x.ts";`),
  code("to import a file URL", `import "file:///etc/x.json" with { type: "json" };`),
  code("to import a file of another host", `import "file://host/share/x.ts";`),
  code("to import an absolute path", `export * from "/etc/x.ts";`),
  code("to import later", `const x = () => import("${UP}etc/x.ts");`),
  code("to import a text", `import x from "./a.txt" with { type: "text" };`, /a\.txt is not packed/),
  code("to import data", `import "data:text/javascript,import%20'file:///etc/x.ts'";`),
  code("to import data later", `const x = () => import("data:text/javascript,1");`),
  code("to import from the web", `import "https://example.org/x.ts";`),
  code("to import from another registry", `import "jsr:@a/b";`),
  code("to import a package that is not locked", `import "npm:left-pad@1.3.0";`),
  code("to import a name without meaning", `import "left-pad";`),
  code("to import what package.json maps", `import "#secret";`),
  code("to import in TypeScript's old way", `import x = require("/etc/x.ts");\nexport default x;`),
  payload("code to import by WebAssembly", /x\.wasm refers to .*secret, which lies outside/, (files) => {
    files.set(MODULE, `import "./x.wasm";`);
    files.set("repository/stages/x.wasm", wasmImporting("../../secret"));
  }),
  code("to import what is not packed", `import "./gone.ts";`, /is not packed, and .* refers to it/),
  code("to be unreadable", `export default <a>b</a>;`),
  code("to be too large", `// ${"x".repeat(LARGEST_MODULE)}`, /expected a module of at most/),

  setting("to have scopes", /has "scopes"/, "deno.json", `{"scopes":{"./":{"a":"file:///etc/"}}}`),
  setting("to name a map of imports", /has "importMap"/, "deno.json", `{"importMap":"/etc/x.json"}`),
  setting("to be a workspace", /has "workspace"/, "deno.json", `{"workspace":["../../.."]}`),
  setting("to map a path", /deno\.json: imports/, "deno.json", `{"imports":{"./a.ts":"./b.ts"}}`),
  setting("to be no JSON", /deno\.json is not JSON/, "deno.json", "{"),
  setting("to name a package by a path", /deno\.lock: npm/, "deno.lock", `{"npm":{"../../x@1.0.0":{}}}`),
  setting("to nest", /deno\.lock is nested/, "deno.lock", "[".repeat(1e5)),

  graph("to name a tool outside", /no packed tool as its instrument, it names x:\.\./, (graph) => {
    graph.find(of("#action"))!.instrument = { "@id": `x:${UP}etc/passwd` };
    graph.push({ "@id": `x:${UP}etc/passwd`, "@type": ["File", "SoftwareApplication"] });
  }),
  graph("to name a tool by a path upwards", /no packed tool/, (graph) => {
    graph.find(of("#action"))!.instrument = { "@id": "repository/../../x" };
    graph.push({ "@id": "repository/../../x", "@type": ["File", "SoftwareApplication"] });
  }),
  graph("to choose a module outside", /uses file:\/\/\/etc\/passwd, which is no packed file/, (graph) => {
    graph.find(of("#action"))!.object = [{ "@id": "file:///etc/passwd" }];
    graph.push({ "@id": "file:///etc/passwd", "@type": ["File", "SoftwareSourceCode"] });
  }),
  graph("to have its result outside", /it has no data\/\.\.\/\.\.\/artifact\.json/, (graph) => {
    graph.find(of("#action"))!.result = { "@id": "../../" };
    graph.push({ "@id": "../../", "@type": "Dataset" });
  }),
  graph("to have one result twice", /two actions with the same result/, (graph) => {
    graph.find(of("#control"))!.object.push({ "@id": "#again" });
    graph.push({ ...graph.find(of("#action"))!, "@id": "#again" });
  }),
  graph("to describe one thing twice", /has an @id twice/, (graph) => graph.push({ "@id": "#action" })),
  graph("to have a name that is asked for its text", /the crate says/, (graph) => {
    graph.find(of("#action"))!.name = { toString: 1, valueOf: 1 };
  }),
  graph("to lead to one thing endlessly often", /no packed tool/, (graph) => {
    graph.find(of("#orchestration"))!.object = Array(1e5).fill({ "@id": "#control" });
    graph.find(of("#control"))!.object = Array(1e5).fill({ "@id": "#action" });
    graph.find(of("#action"))!.instrument = { "@id": "./" };
  }),
  graph("to have endless types", /has no graph of entities/, (graph) => {
    graph.find(of("#action"))!["@type"] = Array(1e5).fill("CreateAction");
  }),
  graph("to draw on the terminal", /refers to \\u001b\[2J\\u000aThe archive is sound/, (graph) => {
    graph.push({ "@id": "#x", about: { "@id": "\x1b[2J\nThe archive is sound" } });
  }),
  graph("to hold strange values", /lacks conformsTo/, (graph) => {
    Object.assign(graph[1], { name: null, license: [[[]]], conformsTo: 7, mainEntity: [null, 1] });
  }),
  crate("to be no object", /has no graph of entities/, () => "null"),
  crate("to have no ids", /has no graph of entities/, () => `{"@graph":[null]}`),
  crate("to nest without end", /is nested more than 100 deep/, () => "[".repeat(1e5)),
  crate("to have endless values", /to more than \d+ values/, () => `[${"0,".repeat(4e6)}0]`),
  crate("to have a field twice", /has a field twice, "@graph"/, (text) => text.replace("{", `{"@graph":[],`)),
  crate("to name a prototype", /called __proto__/, (text) => text.replace("{", `{"__proto__":{"x":1},`)),
  crate(
    "to have an endless number",
    /a number that is too large/,
    (text) => text.replace("{", `{"x":1e999,`),
  ),
  crate("to have half a character", /half a character/, (text) => text.replace("{", `{"x":"\\ud800",`)),
  crate("to be too large", /expected at most 33554432/, (text) => text.padEnd(33554433, " ")),

  record("to name a file upwards", /artifact\.json: files/, (artifact) => {
    artifact.files["../../x"] = artifact.files["x.txt"];
  }),
  record("to name an absolute file", /artifact\.json: files/, (artifact) => {
    artifact.files["/etc/passwd"] = artifact.files["x.txt"];
  }),
  record("to name a record as a file", /artifact\.json: files/, (artifact) => {
    artifact.files["run.json"] = artifact.files["x.txt"];
  }),
  record("to have another size", /has 1 bytes, artifact\.json says 2/, (artifact) => {
    artifact.files["x.txt"].bytes = 2;
  }),
  record("to have a size that is no number", /bytes/, (artifact) => artifact.files["x.txt"].bytes = 2 ** 60),
  record(
    "to be at another point",
    /its folder is not the one of a/,
    (artifact) => artifact.point = { model: "b" },
  ),
  record("to be of an earlier format", /of format 2, expected 3; it holds the code/, (artifact) => {
    artifact.format = 2;
  }),
  record("to have no parameters", /key\.params: /, (artifact) => artifact.key.params = null),
  ...[".cache", ".trash", ".logs"].map((folder) =>
    payload(`record to lie in the store's own ${folder}`, /its folder is not the one of/, moved(folder))
  ),
  payload("record to break its seal", /artifact\.json it does not fit its seal/, (files, dir) => {
    const name = `${dir}artifact.json`;
    files.set(
      name,
      files.get(name)!.replace(/"seal":"./, (text) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0")),
    );
  }),
  payload("run to break its seal", /run\.json it does not fit its seal/, (files, dir) => {
    files.set(`${dir}run.json`, files.get(`${dir}run.json`)!.replace('"seconds":1', '"seconds":9'));
  }),
  payload(
    "run to be null",
    /run\.json: it: /,
    (files, dir) => files.set(`${dir}run.json`, "null"),
  ),
  payload("run to have no command", /run\.json: command: /, (files, dir) => {
    editRecord(files, `${dir}run.json`, (run) => delete run.command);
  }),
  payload("run to have ended at no time", /run\.json: finished: /, (files, dir) => {
    editRecord(files, `${dir}run.json`, (run) => run.finished = 7);
  }),
  payload("elsewhere.json to name a file outside", /elsewhere\.json: files/, (files, dir) => {
    files.set(`${dir}elsewhere.json`, JSON.stringify(sealed({ files: ["../../../etc/passwd"] })));
  }),
  payload("elsewhere.json to name what is not its own", /which it has not/, (files, dir) => {
    files.set(`${dir}elsewhere.json`, JSON.stringify(sealed({ files: ["y.txt"] })));
  }),
  payload("to have records alone", /not one file of its artifacts/, (files, dir) => {
    files.delete(`${dir}x.txt`);
    files.set(`${dir}elsewhere.json`, JSON.stringify(sealed({ files: ["x.txt"] })));
  }),
  payload("to lack a file", /x\.txt is missing/, (files, dir) => void files.delete(`${dir}x.txt`)),
  payload(
    "to hide a file beside an artifact",
    /is not part of an artifact/,
    (files, dir) => void files.set(`${dir}y`, ""),
  ),
  payload("to bring a cache", /is not part of an artifact/, (files) => {
    files.set("repository/artifacts/.cache/code.json", "{}");
  }),
  payload("to bring the log of another task", /is not part of an artifact/, (files) => {
    files.set("repository/artifacts/.logs/b/main/0001.log", "");
  }),
  payload("to bring a log beyond all numbers", /is not part of an artifact/, (files) => {
    files.set("repository/artifacts/.logs/a/main/999999999999999.log", "");
  }),
  payload("to bring a repository of git", /lies in a repository of git/, (files) => {
    files.set("repository/.GIT/config", "[core]\nfsmonitor = x");
  }),
  payload("to have a name that opens a stream", /Windows cannot have/, (files) => {
    files.set("repository/a:b", "");
  }),
  payload("to have names that differ by case alone", /is also/, (files) => {
    files.set("repository/s", "");
    files.set("repository/\u017f", "");
  }),
  payload("to have a name that no disk takes", /a part of more than 255 bytes/, (files) => {
    files.set(`repository/${"\u00e9".repeat(128)}`, "");
  }),
  payload("to have a name of invisible characters", /has a control or invisible character/, (files) => {
    files.set("repository/\u202egnp.exe", "");
  }),
  payload("to have a name that a terminal obeys", /has a control or invisible character/, (files) => {
    files.set("repository/\u009b2J", "");
  }),
  payload("to have an endless name", /is longer than 1000 characters/, (files) => {
    files.set(`repository/${"x".repeat(2000)}`, "");
  }),
  payload("to lie endlessly deep", /lies more than 32 folders deep/, (files) => {
    files.set(`repository/${"x/".repeat(40)}x`, "");
  }),
  {
    tries: "to be called by what a terminal obeys",
    words: /the name ".*\\u001b/,
    write: (path, { files }) => writeArchive(path, files, { "External-Identifier": "\x1b[2J" }),
  },
];
