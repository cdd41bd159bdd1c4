import { assert, assertRejects, assertStringIncludes } from "@std/assert";
import { loadOps } from "../../../../treenet/ops/mod.ts";

Deno.test("a TensorFlow that is not there is an error that says how to get it", async () => {
  const library = `${Deno.makeTempDirSync()}/tfjs_binding.node`;
  for (
    const [options, next] of [[{ cores: 1 }, "setup:tensorflow"], [{ cores: 1, library }, "doctor"]] as const
  ) {
    const { message } = await assertRejects(() => loadOps("tensorflow", options), Error) as Error;
    assertStringIncludes(message, "Cannot load TensorFlow");
    assert(message.endsWith(`"deno task ${next}"`), message);
  }
});
