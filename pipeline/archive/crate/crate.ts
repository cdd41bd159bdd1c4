/**
 * The archive's metadata: an RO-Crate 1.1 that follows the Provenance Run Crate profile 0.5
 * (https://w3id.org/ro/wfrun/provenance/0.5). One CreateAction a task; stages are the workflow's tools.
 *
 * @module
 */
import { ROCrate } from "ro-crate";
import { actionsOf } from "./crate_actions.ts";
import { dataEntities } from "./crate_data.ts";
import { type CrateFacts, type Entity, ids, ref, uniqueEntities } from "./crate_entity.ts";
import { citationEntities, ENGINE, PROFILES, softwareEntities, WORKFLOW_PROFILE } from "./crate_software.ts";
import { REPOSITORY } from "../contents.ts";
import type { Engine } from "../../plan/engine.ts";
import { toolEntities } from "./crate_tools.ts";

export const METADATA = "ro-crate-metadata.json";

const CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"];

export function crateText(facts: CrateFacts): string {
  const crate = new ROCrate({ "@context": CONTEXT, "@graph": [descriptor(), root(facts)] });
  for (const entity of uniqueEntities(entities(facts))) crate.addEntity(structuredClone(entity));
  return `${JSON.stringify(crate.toJSON(), null, 2)}\n`;
}

function descriptor(): Entity {
  return {
    "@id": METADATA,
    "@type": "CreativeWork",
    about: ref("./"),
    conformsTo: [
      ref("https://w3id.org/ro/crate/1.1"),
      ref("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
    ],
  };
}

function root({ policy, released, contents, made, engine }: CrateFacts): Entity {
  const { citation } = policy;
  const license = `https://spdx.org/licenses/${citation.license}`;
  return {
    "@id": "./",
    "@type": "Dataset",
    name: `${citation.title}, profile ${engine.profile.name}`,
    description: citation.abstract,
    datePublished: released,
    license: ref(license),
    author: citation.authors.map((_, i) => ref(`#author-${i + 1}`)),
    keywords: citation.keywords.join(", "),
    conformsTo: PROFILES.map(({ id }) => ref(id)),
    mainEntity: ref(workflowModule(engine)),
    hasPart: [
      ref(`${REPOSITORY}/`),
      ref(workflowModule(engine)),
      ...Object.keys(made).map(ref),
      ...contents.report.map(({ name }) => ref(name)),
      ...contents.tasks.map(({ folder }) => ref(`${folder}/`)),
      ...contents.tasks.flatMap(({ log, derived }) =>
        [...(log ? [log] : []), ...derived.map(({ file }) => file)].map(({ name }) => ref(name))
      ),
    ],
    mentions: [
      ref("#run"),
      ref("#orchestration"),
      ...contents.tasks.map(({ task }) => ref(`#run-${task.place}`)),
    ],
    citation: citation.references.map((_, i) => ref(`#reference-${i + 1}`)),
  };
}

/** The module that is started; it knows all stages. */
function workflowModule({ pipeline }: Engine): string {
  return `${REPOSITORY}/${pipeline.module}`;
}

function entities(facts: CrateFacts): readonly Entity[] {
  const { engine, contents, policy } = facts;
  const stages = Map.groupBy(contents.tasks, ({ task }) => task.stage);
  const tools = [...stages].map(([stage, tasks]) => ({ stage, tasks }));
  return [
    ...PROFILES.map(({ id, name, version }): Entity => ({
      "@id": id,
      "@type": "CreativeWork",
      name,
      version,
    })),
    ...citationEntities(policy.citation),
    ...softwareEntities(),
    {
      "@id": workflowModule(engine),
      "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
      name: policy.citation.title,
      description: engine.profile.data.summary ?? "",
      conformsTo: ref(WORKFLOW_PROFILE),
      programmingLanguage: ref(ENGINE.language["@id"]),
      license: ref(`https://spdx.org/licenses/${policy.citation.license}`),
      input: tools.flatMap(({ tasks }) => ids.parameters(tasks[0])).map(ref),
      output: tools.filter(({ stage }) => stage.publish).map(({ stage }) => ref(ids.output(stage.name))),
      hasPart: tools.map(({ stage }) => ref(ids.tool(engine, stage))),
      step: tools.map(({ stage }) => ref(`#step-${stage.name}`)),
    },
    ...toolEntities(engine, tools),
    ...actionsOf(engine, contents, { agent: "#author-1", workflow: workflowModule(engine), tools }),
    ...dataEntities(facts),
  ];
}
