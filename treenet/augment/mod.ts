/**
 * Multi-crop augmentation, bit for bit as torchvision and Pillow would do it with the same draws.
 *
 * @module
 */
export {
  type AugmentRecipe,
  augmentRecipe,
  type Crops,
  type Range,
  type RecipeParser,
  type Shares,
} from "./recipe.ts";
export { makeViews, viewBytes, type ViewKey, type Views, writeViews } from "./make_views.ts";
export { MEAN, normalise, STD } from "./normalise.ts";
export { AugmentPool } from "./pool.ts";
