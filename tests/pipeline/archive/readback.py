"""Computes the linear accuracies of a report again, from an unpacked archive alone: `python readback.py BAG`.

What runs is the Python of the archive's own README.
"""

import glob
import json
import re
import sys

import numpy as np
from safetensors.numpy import load_file


def main(bag: str) -> None:
    data = f"{bag}/data"
    readme = open(f"{data}/README.md", encoding="utf-8").read()
    code = re.search(r"```python\n(.*?)```", readme, re.S)[1]
    (report,) = glob.glob(f"{data}/repository/reports/*/REPORT.md")
    table = open(report, encoding="utf-8").read().split("## Table 1")[1].split("\n## ")[0]
    artifacts = f"{data}/repository/artifacts"
    for teacher in sorted(glob.glob(f"{artifacts}/ema-teacher/*/*")):
        place = teacher.split("/")[-2]
        (probe,) = glob.glob(f"{artifacts}/probe/{place}/*")
        scope = {"teacher": teacher, "probe": probe}
        exec(code, scope)
        accuracy = scope["fit"].score(scope["scale"].transform(scope["x_test"]), scope["y_test"])
        printed = re.search(rf"\[([\d.]+)\]\(#probe-{re.escape(place)}\)", table)[1]
        assert f"{100 * accuracy:.1f}" == printed, (place, accuracy, printed)
        described = {p["name"]: p["shape"] for p in json.load(open(f"{teacher}/model.json"))["parameters"]}
        weights = {name: list(array.shape) for name, array in load_file(f"{teacher}/teacher.safetensors").items()}
        assert weights == described, place
        assert scope["x"].shape[1] == np.load(f"{teacher}/features_test.npy").shape[1]
        print(f"readback: {place} {printed}, the report's number")


if __name__ == "__main__":
    main(sys.argv[1])
