#include "gradient_check/python/runtime/program.h"

#include <algorithm>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
std::string message_of(Interpreter& interpreter, const Raised& raised) {
  const Value exception = interpreter.exception_of(raised);
  const std::string message = str(interpreter, exception);
  return exception.as<Instance>().of->name + (message.empty() ? "" : ": " + message);
}

std::string describe(Interpreter& interpreter, const Raised& raised) {
  std::string place;
  if (!raised.trace.empty() && raised.trace.front().source)
    place = raised.trace.front().source->describe(raised.trace.front().span.begin) + ": ";
  return place + message_of(interpreter, raised);
}

Program::Program(const ast::Module& tree, Observer* observer, WidenedTypes widened,
                 std::optional<ProgramFiles> files)
    : interpreter_(std::make_unique<Interpreter>(Limits{}, widened)),
      module_(make<Module>(interpreter_->heap, "__main__")),
      code_(interpreter_->prepare(tree, *module_)) {
  for (const auto& [name, module] : {std::pair{"torch", "torch"}, std::pair{"math", "math"},
                                     std::pair{"F", "torch.nn.functional"}})
    module_->set(name, interpreter_->import_module(module));
  interpreter_->files = files ? *files : ProgramFiles::beside(tree.source->label());
  interpreter_->observer = observer;
  reported([&] { interpreter_->run(*code_); });
}

Value Program::variable(const std::string& name) { return module_->get(*interpreter_, name); }

Value Program::call(const std::string& function, const Tensors& tensors) {
  return reported([&] {
    const Value callee = variable(function);
    if (!callee.is(Kind::function))
      raise(ErrorKind::NameError, "name '{}' is not defined", function);
    std::vector<Value> values, names;
    for (const auto& parameter : *callee.as<Function>().scope.parameters) {
      const auto given = std::find_if(tensors.begin(), tensors.end(), [&](const auto& tensor) {
        return tensor.first == parameter.name;
      });
      if (given == tensors.end()) continue;
      values.push_back(value_of(given->second));
      names.push_back(Value::string(parameter.name));
    }
    return python::call(*interpreter_, callee,
                        {values.data(), values.size(), names.data(), names.size()});
  });
}

Program::Tensors named_tensors(const Value& dictionary) {
  const Dict* dict = dictionary.get_if<Dict>();
  if (!dict) throw ProgramError("a dictionary {\"name\": gradient} was expected", {});
  Program::Tensors tensors;
  for (const auto& entry : dict->table.entries())
    if (entry.key.is(Kind::string) && entry.value.is(Kind::tensor))
      tensors.emplace_back(text_of(entry.key), tensor_of(entry.value));
  return tensors;
}

}  // namespace gradient_check::python
