import { assertEquals } from "@std/assert";
import { fillPlaceholders } from "../../pipeline/publish.ts";
import { sealed } from "../../pipeline/sealed.ts";

async function filled(text: string, run: object): Promise<string> {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/run.json`, JSON.stringify(sealed(run)));
  const found = await fillPlaceholders(text, (task) => task === "train[cnn,0]" ? dir : undefined);
  await Deno.remove(dir, { recursive: true });
  return found;
}

const run = { task: "train[cnn,0]", seconds: 8, records: {} };

Deno.test("a rate is an amount a second of the run", async () => {
  const text = "{{rate train[cnn,0] 4096 unless records.resumedFrom}}/s, {{run train[cnn,0] seconds}}";
  assertEquals(await filled(text, run), "512/s, 8.0 s");
});

Deno.test("there is no rate of a run that has the field which says so, and of none without a record", async () => {
  const text = "{{rate train[cnn,0] 4096 unless records.resumedFrom}}";
  assertEquals(await filled(text, { ...run, records: { resumedFrom: 100 } }), "not recorded");
  assertEquals(await filled(text, { ...run, seconds: 0 }), "not recorded");
  assertEquals(await filled(text.replace("cnn", "other"), run), "not recorded");
});

Deno.test("what the record of a run does not know is unknown, and no secret of an old one is published", async () => {
  assertEquals(await filled("{{run train[cnn,0] commit}}", { ...run, commit: null }), "unknown");
  const records = { source: "https://ada:PASSWORD@host/c.tar.gz?sig=SIGNATURE" };
  const text = await filled("{{run train[cnn,0] records.source}}", { ...run, records });
  assertEquals(text, "https://…@host/c.tar.gz…");
});
