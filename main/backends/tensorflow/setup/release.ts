/**
 * The TensorFlow that is installed: the official wheel, of which the C library and its headers are taken. The wheel is
 * one file for all of Linux x64; which Python is on this computer does not matter.
 */
export const wheel = {
  version: '2.21.0',
  platform: 'linux-x64',
  /** How pip is told to take this very file. */
  tags: [
    '--python-version',
    '3.11',
    '--implementation',
    'cp',
    '--abi',
    'cp311',
    '--platform',
    'manylinux_2_27_x86_64',
  ],
  cpu: {
    package: 'tensorflow-cpu',
    file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: 273_829_956,
    /** On the disk while it is being installed: wheel and libraries. */
    spaceBytes: 1.3e9,
  },
  gpu: {
    package: 'tensorflow',
    /** Wheels and libraries, estimated: nobody has tried it (see `cudaPackages`). */
    spaceBytes: 8e9,
  },
} as const;

/**
 * CUDA 12 as the wheel's own metadata asks for it (extra `and-cuda`), without the compiler, which only XLA needs. The
 * versions are bounded as there and no hash is known: this was written without access to these packages and has not
 * been run on a GPU.
 */
export const cudaPackages = [
  'nvidia-cublas-cu12>=12.5.3.2,<13',
  'nvidia-cuda-cupti-cu12>=12.5.82,<13',
  'nvidia-cuda-nvrtc-cu12>=12.5.82,<13',
  'nvidia-cuda-runtime-cu12>=12.5.82,<13',
  'nvidia-cudnn-cu12>=9.3.0.75,<10',
  'nvidia-cufft-cu12>=11.2.3.61,<12',
  'nvidia-curand-cu12>=10.3.6.82,<11',
  'nvidia-cusolver-cu12>=11.6.3.83,<12',
  'nvidia-cusparse-cu12>=12.5.1.3,<13',
  'nvidia-nccl-cu12>=2.27.7,<3',
  'nvidia-nvjitlink-cu12>=12.5.82,<13',
] as const;

/**
 * The binary that tfjs-node-gpu's own install script takes, for where the wheel cannot be had: older, its CUDA is
 * version 11, and its publisher gives no hash. `TFJS_NODE_BASE_URI` names a mirror, as for that script.
 */
export const officialBinary = {
  version: '2.9.1',
  base: 'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-',
};
