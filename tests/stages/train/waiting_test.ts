import { assertEquals } from "@std/assert";
import { Waiting } from "../../../stages/train/view_source.ts";

Deno.test("waiting counts what is waited for, and nothing else", async () => {
  const { now } = performance;
  let ms = 0;
  performance.now = () => ms;
  const pause = (more: number) => Promise.resolve(ms += more);
  try {
    const waiting = new Waiting();
    assertEquals(waiting.share, 0);
    await pause(60);
    await waiting.during(() => pause(20));
    assertEquals(waiting.share, 20 / 80);
    await pause(80);
    assertEquals(waiting.share, 20 / 160);
  } finally {
    performance.now = now;
  }
});
