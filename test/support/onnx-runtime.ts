/** Whether ONNX Runtime is here: an optional dependency that has no build for every platform. */
export const hasOnnxRuntime = await import('onnxruntime-node').then(
  () => true,
  (error: Error) => {
    console.warn(`ONNX Runtime is not here (${error.message}): ONNX files are not run with it`);
    return false;
  },
);
