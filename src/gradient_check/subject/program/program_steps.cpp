#include "gradient_check/subject/program/program_steps.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "gradient_check/subject/program/entries/find_entries.h"
#include "gradient_check/subject/program/forward_tracer.h"
#include "gradient_check/subject/program/outline.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

/// A case's program with another text.
struct EditedParts {
  EditedParts(const ProgramParts& like, const std::string& text)
      : loaded(with(like.loaded, text)),
        program(like.loaded.program->label, text, like.loaded.dtype, true),
        entry(make_entry(loaded, program)) {
    entry->run_like(like.entry);
  }

  static Case with(Case loaded, const std::string& text) {
    loaded.program->text = text;
    loaded.program->is_code = true;
    return loaded;
  }

  Case loaded;
  EvaluatedProgram program;
  std::unique_ptr<Entry> entry;
};

/// While it lives, a program's runs are watched.
class Watch {
 public:
  Watch(const Entry& entry, python::Observer& observer) : entry_(entry) { entry_.watch(&observer); }
  ~Watch() { entry_.watch(nullptr); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  const Entry& entry_;
};

class ProgramSteps : public StepwiseProgram {
 public:
  explicit ProgramSteps(const ProgramParts& parts)
      : parts_(parts),
        runner_(parts.entry, parts.program.gives_arrays()),
        text_(parts.program.tree().source->code()),
        functions_(outline(parts.program.tree())),
        body_(body_of(parts)),
        own_(body_ ? *body_ : find(parts.entry.manual_name())),
        forward_(body_ ? *body_ : find(parts.entry.forward_name())) {}

  /// Of an edited program.
  explicit ProgramSteps(std::unique_ptr<EditedParts> edited)
      : ProgramSteps(ProgramParts{edited->loaded, edited->program, *edited->entry}) {
    edited_ = std::move(edited);
  }

  Trace run_manual(const NamedTensors& values, const at::Tensor& grad_output,
                   const TraceOptions& options) const override {
    Tracer tracer(traced(own_), options);
    ManualOutputs found;
    observe(tracer, [&] { found = parts_.entry.manual(values, grad_output); });
    Trace trace =
        tracer.finish(found.gradients, found.outputs.empty() ? at::Tensor() : found.outputs[0]);
    if (body_)
      for (Write& write : trace.writes)
        write.is_update = parts_.entry.parameters().contains(write.name);
    return trace;
  }

  Trace run_forward(const NamedTensors& values, const at::Tensor& grad_output) const override {
    TraceOptions options;
    options.returns_output = !is_step() || body_;
    if (is_step() && !body_) options.last = last_of_forward(values, grad_output);
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
  bool arrays() const override { return parts_.program.gives_arrays(); }
  const std::vector<FunctionSyntax>& functions() const override { return functions_; }

  std::vector<std::string> unary_functions() const override {
    std::vector<std::string> names;
    for (const FunctionSyntax& function : functions_)
      if (function.arguments.size() == 1 && !function.is_method() && &function != &own_ &&
          &function != &forward_)
        names.push_back(function.name);
    return names;
  }

  Place place_of(const Span& span) const override {
    const std::size_t line_end = std::min(text_.find('\n', span.begin), text_.size());
    return parts_.program.place_of({static_cast<std::uint32_t>(span.begin),
                                    static_cast<std::uint32_t>(std::min(span.end, line_end))});
  }

  const std::vector<std::pair<std::string, std::string>>& adjoints() const override {
    return parts_.loaded.adjoints;
  }
  SnippetRunner& runner() const override { return runner_; }

  std::unique_ptr<StepwiseProgram> with_text(const std::string& text) const override {
    try {
      return std::make_unique<ProgramSteps>(std::make_unique<EditedParts>(parts_, text));
    } catch (const std::exception&) {
      return nullptr;
    }
  }

  std::unique_ptr<Subject> edited(const std::string& text, double perturbation) const override {
    return make_program_subject(EditedParts::with(parts_.loaded, text), {}, perturbation);
  }

 private:
  bool is_step() const { return &own_ == &forward_; }

  TracedProgram traced(const FunctionSyntax& function) const {
    return {functions_,
            function,
            text_,
            parts_.program.tree().source->label(),
            parts_.program.gives_arrays(),
            is_step() && !body_,
            body_.has_value()};
  }

  static std::optional<FunctionSyntax> body_of(const ProgramParts& parts) {
    const auto* statements = parts.entry.manual_body();
    if (!statements || statements->empty()) return std::nullopt;
    FunctionSyntax body;
    body.body = outline(*parts.program.tree().source, *statements);
    body.first = statements->front().get();
    body.span = {body.body.front().span.begin, body.body.back().span.end};
    return body;
  }

  /// Runs something of the program, observed; false where the observer stopped it.
  template <typename Run>
  bool observe(Tracer& tracer, const Run& run) const {
    const at::AutoGradMode restored(at::GradMode::is_enabled());
    const Watch watch(parts_.entry, tracer);
    try {
      run();
      return true;
    } catch (const Tracer::Stopped&) {
      return false;
    }
  }

  Trace run_forward(const NamedTensors& values, const at::Tensor& grad_output,
                    const TraceOptions& options, bool uses) const {
    ForwardTracer tracer(traced(forward_), options, uses);
    std::vector<at::Tensor> outputs;
    observe(tracer, [&] {
      outputs = is_step() && !body_ ? parts_.entry.manual(values, grad_output).outputs
                                    : parts_.entry.forward(values);
    });
    if (tracer.output().is_set()) outputs = parts_.program.tensors_of(tracer.output());
    Trace followed = tracer.finish({});
    for (const auto& [name, tensor] : values)
      if (tensor.requires_grad() && !is_known(followed, name))
        followed.forward.push_back({name, "", name, tensor, 0, "", false, ""});
    followed.output = parts_.entry.outputs().joined(outputs);
    return followed;
  }

  /// Whether the trace has a tensor of the check under its name.
  static bool is_known(const Trace& trace, const std::string& name) {
    return std::any_of(trace.forward.begin(), trace.forward.end(), [&](const ForwardValue& value) {
      return value.line == 0 && value.name == name;
    });
  }

  const FunctionSyntax& find(const std::string& name) const {
    for (const FunctionSyntax& function : functions_)
      if (function.name == name) return function;
    throw SyntaxError("no function " + name);
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
  mutable SnippetRunner runner_;
  const std::string text_;
  const std::vector<FunctionSyntax> functions_;
  const std::optional<FunctionSyntax> body_;  ///< manual code that is no function
  const FunctionSyntax& own_;
  const FunctionSyntax& forward_;
  std::unique_ptr<EditedParts> edited_;  ///< what `parts_` refers to, of an edited program
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
