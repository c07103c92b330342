#include "recording.h"

#include "backend_access.h"

namespace tfnodejs {

namespace {

using OwnedOperation = Owned<TFE_Op, TFE_DeleteOp>;

size_t ReadCount(Napi::Value value, const char* what) {
  const int64_t count = ReadInteger(value, what);
  if (count < 0) throw Napi::RangeError::New(value.Env(), std::string(what) + " must not be negative");
  return static_cast<size_t>(count);
}

/** Numbers of tensors that exist when they are used: those below `limit`. */
std::vector<size_t> ReadNumbers(Napi::Value value, size_t limit, const char* what) {
  std::vector<size_t> numbers;
  for (const int64_t number : ReadIntegers(value, what)) {
    if (number < 0 || static_cast<size_t>(number) >= limit) {
      throw Napi::RangeError::New(value.Env(), std::string(what) + ": there is no tensor " + std::to_string(number));
    }
    numbers.push_back(static_cast<size_t>(number));
  }
  return numbers;
}

}  // namespace

Napi::Function Recording::Class(Napi::Env env) {
  return DefineClass(env, "Recording",
                     {
                         InstanceMethod<&Recording::Run>("run"),
                         InstanceMethod<&Recording::Delete>("delete"),
                     });
}

Recording::Recording(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Recording>(info) {
  const Napi::Env env = info.Env();
  const Napi::Array operations = ReadArray(info[0], "operations");
  inputs_ = ReadCount(info[1], "the number of inputs");
  for (const int64_t id : ReadIntegers(info[2], "captured tensors")) {
    const Status status;
    captured_.emplace_back(
        TFE_TensorHandleCopySharingTensor(BackendAccess::Find(env, static_cast<int32_t>(id)), status));
    status.Check(env, "captured tensors");
  }
  const size_t lasting = inputs_ + captured_.size();
  tensors_ = lasting;
  for (uint32_t i = 0; i < operations.Length(); i++) {
    const Napi::Value given = operations.Get(i);
    if (!given.IsObject()) throw Napi::TypeError::New(env, "an operation must be an object");
    const auto object = given.As<Napi::Object>();
    Operation operation{ReadString(object.Get("name"), "an operation's name"), {}, {}, 0, {}};
    const Napi::Array attributes = ReadArray(object.Get("attributes"), "attributes");
    for (uint32_t j = 0; j < attributes.Length(); j++) {
      operation.attributes.push_back(Attribute::Read(attributes.Get(j)));
    }
    operation.inputs = ReadNumbers(object.Get("inputs"), tensors_, "inputs");
    operation.outputs = ReadCount(object.Get("outputs"), "the number of outputs");
    tensors_ += operation.outputs;
    operations_.push_back(std::move(operation));
  }
  results_ = ReadNumbers(info[3], tensors_, "results");

  // From the end: the first operation that is met with a tensor is the last one that needs it.
  std::vector<bool> needed(tensors_, false);
  for (const size_t result : results_) {
    if (result < lasting || needed[result]) {
      throw Napi::RangeError::New(env, "results must be different tensors that the operations yield");
    }
    needed[result] = true;
  }
  size_t end = tensors_;
  for (auto operation = operations_.rbegin(); operation != operations_.rend(); ++operation) {
    const size_t begin = end - operation->outputs;
    for (size_t output = begin; output < end; output++) {
      if (!needed[output]) operation->last.push_back(output);
    }
    for (const size_t input : operation->inputs) {
      if (input >= lasting && !needed[input]) {
        needed[input] = true;
        operation->last.push_back(input);
      }
    }
    end = begin;
  }
}

Napi::Value Recording::Run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (deleted_) throw Napi::Error::New(env, "this recording was deleted");
  const std::vector<int64_t> ids = ReadIntegers(info[0], "inputs");
  if (ids.size() != inputs_) {
    throw Napi::RangeError::New(env, "this recording takes " + std::to_string(inputs_) + " inputs, got " +
                                         std::to_string(ids.size()));
  }
  std::vector<TFE_TensorHandle*> tensors;
  tensors.reserve(tensors_);
  for (const int64_t id : ids) tensors.push_back(BackendAccess::Find(env, static_cast<int32_t>(id)));
  for (const OwnedHandle& handle : captured_) tensors.push_back(handle.get());
  // What the operations yield, in their order; freed here however this ends.
  std::vector<OwnedHandle> made;
  const size_t lasting = tensors.size();
  made.reserve(tensors_ - lasting);

  TFE_Context* context = BackendAccess::Context(env);
  const Status status;
  std::vector<TFE_TensorHandle*> yielded;
  for (const Operation& operation : operations_) {
    const OwnedOperation running(TFE_NewOp(context, operation.name.c_str(), status));
    status.Check(env, operation.name);
    for (const size_t input : operation.inputs) {
      TFE_OpAddInput(running.get(), tensors[input], status);
      status.Check(env, operation.name);
    }
    for (const Attribute& attribute : operation.attributes) {
      attribute.Set(running.get(), status);
      status.Check(env, operation.name);
    }
    int count = static_cast<int>(operation.outputs);
    yielded.assign(operation.outputs, nullptr);
    TFE_Execute(running.get(), yielded.data(), &count, status);
    status.Check(env, operation.name);
    for (TFE_TensorHandle* handle : yielded) {
      tensors.push_back(handle);
      made.emplace_back(handle);
    }
    for (const size_t tensor : operation.last) made[tensor - lasting].reset();
  }

  Napi::Array results = Napi::Array::New(env, results_.size());
  for (uint32_t i = 0; i < results_.size(); i++) {
    results.Set(i, static_cast<double>(BackendAccess::Insert(env, made[results_[i] - lasting].release())));
  }
  return results;
}

void Recording::Delete(const Napi::CallbackInfo&) {
  deleted_ = true;
  operations_.clear();
  captured_.clear();
}

}  // namespace tfnodejs
