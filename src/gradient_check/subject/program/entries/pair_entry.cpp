#include <fmt/format.h>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/entries/paired_entry.h"
#include "gradient_check/subject/program/forward_of_step.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

struct FunctionPair {
  std::string name, forward, backward;
};

/// The pairs of a program: NAME_forward, or NAME, and NAME_backward; all of them may end alike, as
/// in conv_forward_naive, and the backward alone, as in batchnorm_backward_alt.
std::vector<FunctionPair> pairs_of(const ast::Module& program) {
  constexpr std::string_view word = "_backward";
  std::vector<FunctionPair> pairs;
  for (const ast::StatementPtr& statement : program.body) {
    const auto* function = statement->as<ast::FunctionDef>();
    const std::size_t at = function ? function->name.find(word) : std::string::npos;
    if (at == std::string::npos || at == 0) continue;
    const std::string before = function->name.substr(0, at);
    const std::string after = function->name.substr(at + word.size());
    for (const std::string& forward :
         {before + "_forward" + after, before + after, before + "_forward", before})
      if (function_named(program, forward)) {
        pairs.push_back({before + after, forward, function->name});
        break;
      }
  }
  return pairs;
}

/// Functions NAME_forward and NAME_backward, or NAME and NAME_backward.
class PairEntry : public PairedEntry {
 public:
  PairEntry(const Case& loaded, EvaluatedProgram& program, const FunctionPair& pair)
      : PairedEntry(loaded, program), forward_(pair.forward), backward_(pair.backward) {
    run_only({forward_, backward_});
    forward_arguments_ = {program_, case_, function(forward_), 0};
    backward_arguments_ = {program_, case_, function(backward_), 0};
  }

  std::vector<std::string> missing() const override { return forward_arguments_.missing(point()); }
  std::string forward_name() const override { return forward_; }
  std::string manual_name() const override { return backward_; }

 protected:
  Value receiver(const NamedTensors&) const override { return {}; }
  Value call_forward(const Value&, const NamedTensors& values) const override {
    return call(forward_, forward_arguments_.bound(values));
  }
  Value call_backward(const Value&, const NamedTensors& values,
                      const ValuesByName& others) const override {
    return call(backward_, backward_arguments_.bound(values, others));
  }

 private:
  Value function(const std::string& name) const {
    const Value found = function_behind(program_.variable(name));
    if (!found.is_set()) fail(name, fmt::format("{} is no function of the program itself", name));
    return found;
  }
  Value call(const std::string& name, BoundArguments arguments) const {
    return python::call(program_.running().interpreter(), program_.running().variable(name),
                        arguments.arguments());
  }

  std::string forward_, backward_;
};

std::vector<std::string> pairs_in(const ast::Module& program) {
  std::vector<std::string> names;
  for (const FunctionPair& pair : pairs_of(program)) names.push_back(pair.name);
  return names;
}

std::unique_ptr<Entry> make_pair_entry(const Case& loaded, EvaluatedProgram& program,
                                       const std::string& name) {
  for (const FunctionPair& pair : pairs_of(program.tree()))
    if (pair.name == name) return std::make_unique<PairEntry>(loaded, program, pair);
  return nullptr;
}

}  // namespace

const EntryKind pair_entry{"functions that belong together by their names", false, pairs_in,
                           make_pair_entry};

}  // namespace gradient_check
