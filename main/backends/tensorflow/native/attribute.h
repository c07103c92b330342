#pragma once
#include <string>
#include <variant>
#include <vector>

#include <napi.h>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace tfnodejs {

struct TypeValue {
  TF_DataType type;
};
struct ShapeValue {
  std::vector<int64_t> sizes;
};

/** An attribute of an operation: the { name, type, value } that the binding's executeOp takes as well. */
struct Attribute {
  std::string name;
  std::variant<std::string, int64_t, std::vector<int64_t>, float, bool, TypeValue, ShapeValue> value;

  /** @throws Napi::TypeError where the value does not have the type that it says */
  static Attribute Read(Napi::Value from);
  void Set(TF_OperationDescription* operation) const;
  void Set(TFE_Op* operation, TF_Status* status) const;
};

}  // namespace tfnodejs
