/**
 * Every command meets what a user may give it by mistake: it answers with an exit code and a sentence, never with words
 * of the language it is written in.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { main } from "../../pipeline/mod.ts";
import { pipeline } from "../../workflow/mod.ts";

/** Exit code and output of a command. */
interface Said {
  readonly code: number;
  readonly text: string;
}

async function run(root: string, args: readonly string[]): Promise<Said> {
  const { log, error } = console;
  const lines: string[] = [];
  console.log = console.error = (...words: unknown[]) => lines.push(words.map(String).join(" "));
  try {
    return { code: await main({ ...pipeline, root }, args), text: lines.join("\n") };
  } finally {
    [console.log, console.error] = [log, error];
  }
}

const JARGON =
  /undefined|\[object|TypeError|RangeError|is not a function|is not iterable|reading '|^ +at |NaN|This is a bug/m;

function assertSaid({ code, text }: Said, at: string): void {
  assert(code === 1 || code === 2, `${at}: it ended with ${code}, ${text}`);
  assert(text.trim() !== "", `${at}: it said nothing`);
  assert(!JARGON.test(text), `${at}: ${text}`);
  assert(text.split("\n").length <= 3, `${at}: ${text}`);
  assert(!/[^.…]\.$/.test(text), `${at} ends with a period: ${text}`);
}

async function withRoot(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of ["deno.json", "deno.lock"]) {
      await Deno.copyFile(`${pipeline.root}/${name}`, `${root}/${name}`);
    }
    await Deno.symlink(`${pipeline.root}/links`, `${root}/links`);
    await Deno.mkdir(`${root}/profiles`);
    await Deno.copyFile(new URL("../../profiles/quick.json", import.meta.url), `${root}/profiles/quick.json`);
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const quick = JSON.parse(await Deno.readTextFile(new URL("../../profiles/quick.json", import.meta.url)));
const withField = (fields: Readonly<Record<string, unknown>>) => JSON.stringify({ ...quick, ...fields });

/** Text of a profile → the message about it. */
const PROFILES: Readonly<Record<string, readonly [string, RegExp]>> = {
  "empty": ["", /it is empty, expected a JSON object/],
  "space": ["\n\n ", /it is empty, expected a JSON object/],
  "number": ["7", /it is "7", expected a JSON object/],
  "null": ["null", /it is "null", expected a JSON object/],
  "list": ["[1]", /it is "\[1\]", expected a JSON object/],
  "comma": [
    '{\n  "seeds": [0],\n}',
    /line 3, column 1, at the end|line 3, column 1, at "}": expected a name.*after the comma/,
  ],
  "comment": ['{\n  // mine\n  "seeds": [0]\n}', /line 2, column 3, at "\/\/": JSON has no comments/],
  "cut": ['{"seeds": [0', /line 1, column 13, at the end: expected "," or "\]"/],
  "word": ['{\n "seeds": zero\n}', /line 2, column 11, at "zero": this is no JSON value/],
  "quotes": ["{'seeds': [0]}", /line 1, column 2, at "'seeds':": this is no JSON value/],
  "twice": ['{"train": {"a": 1,\n"a": 2}}', /train\.a is there twice, in lines 1 and 2, keep one/],
  "wide": ["\ufffd\ufffd{\0}\0", /it is no UTF-8 text, save it as UTF-8/],
  "latin-1": [withField({ summary: "caf\ufffd" }), /it is no UTF-8 text, save it as UTF-8/],
  "infinite": ['{"train": {"epochs": 1e999}}', /the number of epochs is too large/],
  "blank": ['{"seeds":\u00a0[0]}', /line 1, column 10, at "\u00a0/],
  "deep": ["[".repeat(1e5), /more than 100 levels deep/],
  "nothing": ["{}", /summary is missing, expected a string/],
  "seeds-null": [withField({ seeds: null }), /seeds is null, expected a list of at least 1/],
  "seeds-number": [withField({ seeds: 0 }), /seeds is 0, expected a list/],
  "models-list": [withField({ models: [] }), /models is \[\], expected an object/],
  "models-none": [withField({ models: {} }), /models is {}, expected at least one model/],
  "models-null": [withField({ models: null }), /models is null, expected an object/],
  "model-null": [withField({ models: { cnn: null } }), /models\.cnn is null, expected an object/],
  "model-list": [withField({ models: { cnn: [] } }), /models\.cnn is \[\], expected an object/],
  "model-unknown": [
    withField({ models: { "../x": {} } }),
    /models\.\.\.\/x is {}, there is no model "\.\.\/x", expected one of/,
  ],
  "model-field": [
    withField({ models: { cnn: { channels: { a: 1 } } } }),
    /models\.cnn\.channels is {"a":1}, expected a list/,
  ],
  "section-null": [withField({ train: null }), /train is null, expected an object/],
  "section-list": [withField({ train: [] }), /train is \[\], expected an object/],
  "section-text": [withField({ umap: "all" }), /umap is "all", expected an object/],
  "section-proto": [`{"__proto__": {}, ${JSON.stringify(quick).slice(1)}`, /no stage "__proto__"/],
  "inner-null": [
    withField({ train: { ...quick.train, head: null } }),
    /train\.head is null, expected an object/,
  ],
  "inner-list": [withField({ probe: { l2: [] } }), /probe\.l2 is \[\], expected an object/],
  "tuple": [
    withField({ "augment-cache": { aspect: [1] } }),
    /augment-cache\.aspect is \[1\], expected a list of 2/,
  ],
  "long": [withField({ seeds: Array(5000).fill("x") }), /seeds\.0 is "x", expected an integer/],
  "long-text": [withField({ seeds: "x".repeat(1e5) }), /seeds is "x{90}.*characters more\), expected a list/],
  "digest": [
    withField({ download: { md5: { "test_batch.bin": "A".repeat(32) } } }),
    /md5\.test_batch\.bin is "A+", expected 32 hex digits in lower case/,
  ],
  "given": [
    withField({ umap: { spread: 1 } }),
    /unknown field umap\.spread, expected one of "images", "neighbors"/,
  ],
  "input-lacks": [
    JSON.stringify({ ...quick, download: undefined }),
    /augment-cache needs download, which the profile does not name/,
  ],
};

Deno.test("a profile that is none is refused by every command that reads it, with the place of what is wrong", async () => {
  await withRoot(async (root) => {
    for (const [name, [text, said]] of Object.entries(PROFILES)) {
      await Deno.writeTextFile(`${root}/profiles/odd.json`, text);
      const commands = [
        ["status"],
        ["reproduce", "--dry-run"],
        ["reproduce"],
        ["stage", "train"],
        ["why", "train"],
        ["log", "train"],
        ["graph"],
        ["describe", "--sizes"],
        ["predict", "x.png"],
        ["archive"],
      ];
      for (const command of name === "nothing" ? commands : commands.slice(0, 3)) {
        const found = await run(root, [...command, "--profile", "odd"]);
        assertSaid(found, `${name}: ${command[0]}`);
        assertEquals(found.code, 2, `${name}: ${command.join(" ")}`);
        assertMatch(found.text, said, `${name}: ${command[0]}`);
        assert(found.text.includes('profile "odd"') || /Cannot (order|parse)/.test(found.text), found.text);
      }
      assertSaid(await run(root, ["diff", "odd", "quick"]), `${name}: diff`);
      assertSaid(await run(root, ["clean", "--dry-run"]), `${name}: clean`);
    }
    await Deno.remove(`${root}/profiles/odd.json`);
    await Deno.mkdir(`${root}/profiles/odd.json`);
    assertSaid(await run(root, ["status", "--profile", "odd"]), "a folder");
  });
});

/** Command lines → the message; `ROOT` is the repository, which holds a text named photo.png. */
const LINES: readonly (readonly [string, RegExp])[] = [
  ["predict", /it needs IMAGE\.png/],
  ["predict ROOT/photo.png", /Cannot read ema-teacher\[dense-join,0\]: it is missing, run/],
  [
    "predict x.png --model foo",
    /with model "foo": the profile has no such model, expected one of "dense-join"/,
  ],
  ["predict x.png --seed 9", /with seed "9": the profile has no such seed/],
  ["predict x.png --backend x", /expected one of "wasm"/],
  ["predict x.png --profile ../x", /profile "\.\.\/x"/],
  ["diff quick", /it needs A B/],
  ["diff quick nope", /no such profile or task/],
  ["diff train[cnn,0] quick", /it is missing in profile "quick", build it/],
  ["diff ROOT quick", /no artifact is there/],
  ["diff ROOT/photo.zip quick", /Cannot read/],
  ["log nope", /no such stage or task/],
  ["log train", /No log of train/],
  ["why train[cnn,9]", /did you mean "train\[/],
  ["stage train[cnn", /did you mean/],
  ["verify ROOT/none.zip", /No such file|no such file/],
  ["verify ROOT/photo.zip", /zip/],
  ["restore ROOT/photo.zip", /zip/],
  ["archive", /44 tasks not fresh/],
  ["archive --with x", /no such part/],
  ["status --set train", /expected FIELD=VALUE/],
  ["status --set train=null", /train is null, expected an object/],
  ["status --set models.cnn=null", /models\.cnn is null, expected an object/],
  ["status --set models.constructor={}", /no field is called constructor/],
  ["status --set seeds=x", /seeds is a list, set it whole/],
  ["status --set train.epochs=1e999", /the number is too large/],
  ["status --set __proto__.x=1", /__proto__/],
  ["reproduce --jobs 0", /expected a whole number of at least 1/],
  ["constructor", /no such command/],
  ["toString", /no such command/],
];

Deno.test("every command answers odd names, values and files in a sentence", async () => {
  await withRoot(async (root) => {
    for (const name of ["photo.png", "photo.zip"]) await Deno.writeTextFile(`${root}/${name}`, "hello");
    for (const [line, said] of LINES) {
      const found = await run(root, line.replaceAll("ROOT", root).split(" "));
      assertSaid(found, line);
      assertMatch(found.text, said, line);
    }
  });
});

/** Contents that a broken disk or a user may leave in place of a record. */
const RECORDS = ["null", "7", '{"key":null,"files":null,"meta":null}', "{"];

Deno.test("records of any content are passed over or named by every command that reads them", async () => {
  await withRoot(async (root) => {
    for (const text of RECORDS) {
      for (const dir of ["download/main/0123456789abcdef", "train/cnn-0/0123456789abcdef", ".cache"]) {
        await Deno.mkdir(`${root}/artifacts/${dir}`, { recursive: true });
        const names = dir === ".cache"
          ? ["code.json", "digests.json", "costs.json"]
          : ["artifact.json", "run.json"];
        for (const name of names) await Deno.writeTextFile(`${root}/artifacts/${dir}/${name}`, text);
      }
      for (
        const line of [
          "status",
          "clean --dry-run",
          "diff artifacts/train/cnn-0/0123456789abcdef quick",
          "verify",
        ]
      ) {
        const { code, text: said } = await run(root, line.split(" "));
        assert([0, 1, 2].includes(code) && !JARGON.test(said), `${line} with ${text}: ${said}`);
      }
    }
  });
});
