/**
 * Instructions for reading an archive from Python, for its README. A test in `tests/pipeline/archive/` runs them.
 *
 * @module
 */

export const reading =
  `Weights are safetensors, arrays .npy (C order), tables CSV, pictures PNG and SVG. n images, m leaves, d features;
accuracies are fractions in [0, 1]; labels are CIFAR-10's. The linear accuracy of Table 1, computed again from the
features alone (NumPy and scikit-learn; \`teacher\` and \`probe\` are the folders of the tasks \`ema-teacher[MODEL,0]\` and
\`probe[MODEL,0]\`):

\`\`\`python
import json, numpy as np
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

weights = load_file(f"{teacher}/teacher.safetensors")          # name → float32, PyTorch's layout
x, x_test = (np.load(f"{teacher}/features_{s}.npy").astype(float) for s in ("train", "test"))  # [n, d]
y, y_test = (np.load(f"{teacher}/labels_{s}.npy") for s in ("train", "test"))                  # [n]
linear = json.load(open(f"{probe}/probe.json"))["teacher"]["linear"]
scale = StandardScaler().fit(x)
fit = LogisticRegression(C=1 / (len(x) * linear["l2"]), tol=1e-9, max_iter=10_000).fit(scale.transform(x), y)
print(fit.score(scale.transform(x_test), y_test), linear["accuracy"])
\`\`\``;
