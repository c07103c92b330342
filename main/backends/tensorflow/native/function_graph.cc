#include "function_graph.h"

#include <variant>

#include "backend_access.h"

namespace tfnodejs {

Napi::Function FunctionGraph::Class(Napi::Env env) {
  return DefineClass(env, "FunctionGraph",
                     {
                         InstanceMethod<&FunctionGraph::Input>("input"),
                         InstanceMethod<&FunctionGraph::Variable>("variable"),
                         InstanceMethod<&FunctionGraph::Constant>("constant"),
                         InstanceMethod<&FunctionGraph::Operation>("operation"),
                         InstanceMethod<&FunctionGraph::SetShape>("setShape"),
                         InstanceMethod<&FunctionGraph::Define>("define"),
                         InstanceMethod<&FunctionGraph::Delete>("delete"),
                     });
}

Napi::Value FunctionGraph::Input(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const TF_DataType type = ReadType(info[0]);
  const std::vector<int64_t> shape = ReadIntegers(info[1], "a shape");
  TF_OperationDescription* building = TF_NewOperation(Graph(env), "Placeholder", NextName("input").c_str());
  TF_SetAttrType(building, "dtype", type);
  TF_SetAttrShape(building, "shape", shape.data(), static_cast<int>(shape.size()));
  const Status status;
  TF_Operation* operation = TF_FinishOperation(building, status);
  status.Check(env, "input");
  return AddValue(env, {operation, 0});
}

Napi::Value FunctionGraph::Variable(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const TF_DataType type = ReadType(info[0]);
  const std::vector<int64_t> shape = ReadIntegers(info[1], "a shape");
  TF_OperationDescription* building = TF_NewOperation(Graph(env), "Placeholder", NextName("variable").c_str());
  TF_SetAttrType(building, "dtype", TF_RESOURCE);
  TF_SetAttrShape(building, "shape", nullptr, 0);
  // Attributes with an underscore become the function's own: with the shapes of what its variables hold TensorFlow
  // can infer those of everything else, and fuse operations.
  const int64_t* const sizes = shape.data();
  const int dimensions = static_cast<int>(shape.size());
  TF_SetAttrTypeList(building, "_handle_dtypes", &type, 1);
  TF_SetAttrShapeList(building, "_handle_shapes", &sizes, &dimensions, 1);
  const Status status;
  TF_Operation* operation = TF_FinishOperation(building, status);
  status.Check(env, "variable");
  return AddValue(env, {operation, 0});
}

Napi::Value FunctionGraph::Constant(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TF_Graph* graph = Graph(env);
  const OwnedTensor tensor = CopyTensor(info[0], info[1], info[2]);
  const Status attribute;
  const Status status;
  TF_OperationDescription* building = TF_NewOperation(graph, "Const", NextName("Const").c_str());
  TF_SetAttrType(building, "dtype", TF_TensorType(tensor.get()));
  TF_SetAttrTensor(building, "value", tensor.get(), attribute);
  // Also after an error: finishing is what frees a description.
  TF_Operation* operation = TF_FinishOperation(building, status);
  attribute.Check(env, "constant");
  status.Check(env, "constant");
  return AddValue(env, {operation, 0});
}

Napi::Value FunctionGraph::Operation(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TF_Graph* graph = Graph(env);
  // Everything that can be wrong with the arguments is found before a description exists that nothing else would free.
  const std::string name = ReadString(info[0], "an operation's name");
  const Napi::Array attribute_values = ReadArray(info[1], "attributes");
  const Napi::Array input_values = ReadArray(info[2], "inputs");
  const std::vector<TF_Operation*> after = OperationsAt(info[3]);
  std::vector<Attribute> attributes;
  for (uint32_t i = 0; i < attribute_values.Length(); i++) {
    attributes.push_back(Attribute::Read(attribute_values.Get(i)));
  }
  std::vector<std::variant<TF_Output, std::vector<TF_Output>>> inputs;
  for (uint32_t i = 0; i < input_values.Length(); i++) {
    const Napi::Value input = input_values.Get(i);
    if (input.IsArray()) {
      inputs.emplace_back(ValuesAt(input, "inputs"));
    } else {
      inputs.emplace_back(ValueAt(input));
    }
  }

  TF_OperationDescription* building = TF_NewOperation(graph, name.c_str(), NextName(name).c_str());
  for (const auto& input : inputs) {
    if (const auto* list = std::get_if<std::vector<TF_Output>>(&input)) {
      TF_AddInputList(building, list->data(), static_cast<int>(list->size()));
    } else {
      TF_AddInput(building, std::get<TF_Output>(input));
    }
  }
  for (TF_Operation* operation : after) TF_AddControlInput(building, operation);
  for (const Attribute& attribute : attributes) attribute.Set(building);
  const Status status;
  TF_Operation* operation = TF_FinishOperation(building, status);
  status.Check(env, name);

  operations_.push_back(operation);
  const int count = TF_OperationNumOutputs(operation);
  Napi::Array outputs = Napi::Array::New(env, static_cast<size_t>(count));
  for (int i = 0; i < count; i++) outputs.Set(static_cast<uint32_t>(i), AddValue(env, {operation, i}));
  Napi::Object result = Napi::Object::New(env);
  result.Set("operation", static_cast<double>(operations_.size() - 1));
  result.Set("outputs", outputs);
  return result;
}

void FunctionGraph::SetShape(const Napi::CallbackInfo& info) {
  const std::vector<int64_t> shape = ReadIntegers(info[1], "a shape");
  const Status status;
  TF_GraphSetTensorShape(Graph(info.Env()), ValueAt(info[0]), shape.data(), static_cast<int>(shape.size()), status);
  status.Check(info.Env(), "setShape");
}

void FunctionGraph::Define(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  TF_Graph* graph = Graph(env);
  const std::string name = ReadString(info[0], "a function's name");
  const std::vector<TF_Output> inputs = ValuesAt(info[1], "inputs");
  const std::vector<TF_Output> outputs = ValuesAt(info[2], "outputs");
  const std::vector<TF_Operation*> operations = OperationsAt(info[3]);
  std::vector<std::string> effects;
  for (size_t i = 0; i < operations.size(); i++) effects.push_back("effect_" + std::to_string(i));
  std::vector<const char*> effect_names;
  for (const std::string& effect : effects) effect_names.push_back(effect.c_str());
  const Status status;
  const Owned<TF_Function, TF_DeleteFunction> function(TF_GraphToFunctionWithControlOutputs(
      graph, name.c_str(), /*append_hash_to_fn_name=*/0, /*num_opers=*/-1, /*opers=*/nullptr,
      static_cast<int>(inputs.size()), inputs.data(), static_cast<int>(outputs.size()), outputs.data(),
      /*output_names=*/nullptr, static_cast<int>(operations.size()), operations.data(), effect_names.data(),
      /*opts=*/nullptr, /*description=*/nullptr, status));
  status.Check(env, name);
  TFE_ContextAddFunction(BackendAccess::Context(env), function.get(), status);
  status.Check(env, name);
}

void FunctionGraph::Delete(const Napi::CallbackInfo&) {
  values_.clear();
  operations_.clear();
  graph_.reset();
}

TF_Graph* FunctionGraph::Graph(Napi::Env env) const {
  if (!graph_) throw Napi::Error::New(env, "this graph was deleted");
  return graph_.get();
}

std::string FunctionGraph::NextName(const std::string& operation) {
  return operation + "_" + std::to_string(names_++);
}

TF_Output FunctionGraph::ValueAt(Napi::Value id) const {
  const int64_t index = ReadInteger(id, "a value");
  if (index < 0 || static_cast<size_t>(index) >= values_.size()) {
    throw Napi::RangeError::New(id.Env(), "this graph has no value " + std::to_string(index));
  }
  return values_[static_cast<size_t>(index)];
}

std::vector<TF_Output> FunctionGraph::ValuesAt(Napi::Value ids, const char* what) const {
  const Napi::Array array = ReadArray(ids, what);
  std::vector<TF_Output> values(array.Length());
  for (uint32_t i = 0; i < values.size(); i++) values[i] = ValueAt(array.Get(i));
  return values;
}

std::vector<TF_Operation*> FunctionGraph::OperationsAt(Napi::Value ids) const {
  std::vector<TF_Operation*> operations;
  for (const int64_t index : ReadIntegers(ids, "operations")) {
    if (index < 0 || static_cast<size_t>(index) >= operations_.size()) {
      throw Napi::RangeError::New(ids.Env(), "this graph has no operation " + std::to_string(index));
    }
    operations.push_back(operations_[static_cast<size_t>(index)]);
  }
  return operations;
}

Napi::Object FunctionGraph::AddValue(Napi::Env env, TF_Output value) {
  const Status status;
  const int dimensions = TF_GraphGetTensorNumDims(graph_.get(), value, status);
  status.Check(env, "shape");
  std::vector<int64_t> shape(dimensions > 0 ? static_cast<size_t>(dimensions) : 0);
  TF_GraphGetTensorShape(graph_.get(), value, shape.data(), static_cast<int>(shape.size()), status);
  bool known = dimensions >= 0;
  for (const int64_t size : shape) known = known && size >= 0;

  Napi::Object result = Napi::Object::New(env);
  result.Set("id", static_cast<double>(values_.size()));
  result.Set("type", static_cast<double>(TF_OperationOutputType(value)));
  result.Set("shape", known ? Napi::Value(ToArray(env, shape)) : env.Null());
  values_.push_back(value);
  return result;
}

}  // namespace tfnodejs
