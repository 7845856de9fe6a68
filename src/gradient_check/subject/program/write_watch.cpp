#include "gradient_check/subject/program/write_watch.h"

#include "gradient_check/python/runtime/code.h"
#include "gradient_check/subject/equal_values.h"

namespace gradient_check {

WriteWatch::WriteWatch(const at::Tensor& watched, const python::ast::Module& tree)
    : watched_(watched), before_(watched.detach().clone()), tree_(tree) {}

bool WriteWatch::statement(python::Frame& frame, const python::ast::Statement& next) {
  look(current_);
  if (frame.code.tree.source == tree_.source) current_ = next.span;
  return false;
}

void WriteWatch::evaluated(python::Frame& frame, const python::ast::Expression& expression,
                           python::Value&) {
  if (frame.code.tree.source == tree_.source) look(expression.span);
}

std::optional<python::Span> WriteWatch::written() {
  look(current_);
  return found_;
}

void WriteWatch::look(python::Span at) {
  if (!found_ && !equal_values(watched_, before_)) found_ = at;
}

}  // namespace gradient_check
