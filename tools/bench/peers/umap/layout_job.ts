/** The layout that both sides compute, with the umap stage's own defaults. */
export const LAYOUT = { n: 2000, size: 128, neighbors: 15, minDist: 0.1, epochs: 500, seed: 0 } as const;
