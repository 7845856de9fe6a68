#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

Value functools_reduce(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("reduce", "function, iterable, initial=, /", arguments);
  const Ref<Iterator> iterator = iterate(interpreter, parameters[1]);
  Value result = parameters[2], element;
  if (!result.is_set() && !iterator->next(interpreter, result))
    type_error("reduce() of empty iterable with no initial value");
  while (iterator->next(interpreter, element)) {
    interpreter.count_step();
    result = call(interpreter, parameters[0], {result, element});
  }
  return result;
}

struct Partial : Opaque {
  explicit Partial(const Arguments& arguments)
      : values(arguments.values, arguments.values + arguments.positional()) {
    for (std::size_t k = 0; k < arguments.keywords; ++k) {
      names.push_back(arguments.names[k]);
      named.push_back(arguments.named(k));
    }
  }
  void surrender(Condemned& condemned) override {
    for (auto* group : {&values, &named})
      for (Value& value : *group) value.surrender(condemned);
  }
  const char* type_name() const override { return "functools.partial"; }
  Value call(Interpreter& interpreter, const Arguments& arguments) override {
    std::vector<Value> all(values.begin() + 1, values.end()), all_names;
    all.insert(all.end(), arguments.values, arguments.values + arguments.positional());
    for (std::size_t i = 0; i < names.size(); ++i) {
      bool is_overridden = false;
      for (std::size_t k = 0; k < arguments.keywords; ++k)
        is_overridden = is_overridden || arguments.name(k) == text_of(names[i]);
      if (is_overridden) continue;
      all.push_back(named[i]);
      all_names.push_back(names[i]);
    }
    for (std::size_t k = 0; k < arguments.keywords; ++k) {
      all.push_back(arguments.named(k));
      all_names.push_back(arguments.names[k]);
    }
    return python::call(interpreter, values[0],
                        {all.data(), all.size(), all_names.data(), all_names.size()});
  }
  Value attribute(Interpreter& interpreter, const Text& name) override {
    if (name.text == "func") return values[0];
    if (name.text == "args")
      return make<Tuple>(std::vector<Value>(values.begin() + 1, values.end()));
    if (name.text != "keywords") return {};
    auto keywords = make<Dict>(interpreter.heap);
    for (std::size_t i = 0; i < names.size(); ++i) keywords->set(names[i].as<Text>(), named[i]);
    return keywords;
  }
  std::vector<Value> values, names, named;
};

Value functools_partial(Interpreter&, const Arguments& arguments) {
  if (arguments.positional() == 0) type_error("type 'partial' takes at least one argument");
  return make<Partial>(arguments);
}

constexpr NativeRow functools_rows[] = {{"partial", functools_partial},
                                        {"reduce", functools_reduce}};

}  // namespace

void fill_functools(Interpreter&, Module& module) { add_functions(module, functools_rows); }

}  // namespace gradient_check::python
