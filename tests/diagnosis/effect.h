#pragma once

#include <optional>

#include "diagnosis/mutations.h"
#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A value that a statement of the manual code gave to a variable or to an entry of the returned
/// dictionary, in float64.
struct TracedWrite {
  static constexpr std::size_t argument = static_cast<std::size_t>(-1);

  std::string name;
  at::Tensor value;                  ///< undefined where it is no floating tensor
  bool is_entry = false;             ///< of the dictionary
  std::size_t line = 0;              ///< of the statement or the entry
  std::size_t statement = argument;  ///< its first character
};

/// The writes of one run, in order; none where the program cannot be run by statements.
std::vector<TracedWrite> traced_writes(const Subject& subject, const std::string& text,
                                       const NamedTensors& values, const at::Tensor& grad_output);

ProgramFacts facts_of(const std::vector<TracedWrite>& writes);

/// The line of the first value that differs between two runs; nothing where none does, or where
/// the runs go other ways.
std::optional<std::size_t> first_wrong_line(const std::vector<TracedWrite>& right,
                                            const std::vector<TracedWrite>& wrong);

/// Rules that describe the first value that differs between two runs, among those written at
/// `lines`: where it turns out as a multiple of the right one, transposed, or of another shape.
std::set<std::string> rules_of_effect(const std::vector<TracedWrite>& right,
                                      const std::vector<TracedWrite>& wrong,
                                      const std::set<std::size_t>& lines);

}  // namespace gradient_check
