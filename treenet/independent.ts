/**
 * The objective of independent leaves: each leaf and the embedding have heads, a state and a loss of their own, and what is
 * minimised is their sum, so that every leaf is trained as it would be alone on the same views.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Embedded, Objective, Targets } from "./method.ts";
import { type Weights, within } from "./nn/parameters.ts";
import type { ParameterSpec } from "./nn/types.ts";

/** One objective of the sum, and the prefix of its names. */
interface Part {
  readonly prefix: string;
  readonly objective: Objective;
  /** Its features, out of those of the whole network. */
  readonly pick: (embedded: Embedded) => Embedded;
}

/** Sums an objective over m leaves of `leafSize` features (`leaf1.…`) and an embedding of `size` (no prefix of its own). */
export function independently(
  { leaves: m, leafSize, size }: {
    readonly leaves: number;
    readonly leafSize: number;
    readonly size: number;
  },
  build: (size: number) => Objective,
): Objective {
  const own = build(size);
  const parts: readonly Part[] = [
    ...Array.from({ length: m }, (_, leaf) => ofLeaf(leaf, build(leafSize))),
    { prefix: "", objective: own, pick: ({ params, embeddings }) => ({ params, embeddings }) },
  ];
  const specs = (which: "specs" | "studentSpecs") =>
    parts.flatMap(({ prefix, objective }) => objective[which].map((spec) => prefixed(spec, prefix)));
  return {
    specs: specs("specs"),
    studentSpecs: specs("studentSpecs"),
    prototypes: own.prototypes,
    losses: parts.length,
    freeze: own.freeze && {
      ...own.freeze,
      parameters: parts.flatMap(({ prefix, objective: { freeze } }) =>
        freeze?.parameters.map((name) => prefix + name) ?? []
      ),
    },
    init: () => merged(parts.map(({ prefix, objective }) => [prefix, objective.init()])),
    layers: (embedded, ops) => own.layers(embedded, ops),
    targets: (teacher, options) =>
      together(
        parts,
        (part) => part.objective.targets(part.pick(teacher), { ...options, state: of(part, options.state) }),
      ),
    update(state, means) {
      for (const part of parts) part.objective.update(of(part, state), of(part, means) as Weights);
    },
  };
}

function ofLeaf(leaf: number, objective: Objective): Part {
  const prefix = `leaf${leaf + 1}.`;
  return {
    prefix,
    objective,
    pick: ({ params, leaves }) => {
      const [rows, , features] = leaves!.shape;
      const own = tf.slice(leaves!, [0, leaf, 0], [rows, 1, features]);
      return { params: within(params, prefix), embeddings: tf.reshape(own, [rows, features]) };
    },
  };
}

/** The parts' losses summed, entropies averaged, and what their states follow by their names. */
function together(parts: readonly Part[], targetsOf: (part: Part) => Targets): Targets {
  const targets = parts.map(targetsOf);
  const entropies = targets.flatMap(({ entropy }) => entropy ?? []);
  return {
    loss: (student) => tf.addN(targets.map(({ loss }, i) => loss(parts[i].pick(student)))),
    entropy: entropies.length === 0 ? undefined : tf.div(tf.addN(entropies), entropies.length),
    follow: merged(targets.map(({ follow = {} }, i) => [parts[i].prefix, follow])),
  };
}

/** The entries of a part, which share their arrays or tensors with the whole. */
function of<T>({ prefix }: Part, named: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return prefix === "" ? named : within(named, prefix);
}

function merged<T>(
  named: readonly (readonly [string, Readonly<Record<string, T>>])[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    named.flatMap(([prefix, values]) =>
      Object.entries(values).map(([name, value]) => [prefix + name, value] as const)
    ),
  );
}

function prefixed(spec: ParameterSpec, prefix: string): ParameterSpec {
  return { ...spec, name: prefix + spec.name };
}
