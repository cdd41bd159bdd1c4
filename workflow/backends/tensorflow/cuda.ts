/**
 * NVIDIA's libraries: the ones that a wheel requires, and the wheel that contains a missing one.
 *
 * @module
 */

/** Requirements of a wheel's extra `and-cuda`, from its METADATA: `nvidia-cublas-cu12<13.0,>=12.5.3.2`. */
export function cudaExtras(metadata: string): readonly string[] {
  return metadata.split("\n").flatMap((line) =>
    line.match(/^Requires-Dist: (nvidia-[^;\s]+)\s*;\s*extra == ["']and-cuda["']/)?.[1] ?? []
  );
}

/** Beginning of a library's name → the package or program that ships it. Longer names come first. */
const SHIPPED: readonly (readonly [string, string])[] = [
  ["libcudart", "nvidia-cuda-runtime-cu12"],
  ["libcublas", "nvidia-cublas-cu12"],
  ["libcudnn", "nvidia-cudnn-cu12"],
  ["libcufft", "nvidia-cufft-cu12"],
  ["libcurand", "nvidia-curand-cu12"],
  ["libcusolver", "nvidia-cusolver-cu12"],
  ["libcusparse", "nvidia-cusparse-cu12"],
  ["libcupti", "nvidia-cuda-cupti-cu12"],
  ["libnccl", "nvidia-nccl-cu12"],
  ["libnvJitLink", "nvidia-nvjitlink-cu12"],
  ["libnvrtc", "nvidia-cuda-nvrtc-cu12"],
  ["libcuda.so", "NVIDIA's driver"],
];

/** Reasons why TensorFlow uses no GPU, from its printed text, each with where to look. */
export function gpuProblems(printed: string): readonly string[] {
  const refused = printed.match(/failed call to cuInit: ([^\n]+)/)?.[1];
  const absent = printed.includes("Could not find cuda drivers on your machine");
  return [
    ...missingLibraries(printed).map((library) => `${library} is not found`),
    ...(refused === undefined ? [] : [`NVIDIA's driver refuses: ${refused.trim()}`]),
    ...(absent ? ["NVIDIA's driver is not found"] : []),
  ];
}

/** Libraries that TensorFlow or the loader did not find, with their sources, from the printed text. */
export function missingLibraries(printed: string): readonly string[] {
  const names = [
    ...printed.matchAll(/dynamic library '([^']+)'/g),
    ...printed.matchAll(/(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/g),
  ].map(([, name]) => name);
  return [...new Set(names)].map((name) => {
    const source = SHIPPED.find(([start]) => name.startsWith(start))?.[1];
    return source === undefined ? name : `${name} (from ${source})`;
  });
}
