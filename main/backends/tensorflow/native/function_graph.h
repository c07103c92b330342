#pragma once
#include <string>
#include <vector>

#include <napi.h>

#include "attribute.h"
#include "conversions.h"

namespace tfnodejs {

/**
 * A computation being recorded, and then defined as a TensorFlow function that executeOp runs by its name.
 * Values are numbers that this graph gives out, with their type and their shape as TensorFlow infers it
 * (null where it cannot). JavaScript sees:
 *
 *   new FunctionGraph()
 *   input(type, shape) -> { id, type, shape }
 *   variable(type, shape) -> { id, type, shape }   an input: the handle of a variable that holds such a tensor
 *   constant(type, shape, typedArray) -> { id, type, shape }
 *   operation(name, attributes, inputs: (id | id[])[], after: operation[]) -> { operation, outputs: value[] }
 *   setShape(id, shape)                            for outputs whose shape TensorFlow cannot infer
 *   define(name, inputs: id[], outputs: id[], operations: operation[])   those run whether or not an output needs them
 *   delete()
 *
 * Every method throws an Error that says what is wrong and leaves the graph as it was.
 */
class FunctionGraph : public Napi::ObjectWrap<FunctionGraph> {
 public:
  static Napi::Function Class(Napi::Env env);
  explicit FunctionGraph(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FunctionGraph>(info) {}

 private:
  Napi::Value Input(const Napi::CallbackInfo& info);
  Napi::Value Variable(const Napi::CallbackInfo& info);
  Napi::Value Constant(const Napi::CallbackInfo& info);
  Napi::Value Operation(const Napi::CallbackInfo& info);
  void SetShape(const Napi::CallbackInfo& info);
  void Define(const Napi::CallbackInfo& info);
  void Delete(const Napi::CallbackInfo& info);

  TF_Graph* Graph(Napi::Env env) const;
  std::string NextName(const std::string& operation);
  TF_Output ValueAt(Napi::Value id) const;
  std::vector<TF_Output> ValuesAt(Napi::Value ids, const char* what) const;
  std::vector<TF_Operation*> OperationsAt(Napi::Value ids) const;
  Napi::Object AddValue(Napi::Env env, TF_Output value);

  Owned<TF_Graph, TF_DeleteGraph> graph_{TF_NewGraph()};
  std::vector<TF_Output> values_;
  std::vector<TF_Operation*> operations_;
  size_t names_ = 0;
};

}  // namespace tfnodejs
