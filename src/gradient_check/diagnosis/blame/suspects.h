#pragma once

#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/pairing.h"

namespace gradient_check {

/// Arguments, and the writes that the output of a step depends on: its forward.
std::set<std::size_t> given_writes(const Trace& manual);

/// `goal` and the writes of unknown standing that it is made of, in execution order.
std::vector<std::size_t> chain_of(const Trace& manual, const std::vector<Judgement>& judgements,
                                  std::size_t goal);

/// The writes that `goal` is made of, through others like them, of which no name says what they
/// are, or which are not what their names say. `and_wrong`: also those that are wrong.
std::vector<std::size_t> doubtful_reads(const Trace& manual,
                                        const std::vector<Judgement>& judgements, std::size_t goal,
                                        bool and_wrong = false);

/// The writes that `goal` reads which are what their names say, and yet several writes are made of
/// them and all of those are wrong.
std::vector<std::size_t> misleading_reads(const Trace& manual,
                                          const std::vector<Judgement>& judgements,
                                          std::size_t goal);

/// The known slope, adjoint or forward value, other than `not_this`, of which a value is a multiple
/// but for what an epsilon may shift; null where there is none, or where so few elements tell
/// nothing.
const KnownValue* proportional_value(const at::Tensor& value, const std::vector<KnownValue>& known,
                                     const KnownValue* not_this);

/// The gradients that depend on a write.
std::vector<std::string> gradients_after(const Trace& manual, std::size_t index);

}  // namespace gradient_check
