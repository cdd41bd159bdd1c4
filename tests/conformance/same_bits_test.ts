import { assertEquals } from "@std/assert";
import { CANDIDATES } from "./backends.ts";
import { runSteps } from "./step_processes.ts";

for (const { name, missing, sameOnAnyCores } of CANDIDATES) {
  const ignore = missing !== undefined, title = ignore ? `${name} (${missing})` : name;
  const what = sameOnAnyCores ? "on 1 and 2 threads, and on every run" : "on every run";

  Deno.test(
    { name: `${title}: training gives the same bits ${what}, and its process ends`, ignore },
    async () => {
      const first = await runSteps(name, { cores: 2, steps: 20 });
      const again = await runSteps(name, { cores: sameOnAnyCores ? 1 : 2, steps: 20 });
      assertEquals(again.digest, first.digest);
    },
  );
}
