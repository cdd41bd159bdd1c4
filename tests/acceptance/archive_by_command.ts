/**
 * An archive of the whole workflow at a size for tests, read by others: bagit, roc-validator at the Provenance Run Crate
 * profile, NumPy and scikit-learn, onnxruntime. Run by `deno task test:archive`; needs Python 3.11 or later and, the first
 * time, its package index.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Checkout } from "../fixtures/checkout.ts";
import { CLASSES, readCifar, select } from "../../formats/cifar.ts";
import { readNpy } from "../../formats/npy.ts";
import { decodePng, writePng } from "../../formats/png.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";
import { type Python, pythonWith } from "../fixtures/python.ts";

const here = (name: string) => fileURLToPath(new URL(`../pipeline/archive/${name}`, import.meta.url));
const stagesOf = (ids: readonly string[]) => [...new Set(ids.map((id) => id.replace(/\[.*/, "")))];

Deno.test("an archive of the whole workflow", async (t) => {
  const python = await pythonWith(here("requirements.txt"));
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const tiny = ["--profile", "tiny"];
  await checkout.reproduce(...tiny, "--source", data);
  const made = await checkout.task("archive", ...tiny, "--json");
  assertEquals(made.code, 0, made.stderr);
  const { path, name, digest } = JSON.parse(made.stdout);

  await t.step(
    "shows sizes before it writes, and leaves out the data set, cached views and checkpoints",
    () => {
      for (const part of ["data", "cache", "checkpoints"]) {
        assertStringIncludes(
          made.stderr,
          `--with ${part} packs it`,
        );
      }
    },
  );

  await t.step("is sound, the report drawn again to the same bytes", async () => {
    const { code, stdout } = await checkout.task("verify", path, "--digest", digest);
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /keys +sound +36 keys recomputed/);
    assertMatch(stdout, /report +sound +\d+ files drawn again by our code/);
  });

  await using bag = await unpacked(python, { path, name });

  await t.step("is valid for bagit and roc-validator, at the Provenance Run Crate profile", async () => {
    const printed = await python.run(here("validate.py"), bag.dir);
    assertStringIncludes(printed, "bagit: valid");
    assertStringIncludes(printed, "roc-validator: valid");
  });

  await t.step("gives scikit-learn the report's accuracies, to the last digit printed", async () => {
    const printed = await python.run(here("readback.py"), bag.dir);
    assertEquals(printed.match(/^readback: \S+ [\d.]+, the report's number$/gm)?.length, 4, printed);
  });

  await t.step("gives onnxruntime the features of the test images, to 1e-4", async () => {
    const printed = await python.run(here("check_onnx.py"), bag.dir, data);
    assertEquals(printed.match(/^onnx: \S+ differs by at most \S+$/gm)?.length, 4, printed);
  });

  await t.step(
    "predict says of a test image what the probe said, and finds a training image again",
    async () => {
      const { stdout } = await checkout.task("status", ...tiny, "--json");
      const status: readonly { readonly id: string; readonly dir: string }[] = JSON.parse(stdout);
      const dirOf = (id: string) => `${checkout.dir}/${status.find((each) => each.id === id)!.dir}`;
      const { train, test } = await readCifar(data);
      const ask = async (pixels: Uint8Array) => {
        const image = `${checkout.dir}/picture.png`;
        await writePng(image, { width: 32, height: 32, channels: 3, data: pixels });
        const asked = await checkout.task("predict", image, ...tiny, "--model", "avg-join", "--json");
        assertEquals(asked.code, 0, asked.stderr);
        return JSON.parse(asked.stdout);
      };
      const [index] = (await readNpy(`${dirOf("ema-teacher[avg-join,0]")}/index_test.npy`, "int32")).data;
      const [predicted] = (await readNpy(`${dirOf("probe[avg-join,0]")}/predictions.npy`, "uint8")).data;
      const { probabilities } = await ask(select(test, Int32Array.of(index)).images);
      const likeliest = CLASSES.toSorted((a, b) => probabilities[b] - probabilities[a])[0];
      assertEquals(likeliest, CLASSES[predicted]);
      const [own] = (await readNpy(`${dirOf("ema-teacher[avg-join,0]")}/index_train.npy`, "int32")).data;
      const { neighbours, out } = await ask(select(train, Int32Array.of(own)).images);
      assertEquals([neighbours[0].index, Math.round(neighbours[0].similarity * 1e5)], [own, 1e5]);
      assert(decodePng(await Deno.readFile(`${checkout.dir}/${out}`)).width > 800);
    },
  );

  await t.step(
    "restored where nothing was trained leaves nothing to do; an edit of probe reruns probe and report",
    async () => {
      await using other = await Checkout.create();
      await addTinyProfile(other);
      assertEquals((await other.task("restore", path)).code, 0);
      assertEquals((await other.reproduce(...tiny, "--source", "nowhere")).built, []);
      await other.edit(
        "stages/probe/run.ts",
        "random: untrained.result",
        "random: own.result",
      );
      const { built, failed } = await other.reproduce(...tiny, "--source", "nowhere");
      assertEquals([stagesOf(built), failed], [["probe", "report"], []]);
    },
  );

  await t.step(
    "unpacked runs again by its own README: nothing to do, and an edit reruns as little",
    async () => {
      const readme = await Deno.readTextFile(`${bag.dir}/data/README.md`);
      const [enter, command] = readme.split("## Running it again")[1].match(/```sh\n([\s\S]*?)```/)![1].trim()
        .split("\n");
      assertEquals([enter, command], ["cd repository", "npx -y deno@2.9.6 task reproduce --profile tiny"]);
      const again = async () => {
        const args = [...command.split(" ").slice(3), "--json"];
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args,
          cwd: `${bag.dir}/data/repository`,
          env: { NO_COLOR: "1" },
          stdin: "null",
        }).output();
        const text = new TextDecoder();
        const last = text.decode(stdout).trim().split("\n").at(-1) ?? "";
        assert(last.startsWith("{"), text.decode(stderr));
        return JSON.parse(last);
      };
      assertEquals((await again()).built, []);
      const probe = `${bag.dir}/data/repository/stages/probe/run.ts`;
      await Deno.writeTextFile(probe, `${await Deno.readTextFile(probe)}\nexport const unused = 1;\n`);
      assertEquals(stagesOf((await again()).built), ["probe"]);
    },
  );
});

/** The bag as Python's own zipfile unpacks it. */
async function unpacked(
  python: Python,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<AsyncDisposable & { readonly dir: string }> {
  const folder = await Deno.makeTempDir({ prefix: "bag-" });
  await python.run("-m", "zipfile", "-e", path, folder);
  return {
    dir: `${folder}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
