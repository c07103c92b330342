#pragma once
#include <node_api.h>

namespace tfnodejs {

/**
 * Adds to the binding of tfjs-node-gpu what training needs and it lacks: uploads that own their memory, images that
 * are normalised on the way, reads that do not block, the list of devices, whole computations as one TensorFlow function
 * (function_graph.h), and operations that run again as they were recorded (recording.h).
 */
napi_value InitExtension(napi_env env, napi_value exports);

}  // namespace tfnodejs
