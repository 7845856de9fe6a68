#include <algorithm>
#include <functional>

#include "diagnosis/mutations.h"

namespace gradient_check {
namespace {

using Names = std::set<std::string>;
using Block = std::vector<Statement>;

std::string unquoted(const std::string& literal) {
  return literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : literal;
}

const FunctionSyntax* find(const std::vector<FunctionSyntax>& functions, const std::string& name) {
  for (const FunctionSyntax& function : functions)
    if (function.name == name) return &function;
  return nullptr;
}

/// The dictionary that is returned or assigned, or null.
const Expr* dictionary_of(const Statement& statement) {
  const Expr* value = &without_parens(statement.value);
  if (value->is(ExprKind::tuple) && value->children.size() == 2)
    value = &without_parens(value->children[1]);
  return value->is(ExprKind::dict) ? value : nullptr;
}

/// Splits a step's body in what the loss depends on and what serves only the gradients.
class Slice {
 public:
  explicit Slice(const Block& body) {
    for (std::size_t i = body.size(); i-- > 0;) visit(body[i]);
    std::reverse(backward.begin(), backward.end());
  }
  std::vector<const Statement*> backward;
  Names forward_names;  ///< read by the loss's part, functions too

 private:
  void visit(const Statement& statement) {
    if (statement.kind == StatementKind::result) {
      const Expr& value = without_parens(statement.value);
      need(names_in(value.is(ExprKind::tuple) ? value.children[0] : value));
      backward.push_back(&statement);
      return;
    }
    const std::vector<std::string> written = names_written(statement);
    const bool serves_loss =
        std::any_of(written.begin(), written.end(),
                    [&](const std::string& name) { return needed_.count(name); });
    if (!serves_loss) return backward.push_back(&statement);
    const bool overwrites =
        statement.kind == StatementKind::assign &&
        std::none_of(statement.targets.begin(), statement.targets.end(),
                     [](const Expr& target) { return target.is(ExprKind::subscript); });
    if (overwrites)
      for (const std::string& name : written) needed_.erase(name);
    need(names_in(statement));
  }
  void need(const std::vector<std::string>& names) {
    needed_.insert(names.begin(), names.end());
    forward_names.insert(names.begin(), names.end());
  }
  Names needed_;
};

class SiteFinder {
 public:
  SiteFinder(const std::string& text, const std::vector<FunctionSyntax>& functions,
             const ProgramFacts& facts)
      : text_(text), functions_(functions), facts_(facts) {}

  std::vector<MutationSite> find_all() {
    const FunctionSyntax* step = find(functions_, "step");
    const FunctionSyntax* manual = step ? step : find(functions_, "backward");
    if (!manual) return {};
    Names forward;
    if (step) {
      const Slice slice(step->body);
      for (const Statement* statement : slice.backward) visit(*statement);
      forward = slice.forward_names;
    } else {
      for (const Statement& statement : manual->body) visit(statement);
      forward = {"forward"};
    }
    note_returned();
    add_readers();
    add_helpers(closure(forward));
    return std::move(sites_);
  }

 private:
  void visit(const Statement& statement) {
    for (const Statement& inner : statement.body) visit(inner);
    for (const Statement& inner : statement.otherwise) visit(inner);
    using S = StatementKind;
    if (const Expr* dict = dictionary_of(statement)) {
      for (std::size_t i = 0; i + 1 < dict->children.size(); i += 2)
        add(statement, dict->children[i + 1], unquoted(dict->children[i].text)).is_entry = true;
    } else if (statement.kind == S::assign || statement.kind == S::annotate ||
               statement.kind == S::augment) {
      const Expr& target = statement.targets[0];
      const bool entry = target.is(ExprKind::subscript) && target.children.size() == 2 &&
                         target.children[1].is(ExprKind::string);
      add(statement, statement.value,
          entry ? unquoted(target.children[1].text) : names_written(statement)[0])
          .is_entry = entry;
    } else if (statement.kind == S::expression && statement.value.is(ExprKind::call)) {
      in_place(statement);
    } else if (statement.kind == S::result && helper_) {
      add(statement, statement.value, helper_->name);
    }
  }

  /// x.add_(…): its arguments.
  void in_place(const Statement& statement) {
    const std::vector<std::string> written = names_written(statement);
    const auto& children = statement.value.children;
    for (std::size_t i = 1; i < children.size() && !written.empty(); ++i)
      add(statement, children[i], written[0]).is_whole = i + 1 == children.size();
  }

  MutationSite& add(const Statement& statement, const Expr& value, const std::string& subject) {
    MutationSite site;
    site.value = &value;
    site.statement = &statement;
    site.subject = subject;
    site.line = line_at(text_, value.span.begin);
    site.lines = {site.line, statement.line};
    if (statement.kind == StatementKind::result) site.lines = {site.line};
    if (const auto seen = facts_.visible.find(statement.span.begin); seen != facts_.visible.end())
      site.visible = seen->second;
    sites_.push_back(std::move(site));
    return sites_.back();
  }

  void note_returned() {
    Names returned;
    for (const MutationSite& site : sites_)
      if (site.is_entry && site.value->is(ExprKind::name)) returned.insert(site.value->text);
    for (MutationSite& site : sites_) site.returned = returned;
  }

  /// A number, a mask or a list cannot be compared: what reads it shows the mistake.
  void add_readers() {
    for (MutationSite& site : sites_) {
      const auto tensors = facts_.written.find(site.statement->span.begin);
      if (site.is_entry || tensors == facts_.written.end() || tensors->second.count(site.subject))
        continue;
      for (const std::string& name : names_written(*site.statement))
        for (const MutationSite& reader : sites_)
          if (reads(reader, name)) site.lines.insert(reader.lines.begin(), reader.lines.end());
    }
  }

  static bool reads(const MutationSite& site, const std::string& name) {
    const std::vector<std::string> names = names_in(*site.value);
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  /// The names, and those in the functions among them, and so on.
  Names closure(Names names) const {
    for (std::size_t before = 0; before != names.size();) {
      before = names.size();
      for (const FunctionSyntax& function : functions_)
        if (names.count(function.name))
          for (const Statement& statement : function.body)
            for (const std::string& name : names_in(statement)) names.insert(name);
    }
    return names;
  }

  void add_helpers(const Names& forward) {
    const std::vector<MutationSite> calls = sites_;
    for (const FunctionSyntax& function : functions_) {
      const bool is_root =
          function.name == "step" || function.name == "backward" || function.name == "forward";
      if (is_root || forward.count(function.name)) continue;
      std::set<std::size_t> lines;
      for (const MutationSite& site : calls) {
        const std::vector<std::string> names = names_in(*site.value);
        if (closure({names.begin(), names.end()}).count(function.name))
          lines.insert(site.lines.begin(), site.lines.end());
      }
      if (!lines.empty()) add_helper(function, lines);
    }
  }

  void add_helper(const FunctionSyntax& function, const std::set<std::size_t>& lines) {
    helper_ = &function;
    const std::size_t first = sites_.size();
    for (const Statement& statement : function.body) visit(statement);
    Shapes visible;
    for (const std::string& name : function.arguments) visible[name] = {};
    for (std::size_t i = first; i < sites_.size(); ++i) {
      sites_[i].shapes_known = false;
      sites_[i].visible = visible;
      sites_[i].lines = lines;
      if (sites_[i].statement->kind == StatementKind::assign) visible[sites_[i].subject] = {};
    }
    helper_ = nullptr;
  }

  const std::string& text_;
  const std::vector<FunctionSyntax>& functions_;
  const ProgramFacts& facts_;
  const FunctionSyntax* helper_ = nullptr;  ///< the one that is visited
  std::vector<MutationSite> sites_;
};

}  // namespace

std::vector<MutationSite> mutation_sites(const std::string& text,
                                         const std::vector<FunctionSyntax>& functions,
                                         const ProgramFacts& facts) {
  return SiteFinder(text, functions, facts).find_all();
}

}  // namespace gradient_check
