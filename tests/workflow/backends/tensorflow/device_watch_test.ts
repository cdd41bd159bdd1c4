import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { GpuWatch } from "../../../../workflow/backends/tensorflow/device_watch.ts";
import { Home } from "../../../tensorflow/home.ts";

/** Findings of a watch that asks every 20 ms for half a second, on a machine with this nvidia-smi. */
async function seen(script?: string) {
  await using home = await Home.create(script === undefined ? {} : { "nvidia-smi": script });
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${home.dir}/bin`);
  try {
    const watch = new GpuWatch(20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await watch.stop();
  } finally {
    Deno.env.set("PATH", path);
  }
}

Deno.test("a GPU is watched: how busy it is on average, how much of its memory is taken at most", async () => {
  const { records, words } = await seen(`case "$1" in --id=*) ;; *) exit 1;; esac
if [ -e "$0.seen" ]; then echo '60, 1000'; else echo '90, 3000'; : > "$0.seen"; fi`);
  const { busy, memory, samples } = records.device as Record<string, number>;
  assert(samples > 1, String(samples));
  assertAlmostEquals(busy, (0.9 + 0.6 * (samples - 1)) / samples, 1e-4);
  assertEquals(memory, 3000 * 2 ** 20);
  assertEquals(
    words,
    `kept the GPU ${Math.round(100 * busy)}% busy, with 3.1 GB of its memory taken at most`,
  );
});

Deno.test("without nvidia-smi, or where it fails or knows no number, nothing is said of a GPU", async () => {
  for (const script of [undefined, "exit 9", "echo '[N/A], [N/A]'"]) {
    assertEquals(await seen(script), { records: {} });
  }
});

Deno.test("an nvidia-smi that hangs is ended with the watch", async () => {
  const file = await Deno.makeTempFile();
  assertEquals(await seen(`echo $$ > "${file}"; exec /bin/sleep 600`), { records: {} });
  const pid = (await Deno.readTextFile(file)).trim();
  assertMatch(pid, /^\d+$/);
  assertThrows(() => Deno.kill(Number(pid), "SIGCONT"), Deno.errors.NotFound);
  await Deno.remove(file);
});
