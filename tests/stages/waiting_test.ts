import { assert } from "@std/assert";
import { Waiting } from "../../stages/train/view_source.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

Deno.test("waiting counts what is waited for, and nothing else", async () => {
  const waiting = new Waiting();
  assert(waiting.share === 0);
  await pause(60);
  await waiting.during(() => pause(20));
  assert(waiting.share > 0.05 && waiting.share < 0.8, `${waiting.share}`);
  const before = waiting.share;
  await pause(60);
  assert(waiting.share < before);
});
