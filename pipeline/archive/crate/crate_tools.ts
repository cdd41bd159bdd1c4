/**
 * Stages as the tools of a workflow: inputs, outputs and steps.
 *
 * @module
 */
import type { Engine } from "../../plan/engine.ts";
import type { AnyStage, Inputs, Json } from "../../stage.ts";
import type { PackedTask } from "../contents.ts";
import { type Entity, ids, ref, valueType } from "./crate_entity.ts";
import { ENGINE, PARAMETER_PROFILE } from "./crate_software.ts";

/** A stage with its tasks, at least one. */
export interface Tool {
  readonly stage: AnyStage;
  readonly tasks: readonly PackedTask[];
}

/** Tools, steps and formal parameters. */
export function toolEntities(engine: Engine, tools: readonly Tool[]): readonly Entity[] {
  return [
    { "@id": PARAMETER_PROFILE, "@type": "CreativeWork", name: "Bioschemas FormalParameter 1.0" },
    ...tools.flatMap((
      tool,
      i,
    ) => [toolEntity(engine, tool), stepEntity(engine, tool, i), ...parameters(tool)]),
  ];
}

function toolEntity(engine: Engine, { stage, tasks }: Tool): Entity {
  const inputs = Object.keys(stage.inputs as Inputs).map((name) => ids.input(stage.name, name));
  return {
    "@id": ids.tool(engine, stage),
    "@type": ["File", "SoftwareSourceCode", "SoftwareApplication"],
    name: stage.name,
    programmingLanguage: ref(ENGINE.language["@id"]),
    input: [...inputs, ...ids.parameters(tasks[0])].map(ref),
    output: [ref(ids.output(stage.name))],
    softwareRequirements: ref(ENGINE.deno["@id"]),
  };
}

function stepEntity(engine: Engine, { stage }: Tool, position: number): Entity {
  return {
    "@id": `#step-${stage.name}`,
    "@type": "HowToStep",
    name: stage.name,
    position: String(position),
    workExample: ref(ids.tool(engine, stage)),
  };
}

function parameters({ stage, tasks }: Tool): readonly Entity[] {
  const values = Object.entries(tasks[0].artifact.key.params as Readonly<Record<string, Json>>);
  const formal = (id: string, fields: Omit<Entity, "@id" | "@type">): Entity => ({
    "@id": id,
    "@type": "FormalParameter",
    conformsTo: ref(PARAMETER_PROFILE),
    ...fields,
  });
  return [
    ...values.map(([name, value]) =>
      formal(ids.parameter(stage.name, name), {
        name,
        additionalType: valueType(value),
        valueRequired: true,
        ...(typeof value === "object" ? { description: "JSON" } : {}),
      })
    ),
    ...Object.keys(stage.inputs as Inputs).map((name) =>
      formal(ids.input(stage.name, name), { name, additionalType: "Dataset", valueRequired: true })
    ),
    formal(ids.output(stage.name), { name: `output of ${stage.name}`, additionalType: "Dataset" }),
  ];
}
