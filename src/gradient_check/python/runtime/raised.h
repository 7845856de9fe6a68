#pragma once

#include <fmt/format.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/value.h"
#include "gradient_check/python/source/source_text.h"

namespace gradient_check::python {

/// Python's exception classes that exist, each after the one it derives from.
#define GRADIENT_CHECK_PYTHON_ERRORS(X)  \
  X(BaseException, BaseException)        \
  X(Exception, BaseException)            \
  X(KeyboardInterrupt, BaseException)    \
  X(SystemExit, BaseException)           \
  X(GeneratorExit, BaseException)        \
  X(StopIteration, Exception)            \
  X(ArithmeticError, Exception)          \
  X(FloatingPointError, ArithmeticError) \
  X(OverflowError, ArithmeticError)      \
  X(ZeroDivisionError, ArithmeticError)  \
  X(AssertionError, Exception)           \
  X(AttributeError, Exception)           \
  X(BufferError, Exception)              \
  X(EOFError, Exception)                 \
  X(ImportError, Exception)              \
  X(ModuleNotFoundError, ImportError)    \
  X(LookupError, Exception)              \
  X(IndexError, LookupError)             \
  X(KeyError, LookupError)               \
  X(MemoryError, Exception)              \
  X(NameError, Exception)                \
  X(UnboundLocalError, NameError)        \
  X(OSError, Exception)                  \
  X(FileNotFoundError, OSError)          \
  X(ReferenceError, Exception)           \
  X(RuntimeError, Exception)             \
  X(NotImplementedError, RuntimeError)   \
  X(RecursionError, RuntimeError)        \
  X(LinAlgError, RuntimeError)           \
  X(SyntaxError, Exception)              \
  X(TypeError, Exception)                \
  X(ValueError, Exception)               \
  X(UnicodeError, ValueError)            \
  X(AxisError, ValueError)               \
  X(UFuncTypeError, TypeError)           \
  X(Warning, Exception)                  \
  X(DeprecationWarning, Warning)         \
  X(FutureWarning, Warning)              \
  X(RuntimeWarning, Warning)             \
  X(UserWarning, Warning)

enum class ErrorKind {
#define X(name, base) name,
  GRADIENT_CHECK_PYTHON_ERRORS(X)
#undef X
};

/// A place that an exception passed: innermost first.
struct TraceEntry {
  std::string function;
  std::shared_ptr<const SourceText> source;
  Span span;
};

/// A Python exception on its way up. The instance is only made when the program catches it.
struct Raised : std::exception {
  Raised(ErrorKind of, std::string text) : kind(of), message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }

  ErrorKind kind;  ///< of an instance: the nearest of Python's own
  std::string message;
  Value argument;  ///< in place of the message, where that is no str: KeyError's key
  Value instance;
  std::vector<TraceEntry> trace;
};

/// The program went beyond a bound; it cannot catch that.
struct LimitReached : std::exception {
  explicit LimitReached(std::string text) : message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }
  std::string message;
  std::vector<TraceEntry> trace;
};

/// A value that is not here is needed; `variable` is the name that the case could give, if any.
struct UnknownNeeded : LimitReached {
  UnknownNeeded(std::string of, std::string text)
      : LimitReached(std::move(text)), variable(std::move(of)) {}
  std::string variable;
};

[[noreturn]] void raise_text(ErrorKind kind, std::string message);

template <typename... Arguments>
[[noreturn]] void raise(ErrorKind kind, fmt::format_string<Arguments...> format,
                        Arguments&&... arguments) {
  raise_text(kind, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
[[noreturn]] void type_error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  raise_text(ErrorKind::TypeError, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
[[noreturn]] void value_error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  raise_text(ErrorKind::ValueError, fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// The name of an exception class, and its base's.
const char* error_name(ErrorKind kind);
ErrorKind error_base(ErrorKind kind);
constexpr int error_count = 0
#define X(name, base) +1
    GRADIENT_CHECK_PYTHON_ERRORS(X)
#undef X
    ;

}  // namespace gradient_check::python
