import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cudaExtras, gpuProblems, missingLibraries } from "../../../../workflow/backends/tensorflow/cuda.ts";
import { freeBytes } from "../../../../pipeline/base/files.ts";
import {
  lackOfSpace,
  type Machine,
  refusal,
} from "../../../../workflow/backends/tensorflow/tensorflow_machine.ts";
import {
  cudaRequirements,
  pinnedDigest,
  TENSORFLOW,
} from "../../../../workflow/backends/tensorflow/install/pins.ts";
import { gpuUsed } from "../../../../workflow/backends/tensorflow/prove.ts";
import { tensorflowVariables } from "../../../../workflow/backends/tensorflow/prove.ts";

const fit: Machine = { platform: "linux x86_64", glibc: "2.27", cpu: new Set(["sse4_1", "avx"]) };

Deno.test("a machine is refused for its platform, its C library or its CPU, each with the next step", () => {
  assertEquals(refusal(fit), undefined);
  assertEquals(refusal({ ...fit, glibc: "2.39" }), undefined);
  assertEquals(refusal({ ...fit, cpu: undefined }), undefined, "a CPU that does not tell is tried");
  const cases: [Partial<Machine>, string][] = [
    [{ platform: "darwin aarch64" }, "this is darwin aarch64 and its wheels are for linux x86_64"],
    [{ glibc: "2.26" }, "this system has glibc 2.26"],
    [{ glibc: "1.99" }, "this system has glibc 1.99"],
    [{ glibc: undefined }, "this system has another C library"],
    [{ cpu: new Set(["sse4_1", "avx2_like"]) }, "this CPU has no AVX"],
  ];
  for (const [change, message] of cases) {
    const found = refusal({ ...fit, ...change });
    assertStringIncludes(found ?? "", message);
    assertStringIncludes(found ?? "", "--libtensorflow DIR");
  }
});

Deno.test("a disk is asked for as much as is needed, where the folder is or will be", async () => {
  assertEquals(lackOfSpace("/cache", { free: 2e9, needed: 2e9 }), undefined);
  assertEquals(
    lackOfSpace("/cache", { free: 1.5e9, needed: 2e9 }),
    "1.5 GB are free in /cache, expected 2.0 GB, make room or choose another disk by XDG_CACHE_HOME",
  );
  const here = await Deno.makeTempDir();
  try {
    const [now, later] = [await freeBytes(here), await freeBytes(`${here}/not/yet`)];
    assert(now > 0 && Math.abs(now - later) < 1e9 && Number.isFinite(later));
  } finally {
    await Deno.remove(here);
  }
});

Deno.test("a wheel's extra names NVIDIA's wheels, all of which are pinned", () => {
  const metadata = [
    "Name: tensorflow",
    "Requires-Dist: numpy>=1.26.0",
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    "Requires-Dist: nvidia-nccl-cu12<3.0,>=2.27.7 ; extra == 'and-cuda'",
    'Requires-Dist: tensorflow-io; (sys_platform != "win32") and extra == "gcs-filesystem"',
  ].join("\n");
  const named = cudaExtras(metadata);
  assertEquals(named, ["nvidia-cublas-cu12<13.0,>=12.5.3.2", "nvidia-nccl-cu12<3.0,>=2.27.7"]);
  assertEquals(cudaRequirements(named, "2.99.0"), named, "ranges, where no digest is pinned");
  const pinned = cudaRequirements(named, TENSORFLOW);
  assertEquals(pinned, ["nvidia-cublas-cu12==12.9.3.13", "nvidia-nccl-cu12==2.32.3"]);
  for (const requirement of pinned) {
    const [name, version] = requirement.replaceAll("-", "_").split("==");
    assertEquals(pinnedDigest(`${name}-${version}-py3-none-manylinux_2_27_x86_64.whl`)?.length, 64);
  }
  assertEquals(pinnedDigest(`tensorflow-${TENSORFLOW}-cp311.whl`)?.length, 64);
  assertEquals(pinnedDigest("tensorflow-2.20.0-cp311.whl"), undefined);
});

Deno.test("a missing library is named with the wheel it comes from, once", () => {
  const log = [
    "W tsl/dso_loader.cc:64] Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: cannot open shared " +
    "object file: No such file or directory",
    "Error: libcudart.so.12: cannot open shared object file: No such file or directory",
    "libodd.so.1: cannot open shared object file",
    "libcublasLt.so.12: cannot open shared object file",
    "libcuda.so.1: cannot open shared object file",
  ].join("\n");
  assertEquals(missingLibraries(log), [
    "libcudnn.so.9 (from nvidia-cudnn-cu12)",
    "libcudart.so.12 (from nvidia-cuda-runtime-cu12)",
    "libodd.so.1",
    "libcublasLt.so.12 (from nvidia-cublas-cu12)",
    "libcuda.so.1 (from NVIDIA's driver)",
  ]);
  assertEquals(missingLibraries("all is well"), []);
  assertEquals(gpuProblems("E1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: error (303)\nmore"), [
    "NVIDIA's driver refuses: INTERNAL: error (303)",
  ]);
});

Deno.test("of several GPUs the first that TensorFlow sees is named, with where it is", () => {
  const line = (i: number, bus: string) =>
    `Created device /job:localhost/replica:0/task:0/device:GPU:${i} with 76000 MB memory:  -> device: ${i}, ` +
    `name: NVIDIA H100 80GB HBM3, pci bus id: ${bus}, compute capability: 9.0`;
  const log = [line(0, "0000:17:00.0"), line(1, "0000:65:00.0")].join("\n");
  assertEquals(gpuUsed(log), { device: "gpu NVIDIA H100 80GB HBM3", bus: "0000:17:00.0" });
  assertEquals(gpuUsed("nothing about devices"), { device: "gpu" });
});

Deno.test("a process that computes has as many threads as cores, no rounded products, and the same bits on every run", () => {
  const variables = tensorflowVariables(3);
  assertEquals([variables.TF_NUM_INTRAOP_THREADS, variables.OMP_NUM_THREADS], ["3", "3"]);
  assertEquals([variables.NVIDIA_TF32_OVERRIDE, variables.TF_DETERMINISTIC_OPS], ["0", "1"]);
});
