/**
 * One layout as the umap stage makes it, exact neighbours and start by PCA included, timed; prints a line of JSON.
 *
 * @module
 */
import { layout, prepare } from "../../../../treenet/umap/layout.ts";
import { quality } from "../../../../treenet/umap/quality.ts";
import { spaceOf } from "../../../../treenet/umap/space.ts";
import { shapedFeatures } from "../peer_features.ts";
import { LAYOUT } from "./layout_job.ts";

const features = shapedFeatures(LAYOUT.n, LAYOUT.size);
const start = performance.now();
const space = spaceOf(features, LAYOUT.neighbors);
const points = await layout(prepare(features, space), LAYOUT);
const seconds = (performance.now() - start) / 1000;
const { trustworthiness } = await quality(space, spaceOf({ x: points, size: 2 }, LAYOUT.neighbors), features);
console.log(JSON.stringify({ seconds, trustworthiness }));
