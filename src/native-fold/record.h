// What the fast path reads: a record of the input, wherever its bytes stand.
#pragma once

#include <optional>
#include <string>

#include "values.h"

namespace salesboard {

// A record as it came. Its headers are asked for only where a rule names one, or where one may name
// the schema.
class Record {
 public:
  virtual ~Record() = default;
  // Nothing: there is none, or it is null.
  virtual std::optional<Text> key() const = 0;
  virtual std::optional<Text> value() const = 0;
  // The last of that name.
  virtual std::optional<Text> header(const std::string& name) const = 0;
};

}  // namespace salesboard
