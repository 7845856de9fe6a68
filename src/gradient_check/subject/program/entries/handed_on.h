#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/entries/call_arguments.h"
#include "gradient_check/subject/program/program_outputs.h"

namespace gradient_check {

/// How a forward and its backward fit together: which of the values that the forward returns are
/// outputs, and which caches, and what of both the backward's arguments take that are no tensors
/// of the check.
class HandedOn {
 public:
  HandedOn() = default;
  /// `arguments`: the backward's; those `given` are tensors of the check. `returned`: what the
  /// forward calls what it returns, `result` what it returned. Throws std::invalid_argument.
  HandedOn(const CallArguments& arguments, const NamedTensors& given,
           const std::vector<std::string>& returned, const python::Value& result);

  /// Of the backward's arguments those that take the cotangents of the outputs.
  const std::vector<std::string>& cotangents() const { return cotangents_; }
  /// The outputs among what the forward returned: a tuple of them where there are several.
  std::vector<python::Value> outputs(const python::Value& result) const;
  /// What the backward gets of a forward's result.
  ValuesByName caches(const python::Value& result) const;
  bool several() const { return several_; }

 private:
  void find_caches(const std::vector<std::string>& names, const std::vector<std::string>& returned);

  bool several_ = false;     ///< the forward returns a tuple, of outputs alone or with caches
  std::size_t outputs_ = 1;  ///< the first ones
  std::size_t total_ = 1;    ///< values that it returns
  std::vector<std::string> cotangents_;
  /// Argument, and the index of what it takes; total_: all caches as a tuple.
  std::vector<std::pair<std::string, std::size_t>> caches_;
};

}  // namespace gradient_check
