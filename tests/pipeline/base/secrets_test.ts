/**
 * Passwords and signatures in URLs: taken out of texts, logs, records, messages and the report.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { walk } from "../../../pipeline/base/files.ts";
import { LogFile } from "../../../pipeline/child/log_file.ts";
import { argumentWithoutSecrets, forOthers, withoutSecrets } from "../../../pipeline/base/secrets.ts";
import { Workspace } from "../../fixtures/test_workspace.ts";

const SECRET = /PASSW0RD|S1GNATURE/;

Deno.test("of a URL scheme, host and path are kept, and the text around it", () => {
  const cases = [
    [
      "error for url (https://ada:PASSW0RD@host:80/c.tgz?X-Amz-Signature=S1GNATURE): bad",
      "error for url (https://…@host:80/c.tgz…): bad",
    ],
    ["'http://ada:PASSW0RD@host/?token=S1GNATURE', twice", "'http://…@host/…', twice"],
    ["http://proxy/https://ada:PASSW0RD@host/x", "http://proxy/https://…@host/x"],
    ["https://ada:PASS#W0RD@host/x", "https://…@host/x"],
    ['https://ada:PASS"W0RD@host/x', "https://…@host/x"],
    ["https://host/x#S1GNATURE", "https://host/x…"],
    ["proxy ada:PASSW0RD@host:3128 is gone", "proxy …@host:3128 is gone"],
    ["from /a/ada:PASSW0RD@host/x: gone", "from /a/…@host/x: gone"],
    ["http:/ada:PASSW0RD@host/x", "http:/…@host/x"],
    ["npm:zod@4.6.7/mini and /cache/npm:zod@4.6.7/x", "npm:zod@4.6.7/mini and /cache/npm:zod@4.6.7/x"],
    ["//registry/:_authToken=PASSW0RD;", "//registry/:_authToken=…"],
    ["see https://host/@types/node, or npm:zod@4.6.7.", "see https://host/@types/node, or npm:zod@4.6.7."],
    ['{"a":"https://host","b":1}', '{"a":"https://host","b":1}'],
  ];
  for (const [text, expected] of cases) {
    assertEquals(withoutSecrets(text), expected);
    assertEquals(withoutSecrets(expected), expected);
  }
});

Deno.test("an argument that is a URL is one to its end", () => {
  assertEquals(
    argumentWithoutSecrets('--source=https://a:"PASS W0RD"@host/x?S1 NATURE'),
    "--source=https://…@host/x…",
  );
  assertEquals(
    argumentWithoutSecrets("models.cnn=see http://host, or not"),
    "models.cnn=see http://host, or not",
  );
});

Deno.test("no password and no query of a URL is left, whatever they are", () => {
  const word = fc.string({ minLength: 3, unit: "binary-ascii" }).map((text) =>
    `S3CRET${encodeURIComponent(text)}X`
  );
  fc.assert(fc.property(word, word, (password, query) => {
    const url = new URL(`https://ada:${password}@host/path?key=${query}#${query}`);
    const text = withoutSecrets(`Cannot read ${url}: it is gone`);
    assertEquals(text, "Cannot read https://…@host/path…: it is gone");
  }));
});

Deno.test("for others paths of the repository are relative, of other paths the name is left", () => {
  const root = "/home/ada/treenet/";
  const cases = [
    ["--source /data/ada/c.tar.gz --out /home/ada/treenet/a.zip", "--source …/c.tar.gz --out a.zip"],
    ["--source '/data/my own/c d.gz'", "--source '…/c d.gz'"],
    ["at run (file:///home/ada/treenet/stages/x.ts:3:4)", "at run (stages/x.ts:3:4)"],
    ["at file:///home/ada/.cache/deno/x.js:3:4", "at …/x.js:3:4"],
    ["/home/ada", "~"],
    ["C:\\Users\\ada\\c.gz", "…/c.gz"],
    ["12/s, and/or https://host:80/a/b, ../../data/x", "12/s, and/or https://host:80/a/b, ../../data/x"],
  ];
  for (const [text, expected] of cases) {
    assertEquals(forOthers(text, root), expected);
    assertEquals(forOthers(expected, root), expected);
  }
});

Deno.test("a log holds no secret, however it was cut when it was printed, and every other byte", async () => {
  const folder = await Deno.makeTempDir();
  const text = "über\xff one http://ada:PASSW0RD@host/x?S1GNATURE two\nhttp://ada:PASSW0RD@host";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, 64, 1000]) {
    const path = `${folder}/${size}.log`;
    {
      using log = await LogFile.open(path);
      for (let at = 0; at < bytes.length; at += size) await log.print(bytes.subarray(at, at + size));
    }
    assertEquals(await Deno.readTextFile(path), "überÿ one http://…@host/x… two\nhttp://…@host");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a log that is there is not written, and no link is followed", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/mine`, "mine");
  await Deno.symlink(`${folder}/mine`, `${folder}/0001.log`);
  const error = await LogFile.open(`${folder}/0001.log`).catch((error) => error);
  assert(error instanceof Deno.errors.AlreadyExists);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("secrets of a source reach neither store nor report nor terminal", async () => {
  await using workspace = await Workspace.create();
  const url = "https://ada:PASSW0RD@host/c.tar.gz?X-Amz-Signature=S1GNATURE";
  // The engine passes on a stage's output and its error.
  await workspace.edit("stages/numbers/run.ts", `"numbers were here"`, "context.hints.source");
  await workspace.edit("stages/total/run.ts", "const sums", `throw new Error("bad ${url}"); const sums`);
  const { stdout, stderr } = await workspace.run("reproduce", "--source", url);
  assertMatch(stdout, /FAILED {2}total: .*bad https:\/\/…@host\/c\.tar\.gz…/);
  const events = await workspace.run("reproduce", "--json", `--source=${url}`);
  const wrong = await workspace.run("status", url);
  for (const text of [stdout, stderr, events.stdout, wrong.stderr]) assert(!SECRET.test(text), text);
  let records = 0;
  for (const { name } of await walk(`${workspace.root}/artifacts`)) {
    const text = await workspace.read("artifacts", name);
    if (name.endsWith("run.json")) records++;
    assert(!SECRET.test(text), `${name}: ${text}`);
  }
  assertEquals(records, 3);
});
