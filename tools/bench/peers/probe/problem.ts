/** The problem that both sides fit: mean cross-entropy + l2/2 · ‖weights‖² of z-scored features. */
export const PROBLEM = {
  n: 50_000,
  size: 128,
  l2: 1e-3,
  /**
   * Tolerance on the gradient: on its Euclidean norm for us, on its largest element for scikit-learn, which
   * is less.
   */
  tolerance: 1e-6,
} as const;
