import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../../pipeline/base/errors.ts";
import type { Pipeline } from "../../../pipeline/workflow.ts";
import { profileNamed, profileNames, readProfile } from "../../../pipeline/tasks/profile.ts";
import { workspaceAt } from "../../../pipeline/base/workspace.ts";

/** A repository with profiles of these files' names. */
async function withProfiles(names: readonly string[], use: (pipeline: Pipeline) => Promise<void> | void) {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(root, "profiles"));
    for (const name of names) await Deno.writeTextFile(join(root, "profiles", name), "{}");
    await use({ root } as Pipeline);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a profile is named by its name or by any path to it", () =>
  withProfiles(["quick.json"], async (pipeline) => {
    const { root } = pipeline;
    await Deno.mkdir(join(root, "sub"));
    await Deno.symlink(root, join(root, "sub/link"));
    const absolute = join(root, "profiles/quick.json");
    for (
      const typed of [
        "quick",
        "profiles/quick.json",
        "./profiles/quick.json",
        "profiles/quick",
        "quick.json",
        absolute,
      ]
    ) {
      assertEquals(profileNamed(pipeline, typed, root), "quick", typed);
    }
    for (
      const typed of ["../profiles/quick.json", "profiles/quick.json", "link/profiles/quick.json", absolute]
    ) {
      assertEquals(profileNamed(pipeline, typed, join(root, "sub")), "quick", typed);
    }
  }));

Deno.test("a path outside profiles/ is refused with the way out", () =>
  withProfiles(["quick.json"], async (pipeline) => {
    await Deno.mkdir(join(pipeline.root, "profiles/sub"));
    for (const typed of ["../../exp/my", "/tmp/my.json", "profiles/../my.json", "profiles/sub/my.json"]) {
      assertThrows(
        () => profileNamed(pipeline, typed, pipeline.root),
        UsageError,
        `Cannot use profile "${typed}": it is outside profiles/, copy it to profiles/my.json and name it my`,
      );
    }
  }));

Deno.test("hidden files and the schema are no profiles, and what is no plain file of a plain name is refused", () =>
  withProfiles([
    ".json",
    "._quick.json",
    "quick.json",
    "profile.schema.json",
    "con.json",
    "a,b.json",
    "é 2.json",
  ], async (pipeline) => {
    const { profiles } = workspaceAt(pipeline.root);
    await Deno.mkdir(join(profiles, "folder.json"));
    await Deno.symlink(join(profiles, "quick.json"), join(profiles, "linked.json"));
    await Deno.symlink(join(profiles, "nothing"), join(profiles, "dangling.json"));
    assertEquals(profileNames(workspaceAt(pipeline.root)), [
      "a,b",
      "con",
      "dangling",
      "folder",
      "linked",
      "quick",
      "é 2",
    ]);
    for (const name of ["quick", "linked", "é 2"]) assertEquals(await readProfile(pipeline, name), {});
    const refused = [
      "..",
      "../quick",
      "a,b",
      "con",
      "folder",
      "dangling",
      "profile.schema",
      "._quick",
      "Quick",
      "",
    ];
    for (const name of refused) {
      await assertRejects(() => readProfile(pipeline, name), UsageError, `Cannot read profile "${name}": `);
    }
  }));
