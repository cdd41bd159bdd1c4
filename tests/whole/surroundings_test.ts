import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { profileNames } from "../../pipeline/tasks/profile.ts";
import { workspaceAt } from "../../pipeline/base/workspace.ts";
import { Checkout } from "../fixtures/checkout.ts";

/** Files that editors, desktops and copies leave beside a module or a profile. */
function leavings(name: string): readonly string[] {
  const [stem, end] = name.split(".");
  return [
    ...[`._${name}`, `.${name}.swp`, `#${name}#`, `${name}~`, `${stem} copy.${end}`, `${stem} (1).${end}`],
    ...[`${stem}.orig.${end}`, `.hidden.${end}`, ".DS_Store", "Thumbs.db"],
  ];
}

async function leave(folder: string, name: string): Promise<void> {
  for (const file of leavings(name)) await Deno.writeTextFile(`${folder}/${file}`, "\0 of nobody");
  await Deno.symlink("nowhere", `${folder}/.#${name}`);
  await Deno.mkdir(`${folder}/.vscode`);
}

Deno.test("a checkout works with CRLF and a byte order mark in a profile, leavings of editors and a package.json", async () => {
  await using checkout = await Checkout.create();
  const { dir } = checkout;
  const text = await Deno.readTextFile(`${dir}/profiles/quick.json`);
  await Deno.writeTextFile(`${dir}/profiles/mine.json`, `\ufeff${text.replaceAll("\n", "\r\n")}`);
  await leave(`${dir}/workflow`, "mod.ts");
  await leave(`${dir}/stages/train`, "run.ts");
  await leave(`${dir}/treenet/models`, "dense_join.ts");
  await leave(`${dir}/profiles`, "mine.json");
  await Deno.writeTextFile(`${dir}/package.json`, `{ "name": "mine", "type": "commonjs" }`);
  const { code, stdout, stderr } = await checkout.task("status", "--profile", "mine");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "44 tasks missing");
  const schema = await checkout.task("schema");
  assertEquals(schema.code, 0, schema.stderr);
});

Deno.test("hidden files and what editors leave in profiles/ are no profiles", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/profiles`);
  for (
    const file of [".a.json", "._a.json", "#a.json#", "a.json~", "a.schema.json", "a.json", "my-b 2.json"]
  ) {
    await Deno.writeTextFile(`${root}/profiles/${file}`, "{}");
  }
  assertEquals(profileNames(workspaceAt(root)), ["a", "my-b 2"]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("a checkout has the bytes of the commit where git is told to convert line ends", async () => {
  const root = await Deno.makeTempDir();
  const attributes = fileURLToPath(new URL("../../.gitattributes", import.meta.url));
  const git = async (...args: string[]) => {
    const identity = ["-c", "core.autocrlf=true", "-c", "user.name=a", "-c", "user.email=a@b"];
    const said = await new Deno.Command("git", { args: [...identity, ...args], cwd: root }).output();
    assertEquals(said.code, 0, new TextDecoder().decode(said.stderr));
  };
  const files: Record<string, string> = {
    "a.ts": "1;\n2;\n",
    "a.cc": "int a;\n",
    "a.json": "{\n}\n",
    "a.png": "\x89PNG\r\n\x1a\n",
    "a.wasm": "\0asm\r\n",
  };
  await git("init", "-q");
  await Deno.copyFile(attributes, `${root}/.gitattributes`);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${root}/${name}`, text);
  await git("add", "-A");
  await git("commit", "-qm", "a");
  for (const name of Object.keys(files)) await Deno.remove(`${root}/${name}`);
  await git("checkout", "-q", ".");
  for (const [name, text] of Object.entries(files)) {
    assertEquals(await Deno.readTextFile(`${root}/${name}`), text, name);
  }
  await Deno.remove(root, { recursive: true });
});
