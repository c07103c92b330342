#include "read_spec.h"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

namespace filigree {
namespace {

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

}  // namespace

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

UpdateOptions readUpdateOptions(const Napi::Object& o) {
  const bool all = oneOf<bool>("scope", text(o, "scope"), {{"support", false}, {"all", true}});
  return {all, numberOr(o, "gradientScale", 1), flag(o, "reselect")};
}

TrainOptions readTrainOptions(const Napi::Object& o) {
  const auto gradients = oneOf<GradientMode>("gradient mode", text(o, "gradients"),
                                             {{"support", GradientMode::support}, {"dense", GradientMode::dense}});
  return {gradients, float(numberOr(o, "labelSmoothing", 0)), flag(o, "accumulate"),
          uint32_t(int64_t(numberOr(o, "dropoutSeed", 0)))};
}

}  // namespace filigree
