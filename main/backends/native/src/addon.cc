// The Node-API face of a network: one JavaScript class whose methods check their arguments and call the engine.
// Sizes are checked here, so that the engine may trust them; errors become JavaScript errors.
#include <napi.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "read_spec.h"

namespace filigree {
namespace {

class NativeNetwork : public Napi::ObjectWrap<NativeNetwork> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "NativeNetwork",
                       {InstanceMethod<&NativeNetwork::trainStep>("trainStep"),
                        InstanceMethod<&NativeNetwork::evaluate>("evaluate"),
                        InstanceMethod<&NativeNetwork::logits>("logits"),
                        InstanceMethod<&NativeNetwork::applyUpdate>("applyUpdate"),
                        InstanceMethod<&NativeNetwork::gradientNorm>("gradientNorm"),
                        InstanceMethod<&NativeNetwork::read>("read"),
                        InstanceMethod<&NativeNetwork::write>("write"),
                        InstanceMethod<&NativeNetwork::readBuffer>("readBuffer"),
                        InstanceMethod<&NativeNetwork::writeBuffer>("writeBuffer"),
                        InstanceMethod<&NativeNetwork::readMask>("readMask"),
                        InstanceMethod<&NativeNetwork::writeMask>("writeMask"),
                        InstanceMethod<&NativeNetwork::reselect>("reselect"),
                        InstanceMethod<&NativeNetwork::activeCount>("activeCount"),
                        InstanceMethod<&NativeNetwork::usesSlot>("usesSlot"),
                        InstanceMethod<&NativeNetwork::execution>("execution"),
                        InstanceMethod<&NativeNetwork::memoryBytes>("memoryBytes"),
                        InstanceMethod<&NativeNetwork::dispose>("dispose")});
  }

  explicit NativeNetwork(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<NativeNetwork>(info),
        network_(std::make_unique<Network>(readSpec(info[0].As<Napi::Object>()))) {
    reported_ = int64_t(network_->bytes());
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), reported_);
  }

  void Finalize(Napi::BasicEnv env) override { release(env); }

 private:
  // Frees the network; the garbage collector had been told how large it was.
  void release(Napi::BasicEnv env) {
    if (!network_) return;
    network_.reset();
    Napi::MemoryManagement::AdjustExternalMemory(env, -reported_);
  }

  Network& network() {
    if (!network_) throw std::runtime_error("the network was disposed of");
    return *network_;
  }

  Parameter& parameter(const Napi::Value& index) {
    return network().parameters().at(index.ToNumber().Uint32Value());
  }

  static Slot slot(const Napi::Value& index) {
    const uint32_t slot = index.ToNumber().Uint32Value();
    if (slot >= kSlots) throw std::invalid_argument("there is no slot " + std::to_string(slot));
    return Slot(slot);
  }

  template <class Array>
  static Array sized(const Napi::Value& value, size_t size, const std::string& what) {
    const auto wanted = std::is_same_v<Array, Napi::Float32Array> ? napi_float32_array : napi_uint8_array;
    const auto array = value.As<Array>();
    if (!value.IsTypedArray() || array.TypedArrayType() != wanted) {
      throw std::invalid_argument(what + ": the array is not of the type that is expected");
    }
    if (array.ElementLength() != size) {
      throw std::invalid_argument(what + " has " + std::to_string(size) + " entries, got " +
                                  std::to_string(array.ElementLength()));
    }
    return array;
  }

  Samples samples(const Napi::Value& value, const Napi::Value& count) {
    const NetworkSpec& spec = network().spec();
    const int size = count.ToNumber().Int32Value();
    if (size < 1 || size > spec.maxBatch) {
      throw std::invalid_argument("batch.size: " + std::to_string(size) + " is not between 1 and the network's " +
                                  "largest batch, " + std::to_string(spec.maxBatch));
    }
    const auto array = value.As<Napi::TypedArray>();
    const size_t wanted = size_t(size) * spec.input.features();
    if (array.ElementLength() < wanted) {
      throw std::invalid_argument("batch.samples: " + std::to_string(size) + " samples take " + std::to_string(wanted) +
                                  " numbers, got " + std::to_string(array.ElementLength()));
    }
    if (array.TypedArrayType() == napi_float32_array) return {nullptr, value.As<Napi::Float32Array>().Data(), size};
    if (array.TypedArrayType() == napi_uint8_array) return {value.As<Napi::Uint8Array>().Data(), nullptr, size};
    throw std::invalid_argument("batch.samples: expected a Uint8Array or a Float32Array");
  }

  const int32_t* labels(const Napi::Value& value, int size) {
    const auto array = value.As<Napi::Int32Array>();
    if (array.TypedArrayType() != napi_int32_array || array.ElementLength() < size_t(size)) {
      throw std::invalid_argument("batch.labels: expected an Int32Array of at least " + std::to_string(size) +
                                  " labels");
    }
    const int classes = network().spec().classes;
    for (int n = 0; n < size; ++n) {
      const int label = array.Data()[n];
      if (label >= 0 && label < classes) continue;
      throw std::invalid_argument("batch.labels: label " + std::to_string(label) + " of sample " + std::to_string(n) +
                                  " is not a class from 0 to " + std::to_string(classes - 1));
    }
    return array.Data();
  }

  // (samples, labels, size, options) -> { loss, correct, forwardMs, backwardMs }
  Napi::Value trainStep(const Napi::CallbackInfo& info) {
    const Samples batch = samples(info[0], info[2]);
    const int32_t* classes = labels(info[1], batch.size);
    const TrainOptions options = readTrainOptions(info[3].As<Napi::Object>());
    const StepResult step = network().trainStep(batch, classes, options);
    auto result = Napi::Object::New(info.Env());
    result["loss"] = step.loss;
    result["correct"] = step.correct;
    result["forwardMs"] = step.forwardMs;
    result["backwardMs"] = step.backwardMs;
    return result;
  }

  // (samples, labels, size) -> { lossSum, correct }
  Napi::Value evaluate(const Napi::CallbackInfo& info) {
    const Samples batch = samples(info[0], info[2]);
    const LossResult loss = network().evaluate(batch, labels(info[1], batch.size));
    auto result = Napi::Object::New(info.Env());
    result["lossSum"] = loss.sum;
    result["correct"] = loss.correct;
    return result;
  }

  // (samples, size, to)
  void logits(const Napi::CallbackInfo& info) {
    const Samples batch = samples(info[0], info[1]);
    const size_t size = size_t(batch.size) * network().spec().classes;
    network().logits(batch, sized<Napi::Float32Array>(info[2], size, "logits").Data());
  }

  // (rule, options)
  void applyUpdate(const Napi::CallbackInfo& info) {
    network().applyUpdate(readRule(info[0].As<Napi::Object>()), readUpdateOptions(info[1].As<Napi::Object>()));
  }

  Napi::Value gradientNorm(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), network().gradientNorm());
  }

  // (parameter, slot, to) and (parameter, slot, from)
  void read(const Napi::CallbackInfo& info) {
    Parameter& p = parameter(info[0]);
    p.read(slot(info[1]), sized<Napi::Float32Array>(info[2], p.size(), p.name()).Data());
  }
  void write(const Napi::CallbackInfo& info) {
    Parameter& p = parameter(info[0]);
    p.write(slot(info[1]), sized<Napi::Float32Array>(info[2], p.size(), p.name()).Data());
  }

  // (buffer, to) and (buffer, from)
  void readBuffer(const Napi::CallbackInfo& info) {
    const auto [buffer, array] = bufferAndArray(info);
    std::copy_n(buffer->data(), buffer->size(), array);
  }
  void writeBuffer(const Napi::CallbackInfo& info) {
    const auto [buffer, array] = bufferAndArray(info);
    std::copy_n(array, buffer->size(), buffer->data());
  }
  std::pair<Floats*, float*> bufferAndArray(const Napi::CallbackInfo& info) {
    const uint32_t index = info[0].ToNumber().Uint32Value();
    const BufferSpec& spec = network().spec().buffers.at(index);
    return {&network().buffer(index), sized<Napi::Float32Array>(info[1], spec.size, spec.name).Data()};
  }

  // (parameter, to) and (parameter, from)
  void readMask(const Napi::CallbackInfo& info) {
    Parameter& p = parameter(info[0]);
    p.readMask(sized<Napi::Uint8Array>(info[1], p.size(), p.name()).Data());
  }
  void writeMask(const Napi::CallbackInfo& info) {
    Parameter& p = parameter(info[0]);
    if (!p.sparse()) throw std::invalid_argument(p.name() + " is not a sparse parameter: it has no mask to write");
    p.writeMask(sized<Napi::Uint8Array>(info[1], p.size(), p.name()).Data());
  }

  void reselect(const Napi::CallbackInfo&) { network().reselect(); }

  Napi::Value activeCount(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), parameter(info[0]).activeCount());
  }

  // (slot) -> whether any parameter holds anything but zeros there
  Napi::Value usesSlot(const Napi::CallbackInfo& info) {
    bool used = false;
    for (const Parameter& p : network().parameters()) used = used || p.uses(slot(info[0]));
    return Napi::Boolean::New(info.Env(), used);
  }

  Napi::Value execution(const Napi::CallbackInfo& info) {
    auto result = Napi::Array::New(info.Env());
    for (const AffineLayer* layer : network().affineLayers()) {
      const Execution& execution = layer->execution();
      auto entry = Napi::Object::New(info.Env());
      entry["parameter"] = layer->weight().name();
      entry["choice"] = execution.sparse ? "sparse" : "dense";
      entry["density"] = layer->weight().density();
      if (execution.sparseMs >= 0) entry["sparseMs"] = execution.sparseMs;
      if (execution.denseMs >= 0) entry["denseMs"] = execution.denseMs;
      result[result.Length()] = entry;
    }
    return result;
  }

  Napi::Value memoryBytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), double(network().bytes()));
  }

  void dispose(const Napi::CallbackInfo& info) { release(info.Env()); }

  std::unique_ptr<Network> network_;
  int64_t reported_ = 0;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports["NativeNetwork"] = NativeNetwork::define(env);
  exports["isa"] = bestKernels().isa;
  return exports;
}

}  // namespace

// Node-API keeps what belongs to an environment with its objects, so the addon may be loaded by several threads.
NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialize)

}  // namespace filigree
