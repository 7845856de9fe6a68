#include <algorithm>
#include <cctype>

#include "gradient_check/diagnosis/blame/trial.h"

namespace gradient_check {

const FunctionSyntax* Trial::helper_of(const std::vector<Edit>& edits) const {
  const std::size_t begin = manual_.writes[chain_.back()].statement->span.begin;
  for (const FunctionSyntax& function : program_.functions())
    if ((begin < function.span.begin || begin >= function.span.end) && !edits.empty() &&
        std::all_of(edits.begin(), edits.end(), [&](const Edit& edit) {
          return edit.span.begin >= function.span.begin && edit.span.end <= function.span.end;
        }))
      return &function;
  return nullptr;
}

at::Tensor Trial::run_with_helper(const FunctionSyntax& helper,
                                  const std::vector<Edit>& edits) const {
  const std::string renamed = "__edited_" + helper.name;
  std::vector<Edit> moved = edits;
  for (Edit& edit : moved) {
    edit.span.begin -= helper.span.begin;
    edit.span.end -= helper.span.begin;
  }
  const auto renamed_calls = [&](std::string text) {
    for (std::size_t at = text.find(helper.name + "("); at != std::string::npos;
         at = text.find(helper.name + "(", at + renamed.size())) {
      const char before = at == 0 ? ' ' : text[at - 1];
      if (std::isalnum(static_cast<unsigned char>(before)) != 0 || before == '_' || before == '.')
        continue;
      text.replace(at, helper.name.size(), renamed);
    }
    return text;
  };
  const std::string prelude =
      renamed_calls(edited(
          program_.text().substr(helper.span.begin, helper.span.end - helper.span.begin), moved)) +
      "\n\n";
  return tensor_or_none(
      program_.runner()
          .run(renamed_calls(body({})), "    ", names_, {goal_}, environment_, prelude)
          .at(0));
}

at::Tensor Trial::value_in_helper(const HelperScope& scope, const Edit& edit, double k) {
  auto& known = evaluated_in_[&scope];
  const auto value_of = [&](const std::string& text) {
    const auto [found, is_new] = known.try_emplace(text);
    if (is_new) found->second = scope.evaluate(text);
    return found->second;
  };
  try {
    Edit replaced = edit;
    at::Tensor value;
    if (edit.recipe != Recipe::compile) {
      const std::string text =
          program_.text().substr(edit.node.begin, edit.node.end - edit.node.begin);
      value = filled(edit, value_of(text), value_of(edit.operand));
      if (!value.defined()) return {};
      replaced = Edit();
      replaced.span = edit.node;
      replaced.replacement = "__hole";
    }
    value = scope.value_with({replaced}, k, value);
    for (const HelperScope* at = &scope; value.defined(); at = at->parent()) {
      Edit returned;
      returned.span = at->call();
      returned.replacement = "__hole";
      if (!at->parent()) return run_chain(program_.runner(), {returned}, 1, {{"__hole", value}});
      value = at->parent()->value_with({returned}, 1, value);
    }
  } catch (const std::exception&) {
  }
  return {};
}

}  // namespace gradient_check
