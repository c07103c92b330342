#pragma once
#include <string>

#include <napi.h>

#include "tfjs_backend.h"

namespace tfnodejs {

/** The parts of the binding's own state that the extension works on; the build makes it a friend of TFJSBackend. */
struct BackendAccess {
  static TFJSBackend& Of(Napi::Env env) {
    void* backend = nullptr;
    napi_get_instance_data(env, &backend);
    if (backend == nullptr) throw Napi::Error::New(env, "the TensorFlow binding is not initialised");
    return *static_cast<TFJSBackend*>(backend);
  }

  static TFE_Context* Context(Napi::Env env) { return Of(env).tfe_context_; }

  /** Gives a handle to the binding, which deletes it with deleteTensor. */
  static int32_t Insert(Napi::Env env, TFE_TensorHandle* handle) { return Of(env).InsertHandle(handle); }

  static TFE_TensorHandle* Find(Napi::Env env, int32_t id) {
    auto& handles = Of(env).tfe_handle_map_;
    const auto found = handles.find(id);
    if (found == handles.end()) throw Napi::Error::New(env, "there is no tensor " + std::to_string(id));
    return found->second;
  }

  /** Where the binding computes: the GPU if it found one. */
  static const std::string& Device(Napi::Env env) { return Of(env).device_name; }
};

}  // namespace tfnodejs
