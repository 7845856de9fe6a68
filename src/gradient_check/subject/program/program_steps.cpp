#include "gradient_check/subject/program/program_steps.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/program/forward_of_step.h"
#include "gradient_check/subject/program/forward_tracer.h"
#include "gradient_check/subject/program/program_subject.h"
#include "gradient_check/subject/program/write_watch.h"

namespace gradient_check {
namespace {

class ProgramSteps : public StepwiseProgram {
 public:
  explicit ProgramSteps(const ProgramParts& parts)
      : parts_(parts),
        runner_(std::make_shared<SnippetRunner>(parts.program)),
        tree_(parts.program.tree()) {
    take_apart();
  }

  /// `like`, with another text of its manual function.
  ProgramSteps(const ProgramSteps& like, const std::string& text)
      : parts_(like.parts_),
        runner_(like.runner_),
        tree_(python::parse(std::make_shared<python::SourceText>(label(), text))),
        is_edited_(true) {
    take_apart();
  }

  Trace run_manual(const NamedTensors& values, const at::Tensor& grad_output,
                   const TraceOptions& options) const override {
    Tracer tracer(traced(*manual_syntax_), options);
    return tracer.finish(run(tracer, parts_.manual_name, values, grad_output));
  }

  Trace run_forward(const NamedTensors& values, const at::Tensor& grad_output) const override {
    TraceOptions options;
    options.returns_output = forward_syntax_ != manual_syntax_;
    if (!options.returns_output) options.last = last_of_forward(values, grad_output);
    options.follow = true;
    for (const bool uses : {true, false}) {
      try {
        return run_forward(values, grad_output, options, uses);
      } catch (const std::exception&) {
        if (!uses) throw;
      }
    }
    return {};
  }

  const std::string& text() const override { return text_; }
  const std::vector<FunctionSyntax>& functions() const override { return functions_; }

  std::vector<std::string> unary_functions() const override {
    std::vector<std::string> names;
    for (const FunctionSyntax& function : functions_)
      if (function.arguments.size() == 1 && &function != forward_syntax_ &&
          &function != manual_syntax_)
        names.push_back(function.name);
    return names;
  }

  Place place_of(const Span& span) const override {
    const auto begin = text_.begin();
    const auto line = static_cast<std::size_t>(
        std::count(begin, begin + static_cast<std::ptrdiff_t>(span.begin), '\n'));
    const std::size_t newline =
        span.begin == 0 ? std::string::npos : text_.rfind('\n', span.begin - 1);
    const std::size_t start = newline == std::string::npos ? 0 : newline + 1;
    const std::size_t line_end = text_.find('\n', span.begin);
    const std::size_t end = std::min(span.end, line_end);
    return parts_.program.place_at(line + 1, span.begin - start + 1, end - span.begin);
  }

  const std::vector<std::pair<std::string, std::string>>& adjoints() const override {
    return parts_.loaded.adjoints;
  }
  SnippetRunner& runner() const override { return *runner_; }

  std::unique_ptr<StepwiseProgram> with_text(const std::string& text) const override {
    try {
      auto other = std::make_unique<ProgramSteps>(*this, text);
      if (other->frame() == frame() &&
          other->manual_syntax_->arguments == manual_syntax_->arguments)
        return other;
    } catch (const SyntaxError&) {
    } catch (const python::SyntaxError&) {
    }
    return nullptr;
  }

  std::unique_ptr<Subject> edited(const std::string& text, double perturbation) const override {
    Case changed = parts_.loaded;
    changed.program->text = text;
    if (perturbation != 0) changed.parameters = moved(parts_.loaded.parameters, perturbation);
    return make_program_subject(changed);
  }

 private:
  const std::string& label() const { return parts_.program.tree().source->label(); }

  TracedFunction traced(const FunctionSyntax& function) const {
    return {function, function_named(tree_, function.name)->as<python::ast::FunctionDef>()->body,
            text_, label(), parts_.program.gives_arrays()};
  }

  Trace run_forward(const NamedTensors& values, const at::Tensor& grad_output,
                    const TraceOptions& options, bool uses) const {
    ForwardTracer tracer(traced(*forward_syntax_), options, uses);
    python::Value output = run(tracer, parts_.forward_name, values, grad_output);
    if (tracer.output().is_set())
      output = tracer.output();
    else if (!options.returns_output)
      output = output.as<python::Tuple>().elements.at(0);
    Trace followed = tracer.finish(output);
    followed.output = parts_.outputs.joined(parts_.program.tensors_of(output));
    return followed;
  }

  /// Calls a function, observed; what it returns is unset where the observer stops it.
  python::Value run(Tracer& tracer, const std::string& function, const NamedTensors& values,
                    const at::Tensor& grad_output) const {
    const ObservedRun observed(parts_.program.running(), tracer);
    const at::AutoGradMode restored(at::GradMode::is_enabled());
    try {
      return parts_.program.call(callee(function), function, values,
                                 parts_.cotangents.bound(grad_output));
    } catch (const Tracer::Stopped&) {
      return {};
    }
  }

  /// The function as the text has it now; of an edited program that one alone is new.
  python::Value callee(const std::string& name) const {
    python::Program& program = parts_.program.running();
    if (!is_edited_) return program.variable(name);
    python::Value& made = made_[&program];
    if (made.is_set()) return made;
    python::Interpreter& interpreter = program.interpreter();
    const auto module = python::make<python::Module>(interpreter.heap, "__main__");
    for (const auto& [variable, slot] : program.module().slots)
      module->set(variable, program.module().values[slot]);
    python::ast::Module alone = tree_;
    alone.body = {function_named(tree_, name)};
    program.reported([&] { interpreter.run(*interpreter.prepare(alone, *module)); });
    return made = module->get(interpreter, name);
  }

  void take_apart() {
    text_ = tree_.source->text();
    functions_ = outline(tree_);
    forward_syntax_ = &find(parts_.forward_name);
    manual_syntax_ = &find(parts_.manual_name);
  }

  /// All of the text but the body of the manual function.
  std::string frame() const {
    const Span& span = manual_syntax_->span;
    return text_.substr(0, span.begin) + text_.substr(span.end);
  }

  const FunctionSyntax& find(const std::string& name) const {
    for (const FunctionSyntax& function : functions_)
      if (function.name == name) return function;
    throw SyntaxError("no function " + name);
  }

  /// Each element x becomes x (1 + perturbation · n), n normal.
  static NamedTensors moved(const NamedTensors& tensors, double perturbation) {
    std::mt19937_64 engine(1);
    std::normal_distribution<double> normal;
    NamedTensors result;
    for (const auto& [name, tensor] : tensors) {
      at::Tensor wide = tensor.to(at::kDouble, false, true).contiguous();
      auto* data = wide.data_ptr<double>();
      for (std::int64_t i = 0; i < wide.numel(); ++i) data[i] *= 1 + perturbation * normal(engine);
      result.set(name, wide.to(tensor.scalar_type()));
    }
    return result;
  }

  /// The last write of a step that its loss depends on.
  std::size_t last_of_forward(const NamedTensors& values, const at::Tensor& grad_output) const {
    NamedTensors detached;
    for (const auto& [name, tensor] : values) detached.set(name, tensor.detach().clone());
    const Trace manual = run_manual(detached, grad_output, {});
    std::set<std::size_t> needed(manual.output_reads.begin(), manual.output_reads.end());
    std::vector<std::size_t> open(needed.begin(), needed.end());
    while (!open.empty()) {
      const std::size_t index = open.back();
      open.pop_back();
      for (const std::size_t read : manual.writes[index].reads)
        if (needed.insert(read).second) open.push_back(read);
    }
    return needed.empty() ? 0 : *needed.rbegin();
  }

  const ProgramParts parts_;
  std::shared_ptr<SnippetRunner> runner_;
  python::ast::Module tree_;
  const bool is_edited_ = false;
  std::string text_;
  std::vector<FunctionSyntax> functions_;
  const FunctionSyntax* forward_syntax_ = nullptr;
  const FunctionSyntax* manual_syntax_ = nullptr;
  mutable std::map<const python::Program*, python::Value> made_;  ///< the edited function
};

}  // namespace

std::unique_ptr<StepwiseProgram> make_program_steps(const ProgramParts& parts) {
  try {
    return std::make_unique<ProgramSteps>(parts);
  } catch (const SyntaxError&) {
    return nullptr;
  }
}

}  // namespace gradient_check
