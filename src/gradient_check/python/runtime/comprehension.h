#pragma once

#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"

namespace gradient_check::python {

namespace comprehension_detail {

template <typename Body>
void run_from(Frame& frame, const std::vector<ast::Comprehension>& generators, std::size_t level,
              const Body& body) {
  const ast::Comprehension& generator = generators[level];
  const Value iterable = evaluate(frame, *generator.iter);
  frame.at = generator.iter.get();
  const Ref<Iterator> iterator = iterate(frame.interpreter, iterable);
  Value element;
  while (iterator->next(frame.interpreter, element)) {
    frame.interpreter.count_step();
    assign(frame, *generator.target, std::move(element));
    bool wanted = true;
    for (const auto& condition : generator.ifs)
      wanted = wanted && truth(frame.interpreter, evaluate(frame, *condition));
    if (!wanted) continue;
    if (level + 1 < generators.size())
      run_from(frame, generators, level + 1, body);
    else
      body();
    frame.at = generator.iter.get();
  }
}

}  // namespace comprehension_detail

/// Runs `body` for each element of a list, set or dict comprehension. Its variables are slots of
/// the frame that only it uses.
template <typename Body>
void run_comprehension(Frame& frame, const ast::Expression& node,
                       const std::vector<ast::Comprehension>& generators, const Body& body) {
  const auto& fresh = frame.code.scopes.fresh_cells;
  if (!fresh.empty())
    if (const auto found = fresh.find(node.id); found != fresh.end())
      for (const std::uint32_t slot : found->second)
        frame.slots[slot] = make<Cell>(frame.interpreter.heap);
  comprehension_detail::run_from(frame, generators, 0, body);
}

}  // namespace gradient_check::python
