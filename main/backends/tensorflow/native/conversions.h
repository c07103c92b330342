#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <napi.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace tfnodejs {

template <typename T, void (*Delete)(T*)>
struct Deleter {
  void operator()(T* object) const { Delete(object); }
};
template <typename T, void (*Delete)(T*)>
using Owned = std::unique_ptr<T, Deleter<T, Delete>>;

using OwnedStatus = Owned<TF_Status, TF_DeleteStatus>;
using OwnedTensor = Owned<TF_Tensor, TF_DeleteTensor>;
using OwnedHandle = Owned<TFE_TensorHandle, TFE_DeleteTensorHandle>;

/** A TF_Status that becomes a JavaScript error. */
class Status {
 public:
  operator TF_Status*() const { return status_.get(); }
  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }
  std::string message() const { return TF_Message(status_.get()); }
  /** @throws Napi::Error "<doing>: <TensorFlow's message>" */
  void Check(Napi::Env env, const std::string& doing) const {
    if (!ok()) throw Napi::Error::New(env, doing + ": " + message());
  }

 private:
  OwnedStatus status_{TF_NewStatus()};
};

/** Reads values from JavaScript; `what` names them in the error for a wrong type. */
std::string ReadString(Napi::Value value, const char* what);
int64_t ReadInteger(Napi::Value value, const char* what);
double ReadNumber(Napi::Value value, const char* what);
bool ReadBoolean(Napi::Value value, const char* what);
Napi::Array ReadArray(Napi::Value value, const char* what);
std::vector<int64_t> ReadIntegers(Napi::Value value, const char* what);
std::vector<float> ReadFloats(Napi::Value value, const char* what);
TF_DataType ReadType(Napi::Value value);

/** A tensor with its own copy of a typed array's bytes, whose number must be that of type and shape. */
OwnedTensor CopyTensor(Napi::Value type, Napi::Value shape, Napi::Value data);

Napi::Array ToArray(Napi::Env env, const std::vector<int64_t>& values);

}  // namespace tfnodejs
