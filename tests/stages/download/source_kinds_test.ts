import { assert, assertEquals, assertRejects } from "@std/assert";
import { packTar } from "modern-tar";
import { gzipSync } from "node:zlib";
import type { Context } from "../../../pipeline/stage.ts";
import download from "../../../stages/download/mod.ts";
import { run as runDownload } from "../../../stages/download/run.ts";
import { BATCHES } from "../../../stages/download/official.ts";
import { writeTinyCifar } from "../../fixtures/tiny_cifar.ts";

/** A data set's folder, a place for sources made of it, and what comes of a source. */
interface Bench {
  readonly batches: string;
  readonly at: (name: string) => string;
  readonly fetch: (source: string) => Promise<void>;
}

async function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  const at = (name: string) => `${root}/${name}`;
  for (const name of ["batches", "out", "scratch"]) await Deno.mkdir(at(name));
  const md5 = await writeTinyCifar(at("batches"), { perBatch: 10 });
  const context = (source: string) =>
    ({
      out: at("out"),
      scratch: at("scratch"),
      signal: new AbortController().signal,
      hints: { source },
      progress: () => {},
      record: () => {},
    }) as unknown as Context;
  const fetch = async (source: string) => {
    await runDownload(context(source), download.params.parse({ md5 }));
    for (const batch of BATCHES) {
      assertEquals(
        await Deno.readFile(`${at("out")}/${batch}`),
        await Deno.readFile(`${at("batches")}/${batch}`),
      );
      await Deno.remove(`${at("out")}/${batch}`);
    }
  };
  try {
    await run({ batches: at("batches"), at, fetch });
    assertEquals([...Deno.readDirSync(at("scratch"))], [], "something is left");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

type Entry = Parameters<typeof packTar>[0][number];

const entry = (name: string, body: Uint8Array<ArrayBuffer> = new Uint8Array(10)): Entry => ({
  header: { name, size: body.length, type: "file" },
  body,
});

async function tarOf(dir: string, folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const entries = await Promise.all(
    BATCHES.map(async (name) => entry(`${folder}${name}`, await Deno.readFile(`${dir}/${name}`))),
  );
  return new Uint8Array(
    await packTar([{ header: { name: folder || "./", size: 0, type: "directory" } }, ...entries]),
  );
}

Deno.test("source: a tar, plain, gzipped in several members, with whatever folders, and the folder it unpacks to", async () => {
  await withBench(async ({ batches, at, fetch }) => {
    const tar = await tarOf(batches, "cifar-10-batches-bin/");
    const members = [tar.subarray(0, 1000), tar.subarray(1000, 70_000), tar.subarray(70_000)].map((part) =>
      gzipSync(part)
    );
    const files: Readonly<Record<string, Uint8Array>> = {
      "plain.tar": tar,
      "members.tar.gz": Uint8Array.from(members.flatMap((member) => [...member])),
      "dotted.tar": await tarOf(batches, "./"),
      "long.tgz": gzipSync(await tarOf(batches, `${"a-long-name/".repeat(30)}`)),
      "misnamed.zip": gzipSync(tar),
    };
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(at(name), bytes);
      await fetch(at(name));
    }
    await Deno.mkdir(at("parent"));
    await Deno.mkdir(at("parent/closed"), { mode: 0o000 });
    await Deno.rename(batches, at("parent/whatever"));
    await Deno.symlink(at("parent/whatever"), batches);
    await fetch(at("parent"));
    await Deno.mkdir(at("looks-like.tar.gz"));
    for (const batch of BATCHES) {
      await Deno.link(`${batches}/${batch}`, `${at("looks-like.tar.gz")}/${batch}`);
    }
    await fetch(at("looks-like.tar.gz"));
  });
});

const text = (words: string) => new TextEncoder().encode(words);
const latin = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

Deno.test("source: a file that is none is called what it is, with its path and what is wanted", async () => {
  await withBench(async ({ batches, at, fetch }) => {
    const tar = await tarOf(batches, "");
    const gz = gzipSync(tar);
    const python = ["data_batch_1", "data_batch_2", "test_batch", "batches.meta"];
    const packed = async (entries: readonly Entry[]) => new Uint8Array(await packTar([...entries]));
    const link = { header: { name: "x/test_batch.bin", size: 0, type: "link", linkname: "y" } } as Entry;
    const files: Readonly<Record<string, readonly [Uint8Array, string]>> = {
      "login.tar.gz": [
        text("<!DOCTYPE html><html>Sign in"),
        "it is a web page (HTML), expected a tar or tar.gz archive",
      ],
      "page.tgz": [gzipSync(text("<html>")), "it is a web page (HTML), gzipped, expected a tar or tar.gz"],
      "a.zip": [latin("PK\x03\x04"), "it is a zip file, expected"],
      "a.xz": [latin("\xfd7zXZ\0"), "it is an xz file, expected"],
      "a.bz2": [latin("BZh9"), "it is a bzip2 file, expected"],
      "a.zst": [latin("\x28\xb5\x2f\xfd"), "it is a Zstandard file, expected"],
      "data_batch_1": [latin("\x80\x02}q\0"), "it is a Python pickle, expected"],
      "a.mat": [text("MATLAB 5.0 MAT-file"), "it is a MATLAB file, expected"],
      "empty": [new Uint8Array(), "it is empty, expected"],
      "zeros": [new Uint8Array(9000), "it is of an unknown kind, expected"],
      "cut.tar.gz": [
        gz.subarray(0, gz.length - 2000),
        `it is cut short, it ends after ${gz.length - 2000} bytes`,
      ],
      "cut.tar": [tar.subarray(0, 5000), "it is cut short, its data_batch_1.bin has 3976 of 30730 bytes"],
      "damaged.tar.gz": [gz.map((byte, i) => i > 5000 && i < 5100 ? 0 : byte), "its gzip data is damaged"],
      "python.tar.gz": [
        gzipSync(await packed(python.map((name) => entry(`cifar-10-batches-py/${name}`)))),
        "it holds the Python version of CIFAR-10, expected the binary version of CIFAR-10 (cifar-10-binary.tar.gz)",
      ],
      "matlab.tar": [
        await packed([entry("cifar-10-batches-mat/data_batch_1.mat")]),
        "it holds the MATLAB version of CIFAR-10",
      ],
      "hundred.tar": [
        await packed(["train.bin", "test.bin"].map((name) => entry(`cifar-100-binary/${name}`))),
        "it holds CIFAR-100, expected",
      ],
      "hundred-python.tar": [
        await packed(["train", "test", "meta"].map((name) => entry(name))),
        "it holds the Python version of CIFAR-100",
      ],
      "other.tar": [
        await packed([entry("docs/a.txt"), entry("b")]),
        "it holds a.txt, b, expected data_batch_1.bin to",
      ],
      "short.tar": [
        await packed(BATCHES.map((name) => entry(`cifar-10-batches-bin/${name}`))),
        "Cannot read data_batch_1.bin: it has 10 bytes, expected a multiple of 3073",
      ],
      "other-sums.tar": [
        await packed(BATCHES.map((name) => entry(`x/${name}`, new Uint8Array(3073)))),
        "its data_batch_1.bin gives MD5 ",
      ],
      "linked.tar": [
        await packed([link]),
        'it holds test_batch.bin as a link to "y", expected a file: unpack it',
      ],
    };
    for (const [name, [bytes, said]] of Object.entries(files)) {
      await Deno.writeFile(at(name), bytes);
      const { message } = await assertRejects(
        () => fetch(at(name)),
        Error,
        `Cannot read CIFAR-10 from ${at(name)}: ${said}`,
        name,
      );
      assert(message.endsWith("pass its path with --source PATH"), message);
    }
  });
});

Deno.test("source: a folder of other things, a pipe, one batch and a path of nothing are called what they are", async () => {
  await withBench(async ({ batches, at, fetch }) => {
    for (
      const name of ["empty", "python", "wrong", "outer", "outer/cifar-10-batches-py", "packed", "piped"]
    ) {
      await Deno.mkdir(at(name));
    }
    for (const name of ["data_batch_1", "test_batch"]) await Deno.writeTextFile(at(`python/${name}`), "x");
    for (let i = 0; i < 12; i++) await Deno.writeTextFile(at(`wrong/${10 + i}`), "");
    await Deno.writeTextFile(at("packed/cifar-10-binary.tar.gz"), "");
    await new Deno.Command("mkfifo", { args: [at("pipe"), at("piped/data_batch_1.bin")] }).output();
    for (const batch of BATCHES.slice(1)) await Deno.copyFile(`${batches}/${batch}`, at(`piped/${batch}`));
    const said: Readonly<Record<string, string>> = {
      "empty": "it holds nothing, expected data_batch_1.bin to data_batch_5.bin and test_batch.bin",
      "python": "it holds the Python version of CIFAR-10, expected the binary version",
      "outer": "it holds the Python version of CIFAR-10, expected the binary version",
      "wrong": "it holds 10, 11, 12, 13, 14, 15, 16, 17, and 4 more, expected",
      "packed": "it holds cifar-10-binary.tar.gz, expected what is in it: pass that file",
      "pipe": "it is a named pipe, expected a file or a folder",
      "piped": "its data_batch_1.bin is a named pipe, expected a file",
      "batches/data_batch_2.bin": "it is one of six batches, pass the folder that holds them all",
      "batches/data_batch_2.bin/x": "there is no such file or folder, pass npm, official, a URL or a path",
      "none": "there is no such file or folder, pass npm, official, a URL or a path",
    };
    for (const [name, found] of Object.entries(said)) {
      await assertRejects(
        () => fetch(at(name)),
        Error,
        `Cannot read CIFAR-10 from ${at(name)}: ${found}`,
        name,
      );
    }
  });
});

Deno.test("source: an archive that says it holds more than a data set could is refused before it is written", async () => {
  await withBench(async ({ at, fetch }) => {
    const header = new Uint8Array(await packTar([entry("test_batch.bin")])).slice(0, 512);
    header.set(text("77777777777\0"), 124); // its size, octal
    header.fill(0x20, 148, 156);
    header.set(text(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 "), 148);
    await Deno.writeFile(at("bomb.tar"), Uint8Array.from([...header, ...new Uint8Array(4096)]));
    await assertRejects(
      () => fetch(at("bomb.tar")),
      Error,
      "its test_batch.bin has 8589934591 bytes, expected at most 268435456",
    );
  });
});
