/**
 * Every stage's permissions are minimal: with any one of them taken away it fails, and with all of them it does not.
 * Run by `deno task test:hermetic`.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Grants } from "../../pipeline/child/sandbox.ts";
import { Checkout } from "../fixtures/checkout.ts";
import { addTinyProfile } from "../fixtures/tiny_profile.ts";
import { fakeInstallation, Home, packageCache } from "../tensorflow/home.ts";
import { Registry } from "./registry.ts";
import { StageProcess } from "./stage_process.ts";

/** Permissions that every stage of the project gets, when its data comes from a folder. */
const EXPECTED: Readonly<Record<string, readonly (keyof Grants)[]>> = {
  "download": ["code", "files", "out", "scratch"],
  "augment-cache": ["inputs", "code", "out"],
  "train": ["inputs", "code", "packages", "out", "scratch"],
  "ema-teacher": ["inputs", "code", "packages", "out"],
  "probe": ["inputs", "code", "out"],
  "layer-probe": ["inputs", "code", "packages", "out"],
  "ensemble": ["inputs", "code", "packages", "out"],
  "curve": ["inputs", "code", "packages", "out"],
  "saliency": ["inputs", "code", "packages", "out"],
  "umap": ["inputs", "code", "packages", "out"],
  "controls": ["inputs", "code", "packages", "out"],
  "report": ["inputs", "code", "packages", "out"],
};

const REFUSED = /Requires (read|write|net|sys) access|backend did not initialise/;

const without = (name: keyof Grants) => (grants: Grants): Grants => ({
  ...grants,
  [name]: typeof grants[name] === "boolean" ? false : [],
});

Deno.test("the permissions of every stage are minimal", async (t) => {
  await using checkout = await Checkout.create();
  const { data } = await addTinyProfile(checkout);
  const hints = { source: data };
  await checkout.reproduce("--profile", "tiny", "--source", data);
  const stages = await StageProcess.open(checkout, "tiny");
  assertEquals(stages.tasks().map(({ stage }) => stage.name), Object.keys(EXPECTED));

  for (const task of stages.tasks()) {
    const names = EXPECTED[task.stage.name];
    await t.step(`${task.id} is granted ${names.join(", ")}, and that is enough`, async () => {
      const { outcome, granted } = await stages.run(task, { hints });
      assertEquals(outcome.type, "result", JSON.stringify(outcome));
      assertEquals(namesOf(granted), names);
    });
    for (const name of names) {
      await t.step(`${task.id} fails without ${name}`, async () => {
        const { outcome } = await stages.run(task, { hints, edit: without(name) });
        assert(outcome.type === "error", `it ran without ${name}`);
        assertMatch(outcome.message, REFUSED);
      });
    }
  }

  await t.step(
    "download from npm reads the user's configuration and nothing else of the user's",
    async () => {
      await using registry = await Registry.start("TREENET_TEST_TOKEN");
      // Nothing of whoever runs this test: under npx the variables name the machine's own configuration.
      using _ = new Variables({
        npm_config_globalconfig: `${registry.userConfig}.none/npmrc`,
        npm_config_cafile: undefined,
        npm_config_userconfig: registry.userConfig,
        TREENET_TEST_TOKEN: "secret",
        TREENET_TEST_OTHER: "secret too",
      });
      const [download] = stages.tasks();
      const npm = { source: "npm" };
      const { granted } = await stages.run(download, { hints: npm });
      assertEquals(namesOf(granted), ["code", "files", "variables", "out", "scratch", "network"]);
      assert(registry.tokens.length > 0 && registry.tokens.every((token) => token === "Bearer secret"));
      assertEquals(granted.variables.includes("TREENET_TEST_OTHER"), false);
      for (const path of granted.files) assertMatch(path, /npmrc$/);
      const { outcome } = await stages.run(download, { hints: npm, edit: without("network") });
      assert(outcome.type === "error");
      assertStringIncludes(outcome.message, "Requires sys access");
    },
  );

  await t.step(
    "on the tensorflow backend, stages that compute tensors may load its library, no more",
    async () => {
      await using home = await Home.create();
      const library = `${await fakeInstallation(home)}/tfjs_binding.node`;
      using _ = new Variables({ DENO_DIR: packageCache(), XDG_CACHE_HOME: home.caches });
      const onTensorflow = await StageProcess.open(checkout, "tiny", "tensorflow");
      for (const task of onTensorflow.tasks()) {
        const granted = await onTensorflow.grants(task, hints);
        const isNative = task.stage.numeric === true;
        assertEquals(granted.native, isNative ? [library] : [], task.id);
        assertEquals(namesOf({ ...granted, native: [] }), EXPECTED[task.stage.name]);
      }
    },
  );

  await t.step("download from the web fails without the network", async () => {
    const [download] = stages.tasks();
    const { outcome } = await stages.run(download, {
      hints: { source: "http://127.0.0.1:45871/cifar.tar.gz" },
      edit: without("network"),
    });
    assert(outcome.type === "error");
    assertStringIncludes(outcome.message, "Requires net access");
  });
});

/** Names of the grants that are not empty. */
function namesOf(grants: Grants): (keyof Grants)[] {
  return (Object.keys(grants) as (keyof Grants)[]).filter((name) => {
    const grant = grants[name];
    return typeof grant === "boolean" ? grant : grant.length > 0;
  });
}

/** Environment variables for as long as it lives; undefined takes one away. */
class Variables implements Disposable {
  readonly #before: Readonly<Record<string, string | undefined>>;

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.#before = Object.fromEntries(Object.keys(values).map((name) => [name, Deno.env.get(name)]));
    setVariables(values);
  }

  [Symbol.dispose](): void {
    setVariables(this.#before);
  }
}

function setVariables(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
}
