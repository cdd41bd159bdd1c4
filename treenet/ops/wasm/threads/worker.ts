/**
 * A thread of a {@linkcode Team}.
 *
 * @module
 */
import { startKernel } from "../load_kernel.ts";
import { type Recruit, Seat } from "./seat.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Recruit>) => Promise<void>;
  postMessage(message: string): void;
  close(): void;
};

scope.onmessage = async ({ data: { module, memory, worker } }) => {
  const seat = new Seat(await startKernel(module, memory), memory, worker);
  scope.postMessage("ready");
  seat.follow();
  scope.close();
};
