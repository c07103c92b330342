#pragma once
#include <string>
#include <vector>

#include <napi.h>

#include "attribute.h"
#include "conversions.h"

namespace tfnodejs {

/**
 * Operations that have been run once and are run again on other tensors of the same shapes, each on its own as before,
 * but without a way through JavaScript between them. Their tensors have numbers: the inputs first, then the captured
 * ones, then what the operations yield, in their order. JavaScript sees:
 *
 *   new Recording(operations: { name, attributes, inputs: number[], outputs: count }[],
 *                 inputs: count, captured: id[], results: number[])
 *     captured tensors are the binding's, by its ids; the recording holds them until it is deleted
 *   run(inputs: id[]) -> id[]     the results, which become the binding's
 *   delete()
 */
class Recording : public Napi::ObjectWrap<Recording> {
 public:
  static Napi::Function Class(Napi::Env env);
  explicit Recording(const Napi::CallbackInfo& info);

 private:
  struct Operation {
    std::string name;
    std::vector<Attribute> attributes;
    std::vector<size_t> inputs;
    size_t outputs;
    /** Tensors that no later operation and no result needs. */
    std::vector<size_t> last;
  };

  Napi::Value Run(const Napi::CallbackInfo& info);
  void Delete(const Napi::CallbackInfo& info);

  std::vector<Operation> operations_;
  size_t inputs_ = 0;
  std::vector<OwnedHandle> captured_;
  std::vector<size_t> results_;
  size_t tensors_ = 0;
  bool deleted_ = false;
};

}  // namespace tfnodejs
