import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';

/**
 * Variables that a process must be started with to compute with libtensorflow: its libraries read them as they are
 * loaded, the C library's allocator at the very start.
 * @param threads to compute with; 0 for every core
 * @param partsOfBatch whether the threads compute parts of the batch side by side, each on its own, instead of sharing
 *   every operation: much faster where samples do not depend on each other, since nobody waits for anybody
 * @param libraries folders that CUDA's libraries are looked for in, before the system's own
 * @param inherited the environment that these variables are added to
 */
export function tensorflowEnvironment(
  {
    threads,
    partsOfBatch = false,
    libraries = [],
  }: { threads: number; partsOfBatch?: boolean; libraries?: readonly string[] },
  inherited: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const count = threads || availableParallelism();
  const path = [...libraries, inherited.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    TF_NUM_INTRAOP_THREADS: String(partsOfBatch ? 1 : count),
    // Otherwise for independent operations, as the two gradients of a layer: more than two at once are rare.
    TF_NUM_INTEROP_THREADS: String(partsOfBatch ? count : Math.min(count, 2)),
    // Twice as fast in convolutions; by default TensorFlow uses it on processors with AVX-512 only.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_DETERMINISTIC_OPS: '1',
    // A GPU's memory is shared with the desktop and with other runs.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // Errors only; what goes wrong in an operation comes back as an error of the operation.
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Activations are freed and allocated again each step: kept by glibc's allocator instead of returned to the kernel.
    MALLOC_MMAP_THRESHOLD_: '4294967296',
    MALLOC_TRIM_THRESHOLD_: '4294967296',
    ...(path && { LD_LIBRARY_PATH: path }),
  };
}

/** The threads that `tensorflowEnvironment` has asked for. */
export function threadsOf(environment: Readonly<Record<string, string | undefined>>): {
  all: number;
  ofOperation: number;
} {
  const ofOperation = Number(environment.TF_NUM_INTRAOP_THREADS) || availableParallelism();
  return { all: Math.max(ofOperation, Number(environment.TF_NUM_INTEROP_THREADS) || 1), ofOperation };
}
