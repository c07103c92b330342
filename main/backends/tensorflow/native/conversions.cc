#include "conversions.h"

#include <cstring>

namespace tfnodejs {

namespace {

void Require(bool fits, Napi::Value value, const char* what, const char* kind) {
  if (!fits) throw Napi::TypeError::New(value.Env(), std::string(what) + " must be " + kind);
}

}  // namespace

std::string ReadString(Napi::Value value, const char* what) {
  Require(value.IsString(), value, what, "a string");
  return value.As<Napi::String>();
}

int64_t ReadInteger(Napi::Value value, const char* what) {
  const double number = ReadNumber(value, what);
  const auto integer = static_cast<int64_t>(number);
  Require(static_cast<double>(integer) == number, value, what, "a whole number");
  return integer;
}

double ReadNumber(Napi::Value value, const char* what) {
  Require(value.IsNumber(), value, what, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

bool ReadBoolean(Napi::Value value, const char* what) {
  Require(value.IsBoolean(), value, what, "a boolean");
  return value.As<Napi::Boolean>();
}

Napi::Array ReadArray(Napi::Value value, const char* what) {
  Require(value.IsArray(), value, what, "an array");
  return value.As<Napi::Array>();
}

std::vector<int64_t> ReadIntegers(Napi::Value value, const char* what) {
  const Napi::Array array = ReadArray(value, what);
  std::vector<int64_t> numbers(array.Length());
  for (uint32_t i = 0; i < numbers.size(); i++) numbers[i] = ReadInteger(array.Get(i), what);
  return numbers;
}

std::vector<float> ReadFloats(Napi::Value value, const char* what) {
  const Napi::Array array = ReadArray(value, what);
  std::vector<float> numbers(array.Length());
  for (uint32_t i = 0; i < numbers.size(); i++) numbers[i] = static_cast<float>(ReadNumber(array.Get(i), what));
  return numbers;
}

TF_DataType ReadType(Napi::Value value) { return static_cast<TF_DataType>(ReadInteger(value, "a data type")); }

OwnedTensor CopyTensor(Napi::Value type_value, Napi::Value shape_value, Napi::Value data) {
  const Napi::Env env = data.Env();
  const TF_DataType type = ReadType(type_value);
  const std::vector<int64_t> shape = ReadIntegers(shape_value, "a shape");
  size_t bytes = TF_DataTypeSize(type);
  if (bytes == 0) throw Napi::TypeError::New(env, "a tensor's data type must have a fixed size");
  for (const int64_t size : shape) {
    if (size < 0) throw Napi::TypeError::New(env, "a shape must not have negative sizes");
    bytes *= static_cast<size_t>(size);
  }
  if (!data.IsTypedArray()) throw Napi::TypeError::New(env, "a tensor's data must be a typed array");
  const auto array = data.As<Napi::TypedArray>();
  if (array.ByteLength() != bytes) {
    throw Napi::TypeError::New(env, "a tensor's data has " + std::to_string(array.ByteLength()) +
                                        " bytes where its type and shape need " + std::to_string(bytes));
  }
  OwnedTensor tensor(TF_AllocateTensor(type, shape.data(), static_cast<int>(shape.size()), bytes));
  if (!tensor) throw Napi::Error::New(env, "no memory for a tensor of " + std::to_string(bytes) + " bytes");
  if (bytes > 0) {
    const auto* source = static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
    std::memcpy(TF_TensorData(tensor.get()), source, bytes);
  }
  return tensor;
}

Napi::Array ToArray(Napi::Env env, const std::vector<int64_t>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); i++) array.Set(i, static_cast<double>(values[i]));
  return array;
}

}  // namespace tfnodejs
