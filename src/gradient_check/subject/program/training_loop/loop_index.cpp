#include "gradient_check/subject/program/training_loop/loop_index.h"

#include <type_traits>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check {

namespace ast = python::ast;

namespace {

/// The smallest statements that hold the nodes.
void find_statements(const ast::StatementPtr& statement, const std::vector<python::Span>& spans,
                     std::set<ast::NodeId>& found) {
  for (const python::Span& span : spans) {
    if (span.begin < statement->span.begin || span.end > statement->span.end) continue;
    bool inside_child = false;
    ast::for_each_child(*statement, [&](const auto& child) {
      if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::StatementPtr>)
        inside_child |= child->span.begin <= span.begin && span.end <= child->span.end;
    });
    if (!inside_child) found.insert(statement->id);
  }
  ast::for_each_child(*statement, [&](const auto& child) {
    if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::StatementPtr>)
      find_statements(child, spans, found);
  });
}

}  // namespace

const std::vector<ast::StatementPtr>& LoopIndex::Loop::body() const {
  if (const auto* each = statement->as<ast::For>()) return each->body;
  return statement->as<ast::While>()->body;
}

LoopIndex::LoopIndex(const ast::Module& tree) : tree_(tree) {
  for (const ast::StatementPtr& statement : tree.body) {
    visit(statement, nullptr);
    ast::for_each_node(statement, [&](const auto& node) {
      if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>) {
        const auto* attribute = node->template as<ast::Attribute>();
        uses_autograd_ |=
            attribute && (attribute->attr == "backward" || attribute->attr == "requires_grad_" ||
                          attribute->attr == "requires_grad");
        if (const auto* call = node->template as<ast::Call>())
          for (const ast::Keyword& keyword : call->keywords)
            uses_autograd_ |= keyword.arg == "requires_grad";
      }
    });
  }
}

void LoopIndex::note_target(const ast::ExpressionPtr& target, const ast::Statement& by) {
  assignments_[target->id] = &by;
  const auto* attribute = target->as<ast::Attribute>();
  assigns_grad_ |= attribute && attribute->attr == "grad" &&
                   !(by.as<ast::Assign>() && by.as<ast::Assign>()->value->as<ast::Constant>());
  if (const auto* tuple = target->as<ast::Tuple>())
    for (const auto& element : tuple->elts) note_target(element, by);
}

void LoopIndex::visit(const ast::StatementPtr& statement, const ast::StatementPtr& function) {
  if (statement->as<ast::For>() || statement->as<ast::While>())
    loops_.push_back({statement, function});
  if (const auto* assign = statement->as<ast::Assign>())
    for (const auto& target : assign->targets) note_target(target, *statement);
  if (const auto* augmented = statement->as<ast::AugAssign>())
    note_target(augmented->target, *statement);
  if (const auto* annotated = statement->as<ast::AnnAssign>())
    note_target(annotated->target, *statement);
  const ast::StatementPtr& inner = statement->as<ast::FunctionDef>() ? statement : function;
  ast::for_each_child(*statement, [&](const auto& child) {
    if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::StatementPtr>)
      visit(child, inner);
  });
}

const LoopIndex::Loop* LoopIndex::loop(ast::NodeId id) const {
  for (const Loop& loop : loops_)
    if (loop.statement->id == id) return &loop;
  return nullptr;
}

std::vector<ast::NodeId> LoopIndex::running(const python::Frame& innermost) const {
  std::vector<ast::NodeId> ids;
  for (const python::Frame* frame = &innermost; frame; frame = frame->caller) {
    if (frame->code.tree.source != tree_.source || !frame->at) continue;
    const std::uint32_t at = frame->at->span.begin;
    const auto first = ids.size();
    for (const Loop& loop : loops_) {
      if (loop.body().empty()) continue;
      const bool same_scope =
          loop.function ? frame->scope.body == &loop.function->as<ast::FunctionDef>()->body
                        : frame->scope.owner == python::Scope::Owner::module;
      if (same_scope && loop.body().front()->span.begin <= at && at < loop.body().back()->span.end)
        ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(first), loop.statement->id);
    }
  }
  return ids;
}

const ast::Statement* LoopIndex::assignment_to(ast::NodeId target) const {
  const auto found = assignments_.find(target);
  return found == assignments_.end() ? nullptr : found->second;
}

std::set<ast::NodeId> LoopIndex::statements_with(const std::vector<python::Span>& spans) const {
  std::set<ast::NodeId> found;
  for (const ast::StatementPtr& statement : tree_.body) find_statements(statement, spans, found);
  return found;
}

}  // namespace gradient_check
