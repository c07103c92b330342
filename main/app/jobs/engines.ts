import { loadNative } from '../../backends/native/index.ts';

/** Whether the native kernels load. In a helper process, because native code that fails takes its process along. */
export async function examineNative(): Promise<{ available: boolean; detail: string }> {
  const native = loadNative();
  return { available: native.ok, detail: native.ok ? native.backend.describe() : native.reason };
}
