#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/subject/program/environment.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// A function of the program while a tracer follows it.
struct Activation {
  struct Loop {
    const Statement* statement;
    std::string iteration;  ///< "t = 3"; empty where it goes through no integers
  };
  /// An expression whose value is a write of its own.
  struct Expected {
    std::string name;
    const Expr* expression = nullptr;
    bool is_entry = false;
  };

  python::Frame* frame = nullptr;
  const python::Scope* body = nullptr;  ///< which tells it from a later call at the same address
  const FunctionSyntax* function = nullptr;
  std::string scope;  ///< see ForwardValue
  const Statement* running = nullptr;
  std::vector<Loop> loops;
  std::string outer_iteration;                             ///< of the call
  std::map<std::string, std::vector<std::size_t>> latest;  ///< the writes that a variable is
  std::set<std::string> dictionaries;                      ///< variables that hold entries
  std::map<python::ast::NodeId, Expected> expected;
  std::vector<std::size_t> called_reads;  ///< what the functions that are called give back
  std::map<python::ast::NodeId, at::Tensor> stored;  ///< by target: what is put into a container
  Environment before;                                ///< a snapshot, taken before `running`

  std::string iteration() const;
};

}  // namespace gradient_check
