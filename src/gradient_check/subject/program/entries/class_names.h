#pragma once

#include <set>
#include <string>
#include <vector>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// A class of a program's top level, as its text has it.
struct ProgramClass {
  std::string name;
  bool is_function = false;        ///< derived from torch.autograd.Function
  std::set<std::string> methods;   ///< its own, and those of the program's classes it derives from
  std::set<std::string> abstract;  ///< of these, which only raise or pass
  bool has(const std::string& method) const {
    return methods.contains(method) && !abstract.contains(method);
  }
};

/// In the order of writing.
std::vector<ProgramClass> classes_of(const python::ast::Module& program);

}  // namespace gradient_check
