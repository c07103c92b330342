// The Node-API face of a network: one JavaScript class whose methods check their arguments and call the engine.
// Sizes are checked here, so that the engine may trust them; errors become JavaScript errors.
#include <napi.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "network.h"

namespace filigree {
namespace {

// --- Reading plain JavaScript objects -------------------------------------------------------------------------

Napi::Object object(const Napi::Object& from, const char* key) { return from.Get(key).As<Napi::Object>(); }
double number(const Napi::Object& from, const char* key) { return from.Get(key).ToNumber().DoubleValue(); }
int integer(const Napi::Object& from, const char* key) { return from.Get(key).ToNumber().Int32Value(); }
bool flag(const Napi::Object& from, const char* key) { return from.Get(key).ToBoolean(); }
std::string text(const Napi::Object& from, const char* key) { return from.Get(key).ToString(); }

double numberOr(const Napi::Object& from, const char* key, double otherwise) {
  const Napi::Value value = from.Get(key);
  return value.IsNumber() ? value.ToNumber().DoubleValue() : otherwise;
}

template <class Read>
auto list(const Napi::Object& from, const char* key, const Read& read) {
  const auto items = from.Get(key).As<Napi::Array>();
  std::vector<decltype(read(Napi::Value()))> result;
  for (uint32_t i = 0; i < items.Length(); ++i) result.push_back(read(items.Get(i)));
  return result;
}

template <class T>
T oneOf(const std::string& what, const std::string& name, std::initializer_list<std::pair<const char*, T>> choices) {
  for (const auto& [key, value] : choices) {
    if (name == key) return value;
  }
  throw std::invalid_argument("unknown " + what + " \"" + name + "\"");
}

Operand readOperand(const Napi::Value& value) {
  const auto o = value.As<Napi::Object>();
  return {integer(o, "value"), integer(o, "gradient"), flag(o, "accumulate")};
}

Shape readShape(const Napi::Object& from, const char* key) {
  const auto values = list(from, key, [](const Napi::Value& v) { return v.ToNumber().Int32Value(); });
  return {values.at(0), values.at(1), values.at(2)};
}

StepSpec readStep(const Napi::Value& value) {
  using Kind = StepSpec::Kind;
  const auto o = value.As<Napi::Object>();
  StepSpec step;
  step.kind = oneOf<Kind>("step", text(o, "kind"),
                          {{"affine", Kind::affine},
                           {"batchNorm", Kind::batchNorm},
                           {"relu", Kind::relu},
                           {"maxPool", Kind::maxPool},
                           {"avgPool", Kind::avgPool},
                           {"dropout", Kind::dropout},
                           {"add", Kind::add},
                           {"shortcut", Kind::shortcut}});
  step.inputs = list(o, "inputs", readOperand);
  step.output = readOperand(o.Get("output"));
  step.in = readShape(o, "inShape");
  step.out = readShape(o, "outShape");
  step.kernelHeight = int(numberOr(o, "kernelHeight", 1));
  step.kernelWidth = int(numberOr(o, "kernelWidth", 1));
  step.stride = int(numberOr(o, "stride", 1));
  step.padding = int(numberOr(o, "padding", 0));
  step.weight = int(numberOr(o, "weight", -1));
  step.bias = int(numberOr(o, "bias", -1));
  step.runningMean = int(numberOr(o, "runningMean", -1));
  step.runningVar = int(numberOr(o, "runningVar", -1));
  step.epsilon = float(numberOr(o, "epsilon", 0));
  step.momentum = float(numberOr(o, "momentum", 0));
  step.relu = flag(o, "relu");
  step.rate = float(numberOr(o, "rate", 0));
  step.node = uint32_t(integer(o, "node"));
  return step;
}

NetworkSpec readSpec(const Napi::Object& o) {
  const auto asFloat = [](const Napi::Value& v) { return v.ToNumber().FloatValue(); };
  const auto asSize = [](const Napi::Value& v) { return size_t(v.ToNumber().Int64Value()); };
  NetworkSpec spec;
  const auto input = object(o, "input");
  spec.input = {integer(input, "channels"), integer(input, "positions"), list(input, "scale", asFloat),
                list(input, "shift", asFloat)};
  spec.classes = integer(o, "classes");
  spec.maxBatch = integer(o, "maxBatch");
  spec.threads = integer(o, "threads");
  spec.policy = oneOf<ExecutionPolicy>("execution", text(o, "execution"),
                                       {{"auto", ExecutionPolicy::automatic},
                                        {"sparse", ExecutionPolicy::sparse},
                                        {"dense", ExecutionPolicy::dense}});
  spec.parameters = list(o, "parameters", [](const Napi::Value& v) {
    const auto p = v.As<Napi::Object>();
    const WeightShape shape{integer(p, "rows"), integer(p, "inChannels"), integer(p, "area")};
    return ParameterSpec{text(p, "name"), shape, integer(p, "kernelGroup"), flag(p, "sparse")};
  });
  spec.buffers = list(o, "buffers", [](const Napi::Value& v) {
    const auto b = v.As<Napi::Object>();
    return BufferSpec{text(b, "name"), integer(b, "size"), float(number(b, "initial"))};
  });
  spec.values = list(o, "values", asSize);
  spec.gradients = list(o, "gradients", asSize);
  spec.steps = list(o, "steps", readStep);
  spec.logits = readOperand(o.Get("logits"));
  return spec;
}

Regularizer readRegularizer(const Napi::Value& value) {
  using Kind = Regularizer::Kind;
  if (!value.IsObject()) return {};
  const auto o = value.As<Napi::Object>();
  return {oneOf<Kind>("regularizer", text(o, "kind"),
                      {{"none", Kind::none},
                       {"l1", Kind::l1},
                       {"l1-positive", Kind::l1Positive},
                       {"group-rows", Kind::groupRows},
                       {"group-kernels", Kind::groupKernels},
                       {"l1-group", Kind::l1Group}}),
          float(numberOr(o, "lambda", 0)), float(numberOr(o, "groupLambda", 0))};
}

UpdateRule readRule(const Napi::Object& o) {
  using Kind = UpdateRule::Kind;
  UpdateRule rule;
  rule.kind = oneOf<Kind>("update rule", text(o, "kind"),
                          {{"sgd", Kind::sgd},
                           {"adam", Kind::adam},
                           {"proxsgd", Kind::proxsgd},
                           {"linbreg", Kind::linbreg},
                           {"adabreg", Kind::adabreg}});
  rule.learningRate = number(o, "learningRate");
  rule.momentum = numberOr(o, "momentum", 0);
  rule.weightDecay = numberOr(o, "weightDecay", 0);
  rule.nesterov = flag(o, "nesterov");
  rule.decoupled = flag(o, "decoupled");
  rule.beta1 = numberOr(o, "beta1", 0);
  rule.beta2 = numberOr(o, "beta2", 0);
  rule.epsilon = numberOr(o, "epsilon", 0);
  rule.delta = numberOr(o, "delta", 1);
  rule.regularizer = readRegularizer(o.Get("regularizer"));
  return rule;
}

GradientMode readGradientMode(const Napi::Object& o) {
  return oneOf<GradientMode>("gradient mode", text(o, "gradients"),
                             {{"support", GradientMode::support}, {"dense", GradientMode::dense}});
}

// --- The class ------------------------------------------------------------------------------------------------

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
      : Napi::ObjectWrap<NativeNetwork>(info), network_(std::make_unique<Network>(readSpec(info[0].As<Napi::Object>()))) {
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
    const auto array = value.As<Array>();
    if (!value.IsTypedArray() || array.TypedArrayType() != Array::New(value.Env(), 0).TypedArrayType()) {
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
      throw std::invalid_argument("batch.size: " + std::to_string(size) + " is not between 1 and the network's largest batch, " +
                                  std::to_string(spec.maxBatch));
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
      throw std::invalid_argument("batch.labels: expected an Int32Array of at least " + std::to_string(size) + " labels");
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
    const auto o = info[3].As<Napi::Object>();
    const TrainOptions options{readGradientMode(o), float(numberOr(o, "labelSmoothing", 0)), flag(o, "accumulate"),
                               uint32_t(int64_t(numberOr(o, "dropoutSeed", 0)))};
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
    const auto o = info[1].As<Napi::Object>();
    const bool all = oneOf<bool>("scope", text(o, "scope"), {{"support", false}, {"all", true}});
    network().applyUpdate(readRule(info[0].As<Napi::Object>()), {all, numberOr(o, "gradientScale", 1), flag(o, "reselect")});
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
