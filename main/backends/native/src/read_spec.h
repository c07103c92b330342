// Reads the plain objects that TypeScript hands over: the plan of a network, update rules and options.
#pragma once
#include <napi.h>

#include "network.h"

namespace filigree {

// Each throws std::invalid_argument, or a JavaScript TypeError, where the object is not what plan.ts or backend.ts say.
NetworkSpec readSpec(const Napi::Object&);
UpdateRule readRule(const Napi::Object&);
UpdateOptions readUpdateOptions(const Napi::Object&);
TrainOptions readTrainOptions(const Napi::Object&);

}  // namespace filigree
