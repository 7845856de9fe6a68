#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/subject/program/snippet.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// One value that one execution of a statement gave to a variable, or to an entry of the returned
/// dictionary.
struct Write {
  std::string name;                      ///< the variable, or the dictionary's key
  std::string scope;                     ///< of a function that is called: see ForwardValue
  bool is_entry = false;                 ///< of the returned dictionary
  bool is_update = false;                ///< of a parameter by its own training loop
  at::Tensor value;                      ///< a copy; undefined where it is no floating tensor
  const Statement* statement = nullptr;  ///< null for an argument
  const Expr* expression = nullptr;      ///< what is assigned; null where that is no expression
  std::vector<std::size_t> reads;        ///< the writes that it read, by index
  Environment environment;         ///< all variables before it, where a snapshot was asked for
  std::string iteration;           ///< "t = 3" inside a loop
  std::set<std::string> integers;  ///< "t = 3" for every integer variable, inside a loop
};

/// A value inside the forward, followed by autograd: a variable, or a part of an expression.
struct ForwardValue {
  std::string name;  ///< the variable; empty for a part of an expression
  /// Where that name is known: the object whose method it is in, or what the function is for
  /// ("affine" of affine_forward); empty for the checked function's own.
  std::string scope;
  std::string text;  ///< as the program writes it
  at::Tensor value;  ///< attached to autograd's graph
  std::size_t line = 0;
  std::string iteration;
  bool is_use = false;   ///< one place where a variable is read: its adjoint is that use's share
  std::string consumer;  ///< of a use: the statement that reads it
  bool is_argument = false;  ///< of a function that is called
};

struct Trace {
  std::vector<Write> writes;
  std::map<std::string, std::size_t> entries;  ///< by key: the write of each returned gradient
  c10::IValue output;  ///< the loss of a step, the result of a forward: a tuple of its outputs
  std::vector<std::size_t> output_reads;
  std::vector<ForwardValue> forward;  ///< when followed by autograd
};

struct TraceOptions {
  bool follow = false;          ///< record ForwardValues; run it with autograd enabled
  bool returns_output = false;  ///< what is returned is all output: no (loss, gradients)
  std::size_t last = std::numeric_limits<std::size_t>::max();  ///< stop after that write
  /// Take a copy of all variables before that write.
  std::size_t snapshot_at = std::numeric_limits<std::size_t>::max();
  std::map<std::size_t, at::Tensor> overrides;  ///< the value to go on with, by index of the write
};

}  // namespace gradient_check
