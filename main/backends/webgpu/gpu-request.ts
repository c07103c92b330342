/** The message with which a utility process asks its host for a window with a GPU; the answer carries a port to it. */
export const gpuRequest = { type: 'gpu-window' } as const;

export const isGpuRequest = (message: unknown): boolean =>
  (message as { type?: unknown } | null)?.type === gpuRequest.type;
