#pragma once

#include "gradient_check/python/runtime/observer.h"

namespace gradient_check {

/// Two observers of one run: a loop's own, and one that watches the loop from outside, which may be
/// null. What the own one leaves out the other is not told.
class WatchedRun : public python::Observer {
 public:
  WatchedRun(python::Observer& own, python::Observer* outside) : own_(own), outside_(outside) {}

  bool statement(python::Frame& frame, const python::ast::Statement& next) override {
    return own_.statement(frame, next) || (outside_ && outside_->statement(frame, next));
  }
  void executed(python::Frame& frame, const python::ast::Statement& done) override {
    if (outside_) outside_->executed(frame, done);
    own_.executed(frame, done);
  }
  bool instead(python::Frame& frame, const python::ast::Expression& expression,
               python::Value& value) override {
    return own_.instead(frame, expression, value) ||
           (outside_ && outside_->instead(frame, expression, value));
  }
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override {
    if (outside_) outside_->evaluated(frame, expression, value);
    own_.evaluated(frame, expression, value);
  }
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override {
    if (outside_) outside_->assigned(frame, target, value);
    own_.assigned(frame, target, value);
  }
  void called(python::Frame& frame, const python::ast::Expression& call,
              const python::Value& callee, const python::Arguments& arguments) override {
    if (outside_) outside_->called(frame, call, callee, arguments);
    own_.called(frame, call, callee, arguments);
  }

 private:
  python::Observer& own_;
  python::Observer* outside_;
};

}  // namespace gradient_check
