/**
 * One task of a checkout, run again by the engine's own means, with some of its permissions taken away.
 *
 * @module
 */
import { LogFile } from "../../pipeline/child/log_file.ts";
import type { Outcome } from "../../pipeline/child/process.ts";
import type { Engine } from "../../pipeline/plan/engine.ts";
import type { Task } from "../../pipeline/stage.ts";
import type { Grants } from "../../pipeline/child/sandbox.ts";
import type { Artifact } from "../../pipeline/stage.ts";
import type { Checkout } from "../fixtures/checkout.ts";

/** The parts of the engine that are used here, from the checkout's own code. */
interface Parts {
  readonly childCommand: typeof import("../../pipeline/run/child_command.ts").childCommand;
  readonly runChild: typeof import("../../pipeline/child/process.ts").runChild;
  readonly sandbox: typeof import("../../pipeline/child/sandbox.ts");
  readonly Guard: typeof import("../../pipeline/child/guard.ts").Guard;
}

/** Tasks whose inputs are there. */
export class StageProcess {
  private constructor(
    private readonly root: string,
    private readonly parts: Parts,
    private readonly engine: Engine,
    private readonly artifacts: ReadonlyMap<Task, Artifact>,
  ) {}

  /** Reads a profile that has been reproduced, with the checkout's own engine: its paths are those of what runs. */
  static async open(checkout: Checkout, profile: string, backend?: string): Promise<StageProcess> {
    const load = (path: string) => import(`file://${checkout.dir}/${path}`);
    const { pipeline } = await load("workflow/mod.ts");
    const { openEngine } = await load("pipeline/plan/engine.ts");
    const { assessAll } = await load("pipeline/plan/plan.ts") as typeof import("../../pipeline/plan/plan.ts");
    const engine: Engine = await openEngine(pipeline, { profile, backend });
    const statuses = await assessAll(engine);
    const parts: Parts = {
      ...await load("pipeline/run/child_command.ts"),
      ...await load("pipeline/child/process.ts"),
      ...await load("pipeline/child/guard.ts"),
      sandbox: await load("pipeline/child/sandbox.ts"),
    };
    const artifacts = new Map(statuses.entries().map(([task, { artifact }]) => [task, artifact!]));
    return new StageProcess(checkout.dir, parts, engine, artifacts);
  }

  /** One task of every stage: of a small model where there are several. */
  tasks(): readonly Task[] {
    const stages = new Set(this.engine.tasks.map(({ stage }) => stage));
    return [...stages].map((stage) => {
      const tasks = this.engine.tasks.filter((task) => task.stage === stage);
      return tasks.find(({ point }) => point.model === "avg-join") ?? tasks[0];
    });
  }

  /** Permissions of a task's process. */
  async grants(task: Task, hints: Readonly<Record<string, string>>): Promise<Grants> {
    const artifacts = (input: Task) => this.artifacts.get(input)!;
    const setting = { staging: "/staging", scratch: "/scratch", artifacts, cores: 2, hints };
    return (await this.parts.childCommand(this.engine, task, setting)).grants;
  }

  /** Runs a task, its grants edited; its outputs are thrown away. */
  async run(
    task: Task,
    { hints, edit = (grants) => grants }: {
      readonly hints: Readonly<Record<string, string>>;
      readonly edit?: (grants: Grants) => Grants;
    },
  ): Promise<{ readonly outcome: Outcome; readonly granted: Grants }> {
    const { childCommand, runChild, sandbox, Guard } = this.parts;
    const folder = await Deno.makeTempDir({ prefix: "hermetic-" });
    const [staging, scratch] = [`${folder}/out`, `${folder}/scratch`];
    for (const path of [staging, scratch]) await Deno.mkdir(path);
    try {
      await using guard = new Guard();
      using log = await LogFile.open(`${folder}/log`);
      const { job, grants, flags, variables } = await childCommand(this.engine, task, {
        staging,
        scratch,
        artifacts: (input) => this.artifacts.get(input)!,
        cores: 2,
        hints,
      });
      const granted = edit(grants);
      const outcome = await runChild(job, {
        flags: [...flags, ...sandbox.permissions(granted)],
        cwd: this.root,
        env: { ...sandbox.environmentVariables(granted, scratch), ...variables },
        log,
        progress: () => {},
        loaded: () => {},
        guard,
        signal: new AbortController().signal,
      });
      return { outcome, granted };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
