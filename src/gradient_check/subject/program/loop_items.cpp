#include "gradient_check/subject/program/loop_items.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/unbind.h>

#include <algorithm>

namespace gradient_check {
namespace {

/// What enumerate, zip and reversed make of their arguments' items.
std::vector<c10::IValue> combined(const std::string& name,
                                  std::vector<std::vector<c10::IValue>> columns) {
  if (columns.empty()) throw SyntaxError("nothing to loop over");
  if (name == "reversed") {
    std::reverse(columns[0].begin(), columns[0].end());
    return columns[0];
  }
  std::vector<c10::IValue> rows;
  for (std::size_t i = 0; i < columns[0].size(); ++i) {
    std::vector<c10::IValue> row;
    if (name == "enumerate") row.emplace_back(static_cast<std::int64_t>(i));
    for (const auto& column : columns) {
      if (i >= column.size()) return rows;
      row.push_back(column[i]);
    }
    rows.emplace_back(c10::ivalue::Tuple::create(std::move(row)));
  }
  return rows;
}

}  // namespace

std::vector<c10::IValue> loop_items(const Expr& iterable, const std::string& text,
                                    SnippetRunner& runner, const Environment& environment) {
  const auto text_of = [&](const Expr& expr) {
    return text.substr(expr.span.begin, expr.span.end - expr.span.begin);
  };
  const Expr& call = without_parens(iterable);
  const bool named = call.is(ExprKind::call) && call.children[0].is(ExprKind::name);
  const std::string name = named ? call.children[0].text : "";
  if (name == "range")
    return runner.evaluate("[__i for __i in " + text_of(call) + "]", names_in(call), environment)
        .toListRef()
        .vec();
  if (name == "enumerate" || name == "zip" || name == "reversed") {
    std::vector<std::vector<c10::IValue>> columns;
    for (std::size_t i = 1; i < call.children.size(); ++i)
      columns.push_back(loop_items(call.children[i], text, runner, environment));
    return combined(name, std::move(columns));
  }
  const c10::IValue value = runner.evaluate(text_of(iterable), names_in(iterable), environment);
  if (value.isTensor()) {
    std::vector<c10::IValue> slices;
    for (const at::Tensor& slice : value.toTensor().unbind(0)) slices.emplace_back(slice);
    return slices;
  }
  if (value.isTuple()) return value.toTupleRef().elements().vec();
  return value.toListRef().vec();
}

}  // namespace gradient_check
