/**
 * One fit of the linear probe, timed; prints a line of JSON.
 *
 * @module
 */
import { LogisticProblem } from "../../../../treenet/probe/logistic.ts";
import { CLASSES, shapedFeatures } from "../peer_features.ts";
import { PROBLEM } from "./problem.ts";

const features = shapedFeatures(PROBLEM.n, PROBLEM.size);
const start = performance.now();
const problem = await LogisticProblem.create(features, CLASSES);
const { objective, gradientNorm, iterations } = problem.fit(PROBLEM);
const seconds = (performance.now() - start) / 1000;
problem.free();
console.log(JSON.stringify({ seconds, objective, gradientNorm, iterations }));
