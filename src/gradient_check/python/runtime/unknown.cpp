#include "gradient_check/python/runtime/unknown.h"

#include <algorithm>
#include <iterator>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

/// Messages name where a value comes from; nobody reads a longer path.
constexpr std::size_t longest_path = 200;
constexpr int deepest_list = 3;

constexpr const char* quiet_modules[] = {
    "IPython",      "altair",   "bokeh",       "clearml",      "colorama",   "comet_ml",
    "faulthandler", "gc",       "graphviz",    "ipywidgets",   "matplotlib", "mlflow",
    "mpl_toolkits", "neptune",  "pdb",         "plotly",       "pylab",      "rich",
    "seaborn",      "tabulate", "tensorboard", "tensorboardX", "termcolor",  "torchinfo",
    "torchsummary", "torchviz", "traceback",   "visdom",       "wandb",      "prettytable"};

void need_known(const Value& value, int depth) {
  if (const Unknown* unknown = as_unknown(value)) unknown->needed();
  const List* list = value.get_if<List>();
  const Tuple* tuple = value.get_if<Tuple>();
  if ((!list && !tuple) || depth == 0) return;
  for (const Value& element : list ? list->elements : tuple->elements)
    need_known(element, depth - 1);
}

}  // namespace

Ref<Unknown> Unknown::derived(std::string its_path, bool made) const {
  auto result = make<Unknown>(std::move(its_path), quiet);
  if (!variable.empty() || origin != path) result->origin = origin;
  result->is_made = made;
  result->giver = variable.empty() ? giver : variable;
  return result;
}

Value Unknown::call(Interpreter&, const Arguments&) {
  const bool is_first = !is_made || !variable.empty();
  return derived(subject() + (is_first ? "(…)" : ""), true);
}

Value Unknown::attribute(Interpreter&, const Text& name) {
  if (name.text.starts_with("__") && name.text != "__version__") return {};
  const bool is_told = (!is_made || !variable.empty()) && path.size() < longest_path;
  return derived(subject() + (is_told ? "." + name.text : ""), is_made && !is_told);
}

bool Unknown::needed() const {
  if (variable.empty() && !giver.empty())
    throw UnknownNeeded(giver,
                        fmt::format("the value of {} is needed here; {} comes from {}, a module "
                                    "that is not here: give \"{}\" under \"inputs\"",
                                    path, giver, origin, giver));
  if (variable.empty())
    throw UnknownNeeded(
        "", fmt::format("the value of {} is needed here, and there is no such module: assign it to "
                        "a variable at the top level, and give that variable under \"inputs\"",
                        path));
  throw UnknownNeeded(variable,
                      fmt::format("the value of {} is needed here; it comes from {}, a module that "
                                  "is not here: give \"{}\" under \"inputs\"",
                                  variable, origin, variable));
}

Value Unknown::assigned(const Frame& frame, const std::string& name) const {
  const bool at_top = frame.code.scopes.module == &frame.scope;
  const bool is_own = frame.code.module->is_programs();
  if (!is_own || (is_global && !at_top)) return Value(const_cast<Unknown*>(this));
  auto result = make<Unknown>(path, quiet);
  result->origin = origin;
  result->variable = name;
  result->is_global = at_top;
  result->is_made = is_made;
  return result;
}

Value Unknown::combined(const Value& left, const Value& right) {
  for (const Value* side : {&left, &right}) {
    const Opaque* other = side->get_if<Opaque>();
    if (side->is(Kind::tensor) || (other && other->has_operators() && !other->is_unknown()))
      needed();
  }
  return Value(this);
}

void need_known(const Value* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) need_known(values[i], deepest_list);
}

bool is_quiet_module(const std::string& name) {
  if (name.starts_with("torch.utils.tensorboard")) return true;
  const std::string root = name.substr(0, name.find('.'));
  return std::find(std::begin(quiet_modules), std::end(quiet_modules), root) !=
         std::end(quiet_modules);
}

}  // namespace gradient_check::python
