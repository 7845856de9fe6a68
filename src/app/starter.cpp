#include "app/starter.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "app/output_file.h"

namespace gradient_check::app {
namespace {

/// {0}: the program's file; {1}: the case's own; {2}: its name.
constexpr const char* case_text = R"json({{
  // A case: tensors, a program that takes them by name, and how it is checked. Run it:
  //   gradient-check {1}
  "name": {2},

  // The dtype of your code: float64, float32, float16 or bfloat16. What it is held against is
  // always computed in float64.
  "dtype": "float32",
  // Random tensors are what torch.manual_seed(seed) and torch.randn give in Python, in this order.
  "seed": 0,

  // What the program takes and has no gradient. A tensor is nested arrays, or drawn, or a file
  // beside this one: {{"file": "x.npy"}} (.npz, .safetensors and .pt too).
  "inputs": {{
    "x": {{"shape": [8, 3], "init": "normal"}},
    "y": {{"shape": [8, 1], "init": "normal"}}
  }},

  // What has a gradient, and must get one from the program.
  "parameters": {{
    "w1": {{"shape": [3, 4], "init": "normal", "std": 0.5}},
    "b1": [0.0, 0.1, -0.1, 0.2],
    "w2": {{"shape": [4, 1], "init": "normal", "std": 0.5}}
  }},

  "program": {{"file": {0}}},

  // What is allowed on top of the rounding that is measured; and how autograd itself is checked:
  // "auto", "every_element", "directional" or "off".
  "check": {{"rtol": 0, "atol": 0, "finite_difference": "auto"}},

  // With an expectation the case is a regression test: it passes when the verdict is this one.
  "expect": {{"verdict": "pass"}}
}}
)json";

constexpr const char* program_text =
    R"(# PyTorch in Python's syntax, run by LibTorch. `step` gets the case's tensors by name and returns the
# loss and, by parameter, the gradients that your backward computes. Replace it with your own: paste
# the lines as they are. (Or write `forward`, returning the loss, and `backward`, returning the
# dictionary; an argument `grad_output` receives the cotangent of an output that is no scalar.)
import torch


def step(x, y, w1, b1, w2):
    # forward
    l1 = x @ w1 + b1
    a1 = torch.tanh(l1)
    p = a1 @ w2
    loss = torch.mean((p - y) ** 2)

    # backward, by hand
    d_p = 2 * (p - y) / y.numel()
    d_w2 = a1.t() @ d_p
    d_a1 = d_p @ w2.t()
    d_l1 = d_a1 * (1 - a1 * a1)
    d_w1 = x.t() @ d_l1
    d_b1 = d_l1.sum(0)
    return loss, {"w1": d_w1, "b1": d_b1, "w2": d_w2}
)";

std::string json_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

namespace fs = std::filesystem;

void expect_new(const fs::path& case_file, const std::vector<fs::path>& files) {
  if (case_file.extension() != ".json" || case_file.stem().empty())
    throw OutputError(
        fmt::format("--new: a case file ends in .json, found '{}'", case_file.string()));
  for (const fs::path& file : files) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error)))
      throw OutputError(
          fmt::format("--new: {} exists already; it is left as it is", file.string()));
  }
}

}  // namespace

std::string write_draft(const std::string& case_file, const std::string& draft) {
  expect_new(case_file, {case_file});
  write_whole(case_file, draft);
  return fmt::format("wrote {}; run: gradient-check {}\n", case_file, case_file);
}

std::string write_starter(const std::string& case_file) {
  const fs::path path(case_file);
  const fs::path program = fs::path(path).replace_extension(".py");
  expect_new(path, {path, program});
  write_whole(program.string(), program_text);
  write_whole(path.string(),
              fmt::format(fmt::runtime(case_text), json_string(program.filename().string()),
                          path.filename().string(), json_string(path.stem().string())));
  return fmt::format("wrote {} and {}; run: gradient-check {}\n", case_file, program.string(),
                     case_file);
}

}  // namespace gradient_check::app
