#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/observer.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// Finds the first expression or statement of a program after which a tensor has other values.
class WriteWatch : public python::Observer {
 public:
  WriteWatch(const at::Tensor& watched, const python::ast::Module& tree);

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;
  /// Where the tensor was written to, asked when the run has ended.
  std::optional<python::Span> written();

 private:
  void look(python::Span at);

  at::Tensor watched_, before_;
  const python::ast::Module& tree_;
  python::Span current_;  ///< the statement that is running
  std::optional<python::Span> found_;
};

/// While it lives, a program is observed.
class ObservedRun {
 public:
  ObservedRun(python::Program& program, python::Observer& observer)
      : interpreter_(program.interpreter()) {
    interpreter_.observer = &observer;
  }
  ~ObservedRun() { interpreter_.observer = nullptr; }
  ObservedRun(const ObservedRun&) = delete;
  ObservedRun& operator=(const ObservedRun&) = delete;

 private:
  python::Interpreter& interpreter_;
};

}  // namespace gradient_check
