import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  fakeCompiler,
  fakeInstallation,
  fakePip,
  Home,
  WHEEL,
  writeWheel,
} from "../../../tensorflow/home.ts";

const COMPILER = fakeCompiler("exit 1");
const PIP = fakePip("exit 1");

/** Name → programs on the PATH, more of the command line and of the environment, and what the error says. */
const CASES: Readonly<
  Record<string, {
    readonly tools: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly says: readonly string[];
  }>
> = {
  "no compiler": {
    tools: { python3: PIP },
    says: ["there is no c++, g++ or clang++", "apt install g++", "dnf install gcc-c++"],
  },
  "a compiler that does not run": {
    tools: { python3: PIP, "c++": COMPILER },
    env: { CXX: "nothing -m64" },
    says: ['CXX is "nothing -m64", which does not run'],
  },
  "no pip": {
    tools: { "c++": COMPILER },
    says: ['"python3 -m pip" does not run', "apt install python3-pip", "PYTHON", "--libtensorflow DIR"],
  },
  "a Python without pip": {
    tools: { "c++": COMPILER, python3: PIP, mypython: "echo 'No module named pip' >&2; exit 1" },
    env: { PYTHON: "mypython" },
    says: ['"mypython -m pip" does not run'],
  },
  "an old C library": {
    tools: { "c++": COMPILER, python3: PIP, ldd: "echo 'ldd (GNU libc) 2.17'" },
    says: ["this system has glibc 2.17, its wheels need glibc 2.27 or newer", "--backend wasm"],
  },
  "another C library": {
    tools: { "c++": COMPILER, python3: PIP, ldd: "echo 'musl libc (x86_64)' >&2; exit 1" },
    says: ["this system has another C library"],
  },
  "a pip that finds nothing": {
    tools: {
      "c++": COMPILER,
      python3: fakePip("echo 'ERROR: No matching distribution found for tensorflow-cpu==2.21.0' >&2; exit 1"),
    },
    says: ["pip ended with 1 (ERROR: No matching distribution found", "python3 -m pip config list"],
  },
  "a wheel with other bytes": {
    tools: {
      "c++": COMPILER,
      python3: fakePip(`echo other > "$dest/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"`),
    },
    says: ["its SHA-256 is", "expected 2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c"],
  },
  "a wheel of another name than the pinned": {
    tools: {
      "c++": COMPILER,
      python3: fakePip(`echo other > "$dest/tensorflow_cpu-2.21.0+x-cp311-cp311-manylinux_2_27_x86_64.whl"`),
    },
    says: ["Cannot use tensorflow_cpu-2.21.0+x", "expected that of a wheel of the pinned name"],
  },
  "a wheel that is cut off": {
    tools: {
      "c++": COMPILER,
      python3: fakePip(`echo other > "$dest/tensorflow_cpu-0.0.1-cp311-cp311-manylinux_2_27_x86_64.whl"`),
    },
    args: ["--tensorflow", "0.0.1"],
    says: ["Cannot unpack", "fetch the wheel again"],
  },
  "a version that is none": {
    tools: {},
    args: ["--tensorflow", "../x"],
    says: ["Cannot use --tensorflow ../x: expected a version such as"],
  },
  "a folder that is not there": {
    tools: {},
    args: ["--libtensorflow", "/nowhere"],
    says: ["Cannot use --libtensorflow /nowhere: there is no such folder"],
  },
  "a folder without a library": {
    tools: {},
    args: ["--libtensorflow", "/"],
    says: ["expected lib/libtensorflow.so.2", "libtensorflow_cc.so.2"],
  },
};

for (const [name, { tools, args = [], env, says }] of Object.entries(CASES)) {
  Deno.test(`setup with ${name} says so with the next step, and leaves nothing behind`, async () => {
    await using home = await Home.create(tools);
    const { code, stderr } = await home.run(["setup:tensorflow", ...args], { env });
    assertEquals(code, 1, stderr);
    for (const text of says) assertStringIncludes(stderr, text);
    assertEquals(home.installations(), []);
  });
}

/** A home whose pip brings a wheel of a version without a pinned digest. */
async function homeWithWheel(
  compile: string,
  { files = WHEEL, recorded }: {
    readonly files?: Readonly<Record<string, string>>;
    readonly recorded?: Readonly<Record<string, string>>;
  } = {},
): Promise<Home> {
  const home = await Home.create({ "c++": fakeCompiler(compile) });
  const wheel = join(home.dir, "tensorflow_cpu-0.0.1-cp311-cp311-manylinux_2_27_x86_64.whl");
  await writeWheel(wheel, files, { recorded });
  await home.tool("python3", fakePip(`/bin/cp ${wheel} "$dest"`));
  return home;
}

const OTHER_VERSION = ["setup:tensorflow", "--variant", "cpu", "--tensorflow", "0.0.1"];

Deno.test("a file of a wheel that differs from its RECORD is refused", async () => {
  const name = "tensorflow/libtensorflow_cc.so.2";
  await using home = await homeWithWheel("exit 0", { recorded: { ...WHEEL, [name]: "the library" } });
  const { code, stderr } = await home.run(OTHER_VERSION);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `${name} differs from the digest in its RECORD`);
});

Deno.test("what is no wheel is refused", async () => {
  const { "tensorflow_cpu.dist-info/METADATA": _, ...files } = WHEEL;
  await using home = await homeWithWheel("exit 0", { files });
  assertStringIncludes(
    (await home.run(OTHER_VERSION)).stderr,
    "it has no .dist-info/METADATA, expected a wheel",
  );
});

Deno.test("a compiler's own words are passed on, and what was set up before stays", async () => {
  await using home = await homeWithWheel("echo 'tfjs_backend.cc:7: error: concepts' >&2; exit 4");
  await fakeInstallation(home);
  await Deno.mkdir(join(home.cache, ".staging-old/scratch"), { recursive: true });
  const before = home.installations().filter((name) => !name.startsWith("."));
  const { code, stderr, stdout } = await home.run(OTHER_VERSION);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "c++ ended with 4 (tfjs_backend.cc:7: error: concepts)");
  assertMatch(
    stdout,
    /^fetch {3}tensorflow-cpu 0\.0\.1 with pip\nunpack .*\ncompile with c\+\+ \(Fake\) 12\.2\.0\n$/,
  );
  assertEquals(
    home.installations(),
    before,
    "staging folders are gone, this setup's and those of a killed one",
  );
});

Deno.test("an addon that does not load is not installed", async () => {
  await using home = await homeWithWheel('while [ "$1" != "-o" ]; do shift; done; echo nonsense > "$2"');
  const { code, stderr } = await home.run(OTHER_VERSION);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot load TensorFlow: its process ended with 1");
  assertEquals(home.installations(), []);
});

Deno.test("a second setup waits for the first", async () => {
  await using home = await Home.create();
  const lock = await Deno.open(join(home.cache, ".lock"), { create: true, write: true });
  await lock.lock(true);
  await using child = home.spawn(["setup:tensorflow"]);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "wait    for another setup to end\n");
  lock.close();
  assertEquals((await child.status).code, 1, "it went on to the missing compiler");
  await reader.cancel();
  await child.stderr.cancel();
});

Deno.test("what is sound and does not load is set up again, by its own libraries and without pip", async () => {
  await using home = await Home.create({ "c++": fakeCompiler("echo 'no room' >&2; exit 1") });
  const dir = await fakeInstallation(home);
  const { code, stdout, stderr } = await home.run(["setup:tensorflow", "--variant", "cpu"]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, `broken  ${dir}: Cannot load TensorFlow: its process ended with 1`);
  assertStringIncludes(stdout, `link    the libraries of ${dir}`);
  assertStringIncludes(stderr, "c++ ended with 1 (no room)");
  assert((await Deno.stat(dir)).isDirectory, "what was there stays until there is something better");
});

Deno.test("what is damaged is named and set up again, though its size and time are as they were", async () => {
  await using home = await Home.create();
  const dir = await fakeInstallation(home);
  const path = join(dir, "lib/tensorflow/libtensorflow_cc.so.2");
  const { mtime } = await Deno.stat(path);
  await Deno.writeTextFile(path, "LIBRARY");
  await Deno.utime(path, mtime!, mtime!);
  const { code, stdout, stderr } = await home.run(["setup:tensorflow", "--variant", "cpu"]);
  assertEquals(code, 1);
  assertStringIncludes(
    stdout,
    "lib/tensorflow/libtensorflow_cc.so.2 differs from its digest, it is set up again",
  );
  assertStringIncludes(stderr, "there is no c++");
});
