#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fuzz/target.h"
#include "gradient_check/check.h"

// Small programs made of bytes, each a choice: forward and backward, right by chance at best, on
// data of any shape. Whatever they do, there is a verdict, and the report is valid.

namespace gradient_check::fuzz {
namespace {

class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  /// A number below `count`; 0 when the bytes are used up.
  std::size_t below(std::size_t count) {
    if (at_ >= bytes_.size()) return 0;
    return static_cast<unsigned char>(bytes_[at_++]) % count;
  }
  template <std::size_t count>
  const char* of(const std::array<const char*, count>& texts) {
    return texts[below(count)];
  }
  bool left() const { return at_ < bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

constexpr std::array shapes{"[]",     "[1]",    "[3]",       "[0]",    "[2, 3]",
                            "[3, 2]", "[3, 1]", "[2, 1, 3]", "[0, 3]", "[1, 1]"};
constexpr std::array inits{"\"normal\"", "\"zeros\"", "\"ones\"", "\"uniform\"", "\"arange\""};
constexpr std::array dtypes{"float64", "float32", "float16", "bfloat16"};

// {0} and {1} are values that there are.
constexpr std::array expressions{"{0} + {1}",
                                 "{0} * {1}",
                                 "{0} - {1}",
                                 "{0} / {1}",
                                 "{0} @ {1}",
                                 "torch.exp({0})",
                                 "torch.log({0})",
                                 "torch.sqrt({0})",
                                 "torch.tanh({0})",
                                 "torch.sigmoid({0})",
                                 "torch.relu({0})",
                                 "{0}.sum()",
                                 "{0}.mean()",
                                 "{0}.sum(0)",
                                 "{0}.mean(-1, keepdim=True)",
                                 "{0}.t()",
                                 "{0}.reshape(-1)",
                                 "{0}.unsqueeze(0)",
                                 "{0}.squeeze()",
                                 "{0}[0]",
                                 "{0}[..., :1]",
                                 "torch.softmax({0}, -1)",
                                 "torch.log_softmax({0}, 0)",
                                 "torch.where({0} > 0, {0}, {1})",
                                 "torch.max({0})",
                                 "torch.maximum({0}, {1})",
                                 "{0} ** 2",
                                 "{0} ** 0.5",
                                 "{0}.abs()",
                                 "{0}.detach()",
                                 "{0}.clone()",
                                 "{0}.cumsum(0)",
                                 "torch.cat([{0}, {1}])",
                                 "{0}.flip([0])",
                                 "{0}.clamp(-1, 1)",
                                 "{0}.to(torch.float32)",
                                 "{0}.expand(2, 3)",
                                 "1 / {0}",
                                 "-{0}",
                                 "0.5 * {0}",
                                 "torch.ones_like({0})",
                                 "torch.zeros_like({0}) * {1}",
                                 "helper({0}, {1})",
                                 "{0}.norm()",
                                 "torch.nn.functional.gelu({0})",
                                 "{0}.std()",
                                 "{0}.prod()",
                                 "{0}.sort()[0]",
                                 "torch.einsum('i,j->ij', {0}, {1})",
                                 "{0}.masked_fill({1} > 0, float('-inf'))"};
constexpr std::array statements{"{0} = {1}", "{0} += {1}", "{0}.add_({1})", "{0}[0] = 0.0",
                                "{0}.mul_(2.0)"};
constexpr std::array blocks{
    "for i in range(3):", "if {0}.sum() > 0:", "for i in range({0}.dim()):"};

class Program {
 public:
  explicit Program(std::string_view bytes) : choices_(bytes) {}

  std::string text() {
    lines_ = {"def helper(a, b):", "    return a * b + a"};
    const std::size_t kind = choices_.below(3);  // step, forward and backward, forward alone
    begin(kind == 0 ? "def step(x, w):" : "def forward(x, w):");
    body(1 + choices_.below(8));
    const std::string loss = value();
    if (kind == 0) {
      body(choices_.below(4));
      lines_.push_back(fmt::format("    return {}, {}", loss, gradients()));
      return joined();
    }
    lines_.push_back("    return " + loss);
    if (kind == 1) {
      begin(choices_.below(2) ? "def backward(x, w, grad_output):" : "def backward(x, w):");
      body(choices_.below(6));
      lines_.push_back("    return " + gradients());
    }
    return joined();
  }

  std::string case_text() {
    nlohmann::ordered_json json;
    const std::string x = tensor(), w = tensor(), dtype = choices_.of(dtypes);
    const bool trains = choices_.below(8) == 1;
    json["program"]["source"] = text();
    return fmt::format(
        "{{\"dtype\": \"{}\", \"seed\": {}, \"inputs\": {{\"x\": {}}}, "
        "\"parameters\": {{\"w\": {}}},{} {}",
        dtype, choices_.below(4), x, w,
        trains ? " \"train\": {\"steps\": 20, \"learning_rate\": 0.1}," : "",
        json.dump().substr(1));
  }

 private:
  std::string tensor() {
    return fmt::format("{{\"shape\": {}, \"init\": {}}}", choices_.of(shapes), choices_.of(inits));
  }
  void begin(const char* definition) {
    lines_.emplace_back(definition);
    values_ = {"x", "w"};
  }
  const std::string& value() { return values_[choices_.below(values_.size())]; }
  std::string expression() {
    return fmt::format(fmt::runtime(choices_.of(expressions)), value(), value());
  }
  void body(std::size_t count) {
    for (std::size_t i = 0; i < count && choices_.left(); ++i) {
      const std::size_t kind = choices_.below(8);
      if (kind == 0) {
        lines_.push_back("    " +
                         fmt::format(fmt::runtime(choices_.of(statements)), value(), value()));
      } else if (kind == 1) {
        lines_.push_back("    " + fmt::format(fmt::runtime(choices_.of(blocks)), value()));
        const std::string target = value();
        lines_.push_back(fmt::format("        {} = {}", target, expression()));
      } else {
        const std::string name =
            fmt::format("{}v{}", choices_.below(3) ? "" : "d_", values_.size());
        lines_.push_back(fmt::format("    {} = {}", name, expression()));
        values_.push_back(name);
      }
    }
  }
  std::string gradients() {
    return choices_.below(4) == 1 ? fmt::format("{{'w': {}}}", value())
                                  : fmt::format("{{'w': {}, 'x': {}}}", expression(), value());
  }
  std::string joined() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

  Choices choices_;
  std::vector<std::string> lines_, values_;
};

/// A folder of this process's own.
const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "fuzz-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    std::atexit([] {
      std::error_code error;
      std::filesystem::remove_all(folder(), error);
    });
    return std::filesystem::path(name);
  }();
  return made;
}

void expect(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  fmt::print(stderr, "{}:\n{}\n", what, text);
  std::abort();
}

void check(std::string_view bytes) {
  const std::string text = Program(bytes).case_text();
  const std::filesystem::path file = folder() / "case.json";
  std::ofstream(file) << text;
  if (std::getenv("GRADIENT_CHECK_FUZZ_SHOW")) fmt::print(stderr, "{}\n", text);
  const CaseResult result = check_file(file);
  expect(result.verdict != Verdict::error || !result.message.empty(), "an error without words",
         text);
  expect(result.message.find("INTERNAL ASSERT") == std::string::npos, "an internal error", text);
  expect(result.verdict != Verdict::fail || !result.findings.empty(), "a failure without finding",
         text);
  RunResult run = run_of({result});
  for (const Reporter* reporter : reporters()) {
    const std::string report = format_report(reporter->name, run, {false, 1});
    const std::string name = reporter->name;
    if (name == "json" || name == "sarif")
      expect(nlohmann::json::accept(report), "a report that is not valid", text);
  }
  const auto json = to_json(result);
  expect(to_json(case_result_from_json(json)) == json, "a report that reads back otherwise", text);
}

}  // namespace

const Target program_target{"program", check, {}};

}  // namespace gradient_check::fuzz
