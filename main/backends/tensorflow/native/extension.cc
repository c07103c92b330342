#include "extension.h"

#include <cstring>

#include <napi.h>

#include "backend_access.h"
#include "conversions.h"
#include "function_graph.h"
#include "recording.h"

namespace tfnodejs {

namespace {

using OwnedDevices = Owned<TF_DeviceList, TF_DeleteDeviceList>;

/** Gives a tensor to the binding, on the device that computes. */
Napi::Value Place(Napi::Env env, OwnedTensor tensor) {
  const Status status;
  OwnedHandle handle(TFE_NewTensorHandle(tensor.get(), status));
  status.Check(env, "upload");
  // TensorFlow's kernels expect int32 arguments (shapes, axes) in the host's memory.
  if (TF_TensorType(tensor.get()) != TF_INT32) {
    handle.reset(TFE_TensorHandleCopyToDevice(handle.get(), BackendAccess::Context(env),
                                              BackendAccess::Device(env).c_str(), status));
    status.Check(env, "upload");
  }
  return Napi::Number::New(env, BackendAccess::Insert(env, handle.release()));
}

/**
 * upload(type, shape, typedArray) -> id. The binding's own createTensor lends the array's memory to TensorFlow: changes
 * of the array would show in the tensor, and the last reference may be dropped on a thread that must not touch
 * JavaScript.
 */
Napi::Value Upload(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Place(env, CopyTensor(info[0], info[1], info[2]));
}

template <typename Pixel>
void Normalise(const Pixel* from, size_t count, size_t channels, size_t plane, const std::vector<float>& scale,
               const std::vector<float>& shift, float* to) {
  for (size_t n = 0; n < count; n++, to += plane * channels) {
    for (size_t c = 0; c < channels; c++, from += plane) {
      const float factor = scale[c], summand = shift[c];
      if (channels == 1) {
        for (size_t i = 0; i < plane; i++) to[i] = static_cast<float>(from[i]) * factor + summand;
      } else {
        for (size_t i = 0; i < plane; i++) to[i * channels + c] = static_cast<float>(from[i]) * factor + summand;
      }
    }
  }
}

/**
 * uploadImages(shape, typedArray, scale, shift) -> id: images [N][C][H][W] of bytes or numbers as a tensor of
 * x * scale[c] + shift[c] with the channels last, whose shape is given.
 */
Napi::Value UploadImages(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<int64_t> shape = ReadIntegers(info[0], "a shape");
  if (shape.size() < 2) throw Napi::TypeError::New(env, "images have two sizes at least");
  size_t entries = 1;
  for (const int64_t size : shape) {
    if (size < 1) throw Napi::TypeError::New(env, "a shape of images must have positive sizes");
    entries *= static_cast<size_t>(size);
  }
  const auto count = static_cast<size_t>(shape.front());
  const auto channels = static_cast<size_t>(shape.back());
  if (!info[1].IsTypedArray()) throw Napi::TypeError::New(env, "images must be a typed array");
  const auto images = info[1].As<Napi::TypedArray>();
  const bool bytes = images.TypedArrayType() == napi_uint8_array;
  if (!bytes && images.TypedArrayType() != napi_float32_array) {
    throw Napi::TypeError::New(env, "images must be bytes or float32");
  }
  const std::vector<float> scale = ReadFloats(info[2], "scale");
  const std::vector<float> shift = ReadFloats(info[3], "shift");
  if (images.ElementLength() != entries || scale.size() != channels || shift.size() != channels) {
    throw Napi::TypeError::New(env, "images, scale and shift must have as many numbers as their shape says");
  }
  OwnedTensor tensor(
      TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), entries * sizeof(float)));
  if (!tensor) throw Napi::Error::New(env, "no memory for images");
  const void* from = static_cast<const uint8_t*>(images.ArrayBuffer().Data()) + images.ByteOffset();
  auto* to = static_cast<float*>(TF_TensorData(tensor.get()));
  const size_t plane = entries / (count * channels);
  if (bytes) {
    Normalise(static_cast<const uint8_t*>(from), count, channels, plane, scale, shift, to);
  } else {
    Normalise(static_cast<const float*>(from), count, channels, plane, scale, shift, to);
  }
  return Place(env, std::move(tensor));
}

Napi::Float32Array CopyNumbers(Napi::Env env, TF_Tensor* tensor) {
  const size_t bytes = TF_TensorByteSize(tensor);
  Napi::Float32Array array = Napi::Float32Array::New(env, bytes / sizeof(float));
  if (bytes > 0) std::memcpy(array.Data(), TF_TensorData(tensor), bytes);
  return array;
}

/** Waits for a tensor's value on a thread of its own, so that the process keeps answering while a GPU computes. */
class Reader : public Napi::AsyncWorker {
 public:
  Reader(Napi::Env env, OwnedHandle handle)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), handle_(std::move(handle)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    const Status status;
    tensor_.reset(TFE_TensorHandleResolve(handle_.get(), status));
    if (!status.ok()) SetError("read: " + status.message());
  }

  void OnOK() override { deferred_.Resolve(CopyNumbers(Env(), tensor_.get())); }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  OwnedHandle handle_;
  OwnedTensor tensor_;
};

/** read(id) -> Promise<Float32Array>; the tensor may be deleted meanwhile. */
Napi::Value Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TFE_TensorHandle* handle = BackendAccess::Find(env, static_cast<int32_t>(ReadInteger(info[0], "a tensor")));
  if (TFE_TensorHandleDataType(handle) != TF_FLOAT) throw Napi::TypeError::New(env, "only float32 tensors are read");
  const Status status;
  const char* device = TFE_TensorHandleBackingDeviceName(handle, status);
  status.Check(env, "read");
  // Operations on the CPU are done when executeOp returns: waking a thread would take longer than the copy.
  if (std::strstr(device, "/device:CPU:") != nullptr) {
    const OwnedTensor tensor(TFE_TensorHandleResolve(handle, status));
    status.Check(env, "read");
    auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Resolve(CopyNumbers(env, tensor.get()));
    return deferred.Promise();
  }
  OwnedHandle own(TFE_TensorHandleCopySharingTensor(handle, status));
  status.Check(env, "read");
  auto* reader = new Reader(env, std::move(own));
  reader->Queue();
  return reader->Promise();
}

/** devices() -> { name, type, memoryBytes }[]; memoryBytes is what TensorFlow may use there, 0 where it does not say. */
Napi::Value Devices(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Status status;
  const OwnedDevices devices(TFE_ContextListDevices(BackendAccess::Context(env), status));
  status.Check(env, "devices");
  const int count = TF_DeviceListCount(devices.get());
  Napi::Array list = Napi::Array::New(env, static_cast<size_t>(count));
  for (int i = 0; i < count; i++) {
    Napi::Object device = Napi::Object::New(env);
    device.Set("name", TF_DeviceListName(devices.get(), i, status));
    device.Set("type", TF_DeviceListType(devices.get(), i, status));
    device.Set("memoryBytes", static_cast<double>(TF_DeviceListMemoryBytes(devices.get(), i, status)));
    status.Check(env, "devices");
    list.Set(static_cast<uint32_t>(i), device);
  }
  return list;
}

/** removeFunction(name): frees a function that FunctionGraph.define made. */
void RemoveFunction(const Napi::CallbackInfo& info) {
  const std::string name = ReadString(info[0], "a function's name");
  const Status status;
  TFE_ContextRemoveFunction(BackendAccess::Context(info.Env()), name.c_str(), status);
  status.Check(info.Env(), name);
}

}  // namespace

napi_value InitExtension(napi_env env, napi_value exports) {
  Napi::Object object(env, exports);
  object.Set("upload", Napi::Function::New<Upload>(env, "upload"));
  object.Set("uploadImages", Napi::Function::New<UploadImages>(env, "uploadImages"));
  object.Set("read", Napi::Function::New<Read>(env, "read"));
  object.Set("devices", Napi::Function::New<Devices>(env, "devices"));
  object.Set("removeFunction", Napi::Function::New<RemoveFunction>(env, "removeFunction"));
  object.Set("FunctionGraph", FunctionGraph::Class(env));
  object.Set("Recording", Recording::Class(env));
  return exports;
}

}  // namespace tfnodejs
