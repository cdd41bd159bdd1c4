"""Compares one topic's values with the reference: `python main.py TOPIC FOLDER`.

FOLDER holds what our TypeScript exported, `values.json` and `tensors.safetensors`. Prints JSON: by quantity the largest
deviation found, and the reference's own values where small ones are to be kept.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # one order of sums everywhere, and no thread waits for another on a busy machine

from safetensors.numpy import load_file  # noqa: E402


def main(topic, folder):
    values = json.loads((Path(folder) / "values.json").read_text())
    tensors = load_file(Path(folder) / "tensors.safetensors")
    print(json.dumps(importlib.import_module(f"checks.{topic}").check(values, tensors)))


if __name__ == "__main__":
    main(*sys.argv[1:])
