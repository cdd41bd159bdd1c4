/**
 * The shared equipment of the wasm backend's operations: threads, their memory, plans, and the activations
 * that forward passes keep for their backward passes.
 *
 * @module
 */
import { engine } from "@tensorflow/tfjs-core";
import type { Arena, Heap } from "./heap.ts";
import { compileKernel, type Kernel } from "./load_kernel.ts";
import { PlanLibrary } from "./plan_library.ts";
import { Team } from "./threads/team.ts";

/** Equipment of one set of operations. */
export class Workshop {
  readonly team: Team;
  readonly plans: PlanLibrary;
  readonly #kept = new Map<Arena, unknown>();

  private constructor(team: Team) {
    [this.team, this.plans] = [team, new PlanLibrary(team.heap)];
  }

  /** Starts `cores` − 1 threads beside this one. */
  static async open(cores: number): Promise<Workshop> {
    return new Workshop(await Team.start(await compileKernel(), cores));
  }

  /** The kernel on this thread. */
  get kernel(): Kernel {
    return this.team.kernel;
  }

  get heap(): Heap {
    return this.team.heap;
  }

  /**
   * Makes an arena that lives as long as TensorFlow.js' current gradient tape. The end of a tape gives no
   * signal, so the arenas of ended tapes are freed when the next operation begins ({@linkcode sweep}).
   */
  arenaOfTape(): Arena {
    const arena = this.heap.arena();
    this.#kept.set(arena, engine().state.activeTape);
    return arena;
  }

  /** Frees the arenas of ended tapes. */
  sweep(): void {
    for (const [arena, tape] of this.#kept) {
      if (tape === engine().state.activeTape) continue;
      arena[Symbol.dispose]();
      this.#kept.delete(arena);
    }
  }

  close(): void {
    this.team.close();
  }
}
