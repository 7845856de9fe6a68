#pragma once

#include "gradient_check/python/runtime/observer.h"

namespace gradient_check {

/// Tells two observers; the second sees what the first has put in place.
class BothObservers : public python::Observer {
 public:
  BothObservers(python::Observer& first, python::Observer& second)
      : first_(first), second_(second) {}

  bool statement(python::Frame& frame, const python::ast::Statement& next) override {
    return first_.statement(frame, next) || second_.statement(frame, next);
  }
  void executed(python::Frame& frame, const python::ast::Statement& done) override {
    first_.executed(frame, done);
    second_.executed(frame, done);
  }
  bool instead(python::Frame& frame, const python::ast::Expression& expression,
               python::Value& value) override {
    return first_.instead(frame, expression, value) || second_.instead(frame, expression, value);
  }
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override {
    first_.evaluated(frame, expression, value);
    second_.evaluated(frame, expression, value);
  }
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override {
    first_.assigned(frame, target, value);
    second_.assigned(frame, target, value);
  }
  void called(python::Frame& frame, const python::ast::Expression& call,
              const python::Value& callee, const python::Arguments& arguments) override {
    first_.called(frame, call, callee, arguments);
    second_.called(frame, call, callee, arguments);
  }

 private:
  python::Observer &first_, &second_;
};

}  // namespace gradient_check
