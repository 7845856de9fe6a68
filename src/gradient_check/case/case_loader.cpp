#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/round.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "gradient_check/case/case.h"
#include "gradient_check/case/check_loader.h"
#include "gradient_check/case/expectation_loader.h"
#include "gradient_check/case/file_access.h"
#include "gradient_check/case/program_loader.h"
#include "gradient_check/case/rule_names.h"
#include "gradient_check/case/stored_tensor.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/case/train_loader.h"

namespace gradient_check {
namespace {

const std::vector<std::string> case_keys{
    "$schema", "name", "description", "dtype",    "seed",  "inputs", "parameters", "program",
    "layers",  "loss", "gradients",   "adjoints", "check", "train",  "expect"};

/// Reads the sections of one case file into a Case.
class CaseLoader {
 public:
  CaseLoader(const JsonCursor& root, std::filesystem::path path, const CaseOverrides& overrides)
      : root_(root), path_(std::move(path)), overrides_(overrides) {}

  Case load() {
    root_.expect_object("a case, an object");
    root_.expect_keys(case_keys, "a case");
    case_.file = path_.string();
    case_.name = path_.stem().string();
    load_texts();
    load_scalars();
    seed_generator(case_.seed);
    // In file order: the draws of random tensors follow one another.
    for (const JsonMember& member : root_->members) {
      if (member.key == "inputs") load_tensors(root_.member(member), case_.inputs, false);
      if (member.key == "parameters") load_tensors(root_.member(member), case_.parameters, true);
    }
    load_subject();
    if (const auto check = section("check")) case_.check = load_check(*check);
    if (const auto adjoints = section("adjoints")) load_adjoints(*adjoints);
    if (const auto expect = section("expect")) case_.expect = load_expectation(*expect);
    if (const auto train = section("train")) case_.train = load_train(*train, case_.seed);
    if (const auto gradients = section("gradients")) {
      if (case_.train && case_.train->gradient == TrainOptions::Gradient::manual)
        section("train")->fail(
            "recorded gradients hold at one point and cannot train; write \"gradient\": "
            "\"autograd\"");
      case_.gradients = load_gradients(*gradients, case_.dtype);
    }
    if (overrides_.rtol) case_.check.rtol = *overrides_.rtol;
    if (overrides_.atol) case_.check.atol = *overrides_.atol;
    case_.check.plots = overrides_.plots;
    return std::move(case_);
  }

 private:
  std::optional<JsonCursor> section(std::string_view key) const {
    for (const JsonMember& member : root_->members)
      if (member.key == key) return root_.member(member);
    return std::nullopt;
  }

  static void seed_generator(std::uint64_t seed) {
    auto generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  }

  void load_texts() {
    if (const auto schema = section("$schema")) schema->as_string("a schema's address");
    if (const auto name = section("name")) {
      case_.name = name->as_string("a name");
      if (case_.name.empty()) name->fail("the name is empty");
    }
    if (const auto description = section("description"))
      case_.description = description->as_string("a description");
  }

  void load_scalars() {
    if (const auto dtype = section("dtype")) {
      case_.dtype = load_dtype(*dtype);
      if (!at::isFloatingType(case_.dtype))
        dtype->fail(
            fmt::format("the dtype of a case must be floating (float64, float32, float16 or "
                        "bfloat16), found {}",
                        dtype_name(case_.dtype)));
    } else if (is_numpy_program()) {
      case_.dtype = at::kDouble;
    }
    if (const auto seed = section("seed")) {
      const std::int64_t value = seed->as_integer("a seed, an integer of at least 0");
      if (value < 0) seed->fail(fmt::format("a seed must be at least 0, found {}", value));
      case_.seed = static_cast<std::uint64_t>(value);
    }
    if (overrides_.seed) case_.seed = *overrides_.seed;
  }

  /// Whether the program imports numpy and not torch; its tensors are arrays, of float64 by
  /// default.
  bool is_numpy_program() {
    const auto program = section("program");
    if (!program) return false;
    try {
      load_program(*program);
    } catch (const CaseError&) {
      return false;  // told when the program's turn comes
    }
    static const std::regex numpy(R"((^|\n|")(import|from)[ \t]+numpy\b)");
    static const std::regex torch(R"((^|\n|")(import|from)[ \t]+torch\b)");
    const std::string& text = case_.program->text;
    return std::regex_search(text, numpy) && !std::regex_search(text, torch);
  }

  void load_tensors(const JsonCursor& cursor, NamedTensors& tensors, bool are_parameters) {
    const std::string_view what = are_parameters ? "parameters" : "inputs";
    cursor.expect_object(fmt::format("{}, an object of tensors by name", what));
    if (const JsonValue* file = cursor->find("file"); file && file->is_string()) {
      cursor.expect_keys({"file"}, fmt::format("{} in one file", what));
      for (const auto& [name, tensor] :
           load_tensor_file(cursor.member(cursor->members[0]), case_.dtype)) {
        if (name.empty())
          cursor.fail("this file holds one tensor without a name; write {\"x\": {\"file\": …}}");
        if (case_.inputs.contains(name) || case_.parameters.contains(name))
          cursor.fail(fmt::format("'{}' of this file is both an input and a parameter", name));
        add_tensor(cursor, name, tensor, tensors, are_parameters);
      }
      return;
    }
    for (const JsonMember& member : cursor->members) {
      const JsonCursor at = cursor.member(member);
      if (member.key.empty()) cursor.fail_key(member, "a tensor's name is empty");
      if (case_.inputs.contains(member.key) || case_.parameters.contains(member.key))
        cursor.fail_key(member,
                        fmt::format("'{}' is both an input and a parameter; keep one", member.key));
      at::Tensor tensor = load_tensor(at, case_.dtype);
      if (holds_indices(member.key) && at->is_array() && !exact(at, tensor))
        tensor = load_tensor(at, at::kLong);
      add_tensor(at, member.key, tensor, tensors, are_parameters);
    }
  }

  void add_tensor(const JsonCursor& at, const std::string& name, const at::Tensor& tensor,
                  NamedTensors& tensors, bool is_parameter) const {
    if (tensor.is_complex() && section("layers"))
      at.fail(
          fmt::format("'{}' is complex; layers compute with real numbers: write a program", name));
    if (is_parameter && !tensor.is_floating_point() && !tensor.is_complex())
      at.fail(
          fmt::format("parameter '{}' has dtype {}; a parameter has a gradient and must be "
                      "floating: make it an input",
                      name, dtype_name(tensor.scalar_type())));
    tensors.set(name, tensor);
  }

  /// Whether a layered network takes that input as indices, which rounding to the case's dtype
  /// would turn into others.
  bool holds_indices(const std::string& name) const {
    const auto type_of = [](const JsonValue& value) {
      const JsonValue* type = value.is_object() ? value.find("type") : &value;
      return type && type->is_string() ? type->string : "";
    };
    const auto loss = section("loss"), layers = section("layers");
    if (name == "target" && loss) {
      const std::string type = type_of(loss->value());
      return type == "nll" || type == "cross_entropy";
    }
    return name == "input" && layers && layers->value().is_array() &&
           !layers->value().items.empty() && type_of(layers->value().items[0]) == "embedding";
  }

  /// Whether rounding kept the integers as they are written; true where they are none.
  static bool exact(const JsonCursor& cursor, const at::Tensor& tensor) {
    const at::Tensor written = load_tensor(cursor, at::kDouble);
    return !written.equal(written.round()) || written.equal(tensor.to(at::kDouble));
  }

  void load_subject() {
    const auto program = section("program");
    const auto layers = section("layers");
    const auto loss = section("loss");
    if (program && layers)
      layers->fail("a case has either 'program' or 'layers', found both: remove one");
    if (!program && !layers) {
      if (loss) loss->fail("'loss' needs 'layers' beside it");
      if (const auto gradients = section("gradients"))
        gradients->fail("'gradients' needs a 'program' or 'layers': the forward they belong to");
      root_.fail("a case needs a 'program' or 'layers': neither is here");
    }
    if (program) {
      if (loss) loss->fail("'loss' belongs to 'layers'; a program computes its own");
      load_program(*program);
      return;
    }
    layers->expect_array("layers, an array of objects");
    for (std::size_t i = 0; i < layers->value().items.size(); ++i)
      case_.layers.push_back(load_typed(layers->item(i), "a layer", false));
    if (loss) case_.loss = load_typed(*loss, "a loss", true);
    if (case_.layers.empty() && !case_.loss) layers->fail("there is no layer here, and no loss");
  }

  static LayerSpec load_typed(const JsonCursor& cursor, std::string_view what, bool may_be_string) {
    if (may_be_string && cursor->is_string()) return {cursor->string, cursor};
    cursor.expect_object(fmt::format("{}, an object with a \"type\"", what));
    const JsonValue* type = cursor->find("type");
    if (!type) cursor.fail(fmt::format("{} needs a \"type\"", what));
    for (const JsonMember& member : cursor->members)
      if (member.key == "type") return {cursor.member(member).as_string("a type's name"), cursor};
    return {"", cursor};
  }

  void load_program(const JsonCursor& program) {
    program.expect_object("a program, {\"file\": …} or {\"source\": […]}");
    program.expect_keys(program_keys(), "a program");
    std::optional<JsonCursor> file, source;
    for (const JsonMember& member : program->members) {
      if (member.key == "file") file.emplace(program.member(member));
      if (member.key == "source") source.emplace(program.member(member));
    }
    if (file && source) source->fail("a program has either 'file' or 'source', found both");
    if (!file && !source) program.fail("a program needs a \"file\" or a \"source\"");
    ProgramOptions options = load_program_options(program);
    if (file) {
      const auto path = resolve_beside(*file, path_);
      case_.program = {path.string(), read_text_file(path, file->position(), file->path()),
                       std::move(options)};
      return;
    }
    case_.program = {case_.file + "#/program/source", "", std::move(options)};
    if (source->value().is_string()) {
      case_.program->text = source->value().string + "\n";
      return;
    }
    source->expect_array("a program's source, an array of lines");
    for (std::size_t i = 0; i < source->value().items.size(); ++i)
      case_.program->text += source->item(i).as_string("a line of the program, a string") + "\n";
  }

  void load_adjoints(const JsonCursor& adjoints) {
    adjoints.expect_object("adjoints, an object of names");
    for (const JsonMember& member : adjoints->members)
      case_.adjoints.emplace_back(member.key,
                                  adjoints.member(member).as_string("the name of a forward value"));
  }

  JsonCursor root_;
  std::filesystem::path path_;
  CaseOverrides overrides_;
  Case case_;
};

}  // namespace

std::optional<JsonCursor> Case::section(std::string_view key) const {
  if (!document) return std::nullopt;
  for (const JsonMember& member : document->members)
    if (member.key == key) return JsonCursor(member.value, *document_file, "$." + std::string(key));
  return std::nullopt;
}

Case load_case_text(const std::string& text, const std::filesystem::path& path,
                    const CaseOverrides& overrides) {
  auto file = std::make_shared<const std::string>(path.string());
  auto document = std::make_shared<const JsonValue>(parse_json(text, *file));
  Case loaded = CaseLoader(JsonCursor(*document, *file, "$"), path, overrides).load();
  loaded.document = std::move(document);
  loaded.document_file = std::move(file);
  return loaded;
}

Case load_case(const std::filesystem::path& path, const CaseOverrides& overrides) {
  const std::string text = read_text_file(path, {path.string(), 0, 0}, "");
  return load_case_text(text, path, overrides);
}

}  // namespace gradient_check
