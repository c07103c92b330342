#include "attribute.h"

#include "conversions.h"

namespace tfnodejs {

Attribute Attribute::Read(Napi::Value from) {
  if (!from.IsObject()) throw Napi::TypeError::New(from.Env(), "an attribute must be { name, type, value }");
  const auto object = from.As<Napi::Object>();
  Attribute attribute{ReadString(object.Get("name"), "an attribute's name"), {}};
  const char* name = attribute.name.c_str();
  const int64_t type = ReadInteger(object.Get("type"), "an attribute's type");
  const Napi::Value value = object.Get("value");
  switch (type) {
    case TF_ATTR_STRING:
      attribute.value = ReadString(value, name);
      break;
    case TF_ATTR_INT:
      if (value.IsArray()) {
        attribute.value = ReadIntegers(value, name);
      } else {
        attribute.value = ReadInteger(value, name);
      }
      break;
    case TF_ATTR_FLOAT:
      attribute.value = static_cast<float>(ReadNumber(value, name));
      break;
    case TF_ATTR_BOOL:
      attribute.value = ReadBoolean(value, name);
      break;
    case TF_ATTR_TYPE:
      attribute.value = TypeValue{ReadType(value)};
      break;
    case TF_ATTR_SHAPE:
      attribute.value = ShapeValue{ReadIntegers(value, name)};
      break;
    default:
      throw Napi::TypeError::New(from.Env(), attribute.name + " has an attribute type that is not supported: " +
                                                 std::to_string(type));
  }
  return attribute;
}

namespace {

struct Setter {
  TF_OperationDescription* operation;
  const char* name;

  void operator()(const std::string& text) const { TF_SetAttrString(operation, name, text.data(), text.size()); }
  void operator()(int64_t number) const { TF_SetAttrInt(operation, name, number); }
  void operator()(const std::vector<int64_t>& numbers) const {
    TF_SetAttrIntList(operation, name, numbers.data(), static_cast<int>(numbers.size()));
  }
  void operator()(float number) const { TF_SetAttrFloat(operation, name, number); }
  void operator()(bool flag) const { TF_SetAttrBool(operation, name, flag); }
  void operator()(TypeValue value) const { TF_SetAttrType(operation, name, value.type); }
  void operator()(const ShapeValue& shape) const {
    TF_SetAttrShape(operation, name, shape.sizes.data(), static_cast<int>(shape.sizes.size()));
  }
};

struct EagerSetter {
  TFE_Op* operation;
  const char* name;
  TF_Status* status;

  void operator()(const std::string& text) const { TFE_OpSetAttrString(operation, name, text.data(), text.size()); }
  void operator()(int64_t number) const { TFE_OpSetAttrInt(operation, name, number); }
  void operator()(const std::vector<int64_t>& numbers) const {
    TFE_OpSetAttrIntList(operation, name, numbers.data(), static_cast<int>(numbers.size()));
  }
  void operator()(float number) const { TFE_OpSetAttrFloat(operation, name, number); }
  void operator()(bool flag) const { TFE_OpSetAttrBool(operation, name, flag); }
  void operator()(TypeValue value) const { TFE_OpSetAttrType(operation, name, value.type); }
  void operator()(const ShapeValue& shape) const {
    TFE_OpSetAttrShape(operation, name, shape.sizes.data(), static_cast<int>(shape.sizes.size()), status);
  }
};

}  // namespace

void Attribute::Set(TF_OperationDescription* operation) const {
  std::visit(Setter{operation, name.c_str()}, value);
}

void Attribute::Set(TFE_Op* operation, TF_Status* status) const {
  std::visit(EagerSetter{operation, name.c_str(), status}, value);
}

}  // namespace tfnodejs
