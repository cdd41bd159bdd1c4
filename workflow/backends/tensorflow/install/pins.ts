/**
 * The wheels of PyPI that contain TensorFlow's library, for Linux x86-64, with their required digests.
 *
 * @module
 */

/** A wheel. */
export interface Pin {
  /** Name for pip, without the version. */
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** Version of TensorFlow that is fetched unless another is asked for. */
export const TENSORFLOW = "2.21.0";

/** TensorFlow for CPUs and for GPUs, then NVIDIA's libraries that this version names in its extra `and-cuda`. */
const [CPU, GPU, ...CUDA] = `
  tensorflow-cpu 2.21.0 2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c
  tensorflow 2.21.0 9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124
  nvidia-cublas-cu12 12.9.3.13 d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72
  nvidia-cuda-cupti-cu12 12.8.90 ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182
  nvidia-cuda-nvcc-cu12 12.9.86 5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0
  nvidia-cuda-nvrtc-cu12 12.9.86 210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4
  nvidia-cuda-runtime-cu12 12.9.79 25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3
  nvidia-cudnn-cu12 9.28.0.42 9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375
  nvidia-cufft-cu12 11.4.1.4 c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28
  nvidia-curand-cu12 10.3.10.19 49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e
  nvidia-cusolver-cu12 11.7.5.82 15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88
  nvidia-cusparse-cu12 12.5.10.65 73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78
  nvidia-nccl-cu12 2.32.3 bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c
  nvidia-nvjitlink-cu12 12.9.86 e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9
`.trim().split("\n").map((line): Pin => {
  const [name, version, sha256] = line.trim().split(" ");
  return { name, version, sha256 };
});

/** Approximate bytes of the wheels, and of the files that are kept of them. */
export const SIZES = {
  cpu: { wheels: 280e6, kept: 860e6 },
  gpu: { wheels: 3.4e9, kept: 5.6e9 },
} as const;

/** The wheel of TensorFlow itself, unpinned for another version. */
export function tensorflowWheel(
  variant: "cpu" | "gpu",
  version = TENSORFLOW,
): Omit<Pin, "sha256"> & Partial<Pin> {
  const pin = variant === "cpu" ? CPU : GPU;
  return version === pin.version ? pin : { name: pin.name, version };
}

/** Requirements for pip from a wheel's `and-cuda`: the pins, or its ranges for an unpinned version. */
export function cudaRequirements(named: readonly string[], version: string): readonly string[] {
  if (version !== TENSORFLOW) return named;
  return named.map((range) => {
    const pin = CUDA.find(({ name }) => range.startsWith(name));
    if (pin === undefined) {
      throw new Error(`Cannot fetch ${range}: it is not pinned, expected one of CUDA's pins`);
    }
    return `${pin.name}==${pin.version}`;
  });
}

/** Required digest of a wheel by its file name; undefined if it is not pinned. */
export function pinnedDigest(file: string): string | undefined {
  return [CPU, GPU, ...CUDA].find(({ name, version }) =>
    file.startsWith(`${name.replaceAll("-", "_")}-${version}-`)
  )?.sha256;
}
