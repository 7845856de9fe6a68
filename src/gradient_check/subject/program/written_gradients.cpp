#include "gradient_check/subject/program/written_gradients.h"

#include <algorithm>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/subject/program/forward_of_step.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

std::string text_in(const ast::Expression& expression) {
  const auto* constant = expression.as<ast::Constant>();
  const auto* text = constant ? std::get_if<std::string>(&constant->value) : nullptr;
  return text ? *text : "";
}

/// The assignments of a function, in the order of writing.
class Assignments {
 public:
  Assignments(const ast::Module& module, const std::string& function) {
    const ast::StatementPtr found = function_named(module, function);
    if (found)
      for (const auto& statement : found->as<ast::FunctionDef>()->body) add(statement);
  }

  const ast::Expression* returned() const { return returned_.get(); }
  python::Span place_of(const ast::Expression& value) const {
    const auto* name = value.as<ast::Name>();
    if (!name) return value.span;
    const auto found = latest_.find(name->id);
    return found == latest_.end() ? value.span : found->second->span;
  }
  std::map<std::string, python::Span> entries() const {
    std::map<std::string, python::Span> places;
    if (returned_) add_entries(*returned_, places);
    return places;
  }

 private:
  void add(const ast::StatementPtr& statement) {
    if (statement->as<ast::FunctionDef>() || statement->as<ast::ClassDef>()) return;
    if (const auto* assign = statement->as<ast::Assign>())
      for (const auto& target : assign->targets) assigned(*target, assign->value);
    if (const auto* annotated = statement->as<ast::AnnAssign>(); annotated && annotated->value)
      assigned(*annotated->target, annotated->value);
    if (const auto* result = statement->as<ast::Return>(); result && result->value)
      returned_ = result->value;
    ast::for_each_child(*statement, [&](const auto& child) {
      if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::StatementPtr>) add(child);
    });
  }

  void assigned(const ast::Expression& target, const ast::ExpressionPtr& value) {
    if (const auto* name = target.as<ast::Name>()) latest_[name->id] = value;
    const auto* entry = target.as<ast::Subscript>();
    const auto* of = entry ? entry->value->as<ast::Name>() : nullptr;
    if (of && !text_in(*entry->slice).empty()) set_[of->id][text_in(*entry->slice)] = value;
    const auto* targets = target.as<ast::Tuple>();
    const auto* values = value->as<ast::Tuple>();
    for (std::size_t i = 0; targets && i < targets->elts.size(); ++i)
      assigned(*targets->elts[i],
               values && values->elts.size() == targets->elts.size() ? values->elts[i] : value);
  }

  void add_entries(const ast::Expression& dictionary,
                   std::map<std::string, python::Span>& places) const {
    if (const auto* tuple = dictionary.as<ast::Tuple>(); tuple && !tuple->elts.empty())
      return add_entries(*tuple->elts.back(), places);
    if (const auto* name = dictionary.as<ast::Name>()) {
      if (const auto made = latest_.find(name->id);
          made != latest_.end() && !made->second->as<ast::Name>())
        add_entries(*made->second, places);
      if (const auto set = set_.find(name->id); set != set_.end())
        for (const auto& [key, value] : set->second) places[key] = place_of(*value);
      return;
    }
    if (const auto* literal = dictionary.as<ast::Dict>())
      for (const ast::DictItem& item : literal->items)
        if (item.key && !text_in(*item.key).empty())
          places[text_in(*item.key)] = place_of(*item.value);
    const auto* call = dictionary.as<ast::Call>();
    const auto* callee = call ? call->func->as<ast::Name>() : nullptr;
    if (callee && callee->id == "dict")
      for (const ast::Keyword& keyword : call->keywords)
        if (keyword.arg) places[*keyword.arg] = place_of(*keyword.value);
  }

  std::map<std::string, ast::ExpressionPtr> latest_;                      ///< by variable
  std::map<std::string, std::map<std::string, ast::ExpressionPtr>> set_;  ///< grads["w"] = …
  ast::ExpressionPtr returned_;
};

}  // namespace

std::map<std::string, python::Span> written_gradients(const ast::Module& module,
                                                      const std::string& function) {
  return Assignments(module, function).entries();
}

python::Span written_result(const ast::Module& module, const std::string& function) {
  const Assignments assignments(module, function);
  const ast::Expression* result = assignments.returned();
  if (!result) return {};
  const auto* tuple = result->as<ast::Tuple>();
  if (tuple && !tuple->elts.empty()) result = tuple->elts.front().get();
  return assignments.place_of(*result);
}

std::vector<std::string> written_names(const ast::Module& module, const std::string& function) {
  const Assignments assignments(module, function);
  const ast::Expression* result = assignments.returned();
  const auto* tuple = result ? result->as<ast::Tuple>() : nullptr;
  const auto* list = result ? result->as<ast::List>() : nullptr;
  std::vector<std::string> names;
  if (!tuple && !list) return names;
  for (const auto& part : tuple ? tuple->elts : list->elts) {
    const auto* name = part->as<ast::Name>();
    names.push_back(name ? name->id : "output " + std::to_string(names.size()));
  }
  return names;
}

std::vector<python::Span> written_parts(const ast::Module& module, const std::string& function) {
  const Assignments assignments(module, function);
  const ast::Expression* result = assignments.returned();
  if (!result) return {};
  const auto* tuple = result->as<ast::Tuple>();
  const auto* list = result->as<ast::List>();
  if (!tuple && !list) return {assignments.place_of(*result)};
  std::vector<python::Span> parts;
  for (const auto& part : tuple ? tuple->elts : list->elts)
    parts.push_back(assignments.place_of(*part));
  return parts;
}

python::Span written_member(const ast::Module& module, const std::string& function,
                            const std::vector<std::string>& names) {
  const ast::StatementPtr definition = function_named(module, function);
  python::Span found;
  const auto is_one = [&](const ast::Expression& target) {
    const auto* attribute = target.as<ast::Attribute>();
    const auto* entry = target.as<ast::Subscript>();
    std::string name = attribute ? attribute->attr : entry ? text_in(*entry->slice) : "";
    if (attribute && (name == "grad" || name == "g")) {  // of W.grad it is W
      const auto* owner = attribute->value->as<ast::Attribute>();
      const auto* variable = attribute->value->as<ast::Name>();
      if (owner || variable) name = owner ? owner->attr : variable->id;
    }
    return !name.empty() && std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto visit = [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::StatementPtr>) {
      if (const auto* assign = node->template as<ast::Assign>())
        for (const auto& target : assign->targets) {
          if (is_one(*target)) found = assign->value->span;
          if (const auto* tuple = target->template as<ast::Tuple>())
            for (const auto& element : tuple->elts)
              if (is_one(*element)) found = assign->value->span;
        }
      if (const auto* augmented = node->template as<ast::AugAssign>())
        if (is_one(*augmented->target)) found = augmented->value->span;
    }
  };
  if (definition) ast::for_each_node(definition, visit);
  return found;
}

}  // namespace gradient_check
