/** What kernel.wasm exports; compiled by `deno task build:kernel`. Addresses are bytes in the imported memory. */
export { convolve, pack, packTransposed } from "./convolution";
export { accumulate, clear, columnSums, weightGradient } from "./weight_gradient";
export { measure, normalise, normaliseBackward, pool, poolBackward } from "./normalisation";
export { times64, transposedTimes64 } from "./matrix64";
export { affine, inputGradientOfTiles, outputOfTiles, tilesOfGradient, tilesOfInput } from "./tiles";
export { packTiles, products, transposedProducts, weightsOfTiles } from "./products";
export { batchNormalise, batchNormaliseBackward } from "./batch_normalisation";
export { adamw, ema, scale, squares } from "./updates";
