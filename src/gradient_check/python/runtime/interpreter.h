#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gradient_check/python/runtime/heap.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/observer.h"
#include "gradient_check/python/runtime/program_files.h"

namespace gradient_check::python {

struct TensorState;

/// Bounds of a run; beyond them LimitReached is thrown, or RecursionError raised.
struct Limits {
  std::uint64_t steps = 2'000'000'000;  ///< statements and elements of iterations
  int recursion = 1000;                 ///< calls within calls
  std::size_t text = 64u << 20;         ///< bytes of a str, elements of a list
};

/// Floating types that stand for float64 wherever a program names them: those of `bytes` or more
/// per element. 0: none, every type is what it is called.
struct WidenedTypes {
  std::size_t bytes = 0;
};

/// Runs programs. Owns all that they make; one thread at a time uses it and its values.
class Interpreter {
 public:
  explicit Interpreter(Limits limits = {}, WidenedTypes widened = {});
  ~Interpreter();

  /// Makes a tree ready to run in a module. Throws SyntaxError.
  std::shared_ptr<const Code> prepare(const ast::Module& tree, Module& module);
  /// Runs a module's body.
  void run(const Code& code);

  Heap heap;
  Limits limits;
  const WidenedTypes widened;
  std::uint64_t steps = 0;
  Frame* frame = nullptr;  ///< the innermost
  int depth = 0;
  const char* stack_end = nullptr;  ///< calls raise RecursionError when the stack comes near
  Observer* observer = nullptr;
  std::function<void(std::string_view)> print;  ///< what print() writes; nothing if empty

  Ref<Class> object_class;
  /// What every class has from object where nothing else is written: __setattr__, __repr__, …
  Ref<Dict> object_methods;
  std::array<Ref<Class>, error_count> errors;
  std::map<std::string, Ref<Class>> types;  ///< of built-in values, by name
  Ref<Module> builtins;
  std::shared_ptr<TensorState> tensors;  ///< what runtime/tensor keeps
  ProgramFiles files;                    ///< none unless given
  /// Modules made of such files, by path.
  std::map<std::string, Ref<Module>> modules_beside;
  /// The built-in module of that name, with dots; null if there is none.
  Ref<Module> import_module(const std::string& name);

  /// The module of that name, empty if it was not imported: parts of python/library go there.
  Ref<Module> library_module(const std::string& name);

  /// The class of any value.
  Ref<Class> class_of(const Value& value);
  /// The built-in type of that name, made on first use.
  Ref<Class> type(const std::string& name, Kind kind);
  /// The exception that the program would catch.
  Value exception_of(const Raised& raised);

  void count_step() {
    if (++steps > limits.steps) throw LimitReached("the program takes too many steps");
  }

 private:
  std::map<std::string, Ref<Module>> modules_;
  std::array<Ref<Class>, static_cast<int>(Kind::opaque) + 1> kinds_;
};

/// The name of a value's class, as messages have it.
std::string type_name(const Value& value);

}  // namespace gradient_check::python
