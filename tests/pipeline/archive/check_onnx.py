"""Runs the teachers of an unpacked archive in onnxruntime: `python check_onnx.py BAG CIFAR`.

Their embeddings of the test images (a folder of CIFAR-10's binary batches) are those of features_test.npy to 1e-4, and so
are the leaves' outputs: absolute, or of the largest feature where that is above 1 (a deep network's features reach 30, and
onnxruntime itself gives others by 4e-4 when it optimises the graph).
"""

import glob
import sys

import numpy as np
import onnxruntime


def main(bag: str, cifar: str) -> None:
    records = np.fromfile(f"{cifar}/test_batch.bin", np.uint8).reshape(-1, 3073)
    images = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255
    for path in sorted(glob.glob(f"{bag}/data/onnx/*.onnx")):
        name = path.split("/")[-1].removesuffix(".onnx")
        (teacher,) = glob.glob(f"{bag}/data/repository/artifacts/ema-teacher/{name}/*")
        session = onnxruntime.InferenceSession(path)
        chosen = images[np.load(f"{teacher}/index_test.npy")]
        names = [output.name for output in session.get_outputs()]
        found = dict(zip(names, session.run(names, {"images": chosen})))
        wanted = {"embedding": np.load(f"{teacher}/features_test.npy")}
        if "leaves" in names:
            wanted["leaves"] = np.load(f"{teacher}/leaves_test.npy")
        worst = max(
            float(np.abs(found[key] - wanted[key]).max() / max(1, np.abs(wanted[key]).max())) for key in wanted
        )
        assert worst <= 1e-4, (name, worst)
        print(f"onnx: {name} differs by at most {worst:.1e}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
