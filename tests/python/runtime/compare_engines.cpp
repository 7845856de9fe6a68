// Runs the programs of case files by the evaluator and by the engine in use, and compares outputs
// and manual gradients bit for bit. Usage: compare_engines CASE.json...; with --time also the time
// of a step by both.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstring>

#include "gradient_check/case/case.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/program_subject.h"

namespace {

using namespace gradient_check;

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  const at::Tensor x = a.detach().resolve_conj().resolve_neg().contiguous();
  const at::Tensor y = b.detach().resolve_conj().resolve_neg().contiguous();
  return std::memcmp(x.data_ptr(), y.data_ptr(), x.nbytes()) == 0;
}

python::Program::Tensors copied(const NamedTensors& tensors) {
  python::Program::Tensors copies;
  for (const auto& [name, tensor] : tensors) copies.emplace_back(name, tensor.clone());
  return copies;
}

NamedTensors values_of(const Case& loaded) {
  NamedTensors values = loaded.inputs;
  for (const auto& [name, tensor] : loaded.parameters) values.set(name, tensor);
  return values;
}

at::Tensor first_output(const python::Value& result) {
  const auto* tuple = result.get_if<python::Tuple>();
  return python::tensor_of(tuple ? tuple->elements.at(0) : result);
}

struct Outcome {
  at::Tensor output, differentiated;
  NamedTensors gradients;
};

NamedTensors cloned(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies.set(name, tensor.clone());
  return copies;
}

Outcome by_engine(const Case& loaded, const at::Tensor& cotangent, Subject& subject) {
  Outcome outcome;
  const NamedTensors values = values_of(loaded);
  at::manual_seed(1);
  {
    EvaluationScope scope(loaded.dtype, true);
    outcome.differentiated = subject.forward(cloned(values));
  }
  if (!subject.has_manual()) return outcome;
  EvaluationScope scope(loaded.dtype);
  at::manual_seed(1);
  const ManualResult manual = subject.manual(cloned(values), cotangent);
  outcome.output = manual.output;
  outcome.gradients = manual.gradients;
  return outcome;
}

Outcome by_evaluator(const Case& loaded, const at::Tensor& cotangent, bool has_manual,
                     python::Program& program) {
  Outcome outcome;
  const NamedTensors values = values_of(loaded);
  const bool is_step = program.variable("step").is_set();
  auto arguments = copied(values);
  const std::string forward = is_step ? "step" : "forward";
  at::manual_seed(1);
  {
    EvaluationScope scope(loaded.dtype, true);
    auto with_cotangent = arguments;
    if (is_step) with_cotangent.emplace_back("grad_output", at::ones({}, loaded.dtype));
    outcome.differentiated = first_output(program.call(forward, with_cotangent));
  }
  if (!has_manual) return outcome;
  EvaluationScope scope(loaded.dtype);
  at::manual_seed(1);
  arguments = copied(values);
  arguments.emplace_back("grad_output", cotangent);
  python::Value gradients;
  if (is_step) {
    const python::Value result = program.call("step", arguments);
    outcome.output = first_output(result);
    gradients = result.as<python::Tuple>().elements.at(1);
  } else {
    outcome.output = first_output(program.call("forward", arguments)).clone();
    gradients = program.call("backward", arguments);
  }
  for (const auto& [name, tensor] : python::named_tensors(gradients))
    outcome.gradients.set(name, tensor);
  return outcome;
}

std::string difference(const Outcome& a, const Outcome& b) {
  if (!same_bits(a.differentiated, b.differentiated)) return "forward differs";
  if (!same_bits(a.output, b.output)) return "output differs";
  if (a.gradients.size() != b.gradients.size()) return "other gradients are returned";
  for (const auto& [name, gradient] : a.gradients)
    if (!b.gradients.contains(name) || !same_bits(gradient, b.gradients[name]))
      return "gradient of " + name + " differs";
  return "";
}

template <typename Body>
double microseconds(const Body& body, int times) {
  for (int i = 0; i < times / 10 + 1; ++i) body();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times *
         1e6;
}

std::string compare(const char* path, bool timed) {
  const Case loaded = load_case(path);
  if (!loaded.program) return "no program";
  const auto source =
      std::make_shared<python::SourceText>(loaded.program->label, loaded.program->text);
  std::unique_ptr<Subject> subject;
  at::Tensor cotangent;
  try {
    subject = make_program_subject(loaded);
    EvaluationScope scope(loaded.dtype);
    at::manual_seed(2);
    const at::Tensor output = subject->forward(cloned(values_of(loaded)));
    cotangent = at::randn(output.sizes(), output.scalar_type());
  } catch (const std::exception& error) {
    return std::string("refused by the engine in use: ") + error.what();
  }
  python::Program program(python::parse(source));
  const Outcome expected = by_engine(loaded, cotangent, *subject);
  const Outcome actual = by_evaluator(loaded, cotangent, subject->has_manual(), program);
  if (timed) {
    EvaluationScope scope(loaded.dtype);
    const NamedTensors values = values_of(loaded);
    const python::Program::Tensors named(values.begin(), values.end());
    const std::string manual = program.variable("step").is_set() ? "step" : "backward";
    const double old_time = microseconds([&] { subject->manual(values, cotangent); }, 2000);
    const auto condensed = subject->condensed();
    const double condensed_time = microseconds([&] { condensed->manual(values, cotangent); }, 2000);
    const double new_time = microseconds([&] { program.call(manual, named); }, 2000);
    fmt::print("{}: engine in use {:.1f} us, condensed {:.1f} us, evaluator {:.1f} us\n", path,
               old_time, condensed_time, new_time);
  }
  return difference(expected, actual);
}

}  // namespace

int main(int count, char** arguments) {
  at::set_num_threads(1);
  int equal = 0, refused = 0, all = 0;
  bool timed = false;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--time") == 0) {
      timed = true;
      continue;
    }
    std::string why;
    try {
      why = compare(arguments[i], timed);
    } catch (const std::exception& error) {
      why = std::string("fails: ") + error.what();
    }
    if (why == "no program") continue;
    ++all;
    if (why.empty())
      ++equal;
    else
      fmt::print("{}: {}\n", arguments[i], why.substr(0, 300));
    refused += why.starts_with("refused");
  }
  fmt::print("{} of {} programs equal, {} refused by the engine in use\n", equal, all, refused);
  return equal + refused == all ? 0 : 1;
}
