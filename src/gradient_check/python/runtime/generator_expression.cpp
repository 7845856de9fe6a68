#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/generator.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/stack_guard.h"

namespace gradient_check::python {
namespace {

/// One iterator for each `for`, advanced from the innermost.
class GeneratorExpression : public Iterator {
 public:
  GeneratorExpression(Frame& outer, const ast::Expression& node, Ref<Iterator> first)
      : Iterator(outer.interpreter.heap),
        form_(*node.as<ast::GeneratorExp>()),
        code_(outer.code.shared_from_this()),
        scope_(*outer.code.scopes.of_node[node.id]),
        slots_(scope_.variables.size()),
        frame_{outer.interpreter, *code_, scope_, slots_.data()} {
    for (const auto& free : scope_.free) slots_[free.own] = outer.slots[free.outer];
    for (const std::uint32_t cell : scope_.cells) slots_[cell] = make<Cell>(*heap);
    iterators_.push_back(std::move(first));
  }
  void surrender(Condemned& condemned) override {
    for (Value& slot : slots_) slot.surrender(condemned);
    iterators_.clear();
  }
  const char* type_name() const override { return "generator"; }

  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    if (iterators_.empty()) return false;
    const FrameGuard guard(interpreter, frame_);
    try {
      return advance(interpreter, element);
    } catch (Raised& raised) {
      note_place(raised, frame_);
      iterators_.clear();
      throw;
    }
  }

 private:
  bool advance(Interpreter& interpreter, Value& element) {
    Value item;
    while (true) {
      interpreter.count_step();
      if (!iterators_.back()->next(interpreter, item)) {
        iterators_.pop_back();
        if (iterators_.empty()) return false;
        continue;
      }
      const auto& generator = form_.generators[iterators_.size() - 1];
      assign(frame_, *generator.target, std::move(item));
      if (!accepts(interpreter, generator)) continue;
      if (iterators_.size() == form_.generators.size()) {
        element = evaluate(frame_, *form_.elt);
        return true;
      }
      const auto& inner = form_.generators[iterators_.size()];
      iterators_.push_back(iterate(interpreter, evaluate(frame_, *inner.iter)));
    }
  }
  bool accepts(Interpreter& interpreter, const ast::Comprehension& generator) {
    for (const auto& condition : generator.ifs)
      if (!truth(interpreter, evaluate(frame_, *condition))) return false;
    return true;
  }

  const ast::GeneratorExp& form_;
  std::shared_ptr<const Code> code_;
  const Scope& scope_;
  std::vector<Value> slots_;
  Frame frame_;
  std::vector<Ref<Iterator>> iterators_;
};

}  // namespace

Value make_generator_expression(Frame& frame, const ast::Expression& node, Ref<Iterator> first) {
  return make<GeneratorExpression>(frame, node, std::move(first));
}

}  // namespace gradient_check::python
