#include "app/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "gradient_check/case/suggest.h"
#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check::app {
namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Reporter* reporter : reporters()) names.emplace_back(reporter->name);
  return names;
}

std::string expect_format(const std::string& name) {
  for (const std::string& known : format_names())
    if (name == known) return name;
  throw CLI::ValidationError(
      fmt::format("unknown report format '{}'{}", name, suggest(name, format_names())));
}

Output parse_output(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size())
    throw CLI::ValidationError(
        fmt::format("--output takes FORMAT:FILE, such as json:report.json, found '{}'", text));
  return {expect_format(text.substr(0, colon)), text.substr(colon + 1)};
}

std::size_t parse_size(const std::string& text, const std::string& what) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw CLI::ValidationError(fmt::format("{} must be a whole number, found '{}'", what, text));
  return value;
}

Shard make_shard(const std::string& index, const std::string& count, const std::string& source) {
  const Shard shard{parse_size(index, source + "'s index"), parse_size(count, source + "'s count")};
  if (shard.count == 0 || shard.index >= shard.count)
    throw CLI::ValidationError(
        fmt::format("{}: index {} is not in 0 to {} - 1", source, shard.index, shard.count));
  return shard;
}

/// --shard I/N, or what Bazel or GoogleTest put into the environment.
Shard read_shard(const std::string& option) {
  if (!option.empty()) {
    const std::size_t slash = option.find('/');
    if (slash == std::string::npos)
      throw CLI::ValidationError(fmt::format("--shard takes I/N, such as 0/4, found '{}'", option));
    return make_shard(option.substr(0, slash), option.substr(slash + 1), "--shard");
  }
  for (const std::string prefix : {"TEST", "GTEST"}) {
    const std::string count_name = fmt::format("{}_TOTAL_SHARDS", prefix);
    const std::string index_name = fmt::format("{}_SHARD_INDEX", prefix);
    const char* count = std::getenv(count_name.c_str());
    const char* index = std::getenv(index_name.c_str());
    if (count && index)
      return make_shard(index, count, fmt::format("{}/{}", index_name, count_name));
  }
  return {};
}

/// NAME and what stands behind the '='.
std::pair<std::string, std::string> parse_named(const std::string& text, const char* option,
                                                const char* example) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw CLI::ValidationError(fmt::format("{} takes {}, found '{}'", option, example, text));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::pair<std::string, std::vector<std::int64_t>> parse_shape(const std::string& text) {
  const auto [name, sizes] = parse_named(text, "--shape", "NAME=SIZES, such as x=4,3");
  std::vector<std::int64_t> shape;
  for (std::size_t begin = 0; begin <= sizes.size();) {
    const std::size_t comma = std::min(sizes.find(',', begin), sizes.size());
    const std::size_t size =
        parse_size(sizes.substr(begin, comma - begin), "a size of --shape " + name);
    if (size > (1U << 24U))
      throw CLI::ValidationError(fmt::format("--shape {}: a size of {} is too large", name, size));
    shape.push_back(static_cast<std::int64_t>(size));
    begin = comma + 1;
  }
  return {name, shape};
}

/// A value that is no JSON is a string.
std::pair<std::string, std::string> parse_setting(const std::string& text) {
  auto [name, value] = parse_named(text, "--set", "NAME=VALUE, such as alpha=0.5");
  if (value == "True" || value == "False") value[0] = static_cast<char>(std::tolower(value[0]));
  if (value == "None") value = "null";
  if (!nlohmann::json::accept(value)) value = nlohmann::json(value).dump();
  return {name, value};
}

std::uint64_t parse_memory(double mebibytes) {
  if (!(mebibytes >= 256 && mebibytes < 1e9))
    throw CLI::ValidationError(
        fmt::format("--memory must be at least 256 MiB, found {:g}", mebibytes));
  return static_cast<std::uint64_t>(mebibytes * (1U << 20U));
}

/// What Bazel and GoogleTest ask for in the environment besides shards.
void read_environment(CommandLine& line) {
  for (const char* name : {"TEST_SHARD_STATUS_FILE", "GTEST_SHARD_STATUS_FILE"})
    if (const char* file = std::getenv(name); file && *file)
      line.shard_status_files.emplace_back(file);
  if (const char* file = std::getenv("XML_OUTPUT_FILE"); file && *file)
    line.outputs.push_back({"junit", file});
}

bool writes_html(const CommandLine& line) {
  return line.format == "html" ||
         std::any_of(line.outputs.begin(), line.outputs.end(),
                     [](const Output& output) { return output.format == "html"; });
}

void validate(const CommandLine& line) {
  const auto fail = [](const std::string& message) { throw CLI::ValidationError(message); };
  for (const auto& [name, value] :
       {std::pair{"--rtol", line.overrides.rtol}, std::pair{"--atol", line.overrides.atol}})
    if (value && !(*value >= 0)) fail(fmt::format("{} must be at least 0, found {}", name, *value));
  if (line.jobs == 0) fail("--jobs must be at least 1");
  if (!(line.timeout >= 0 && line.timeout < 1e9))
    fail("--timeout must be a number of seconds, or 0 for none");
  if (line.merge && line.filter != "*")
    fail("--merge makes one report of whole ones: --filter is for the run that makes them");
  if (line.from && !line.starter) fail("--from belongs to --new: --new CASE.json --from PROGRAM");
  if (line.paths.empty() && !line.explain && !line.print_schema && !line.print_recorder &&
      !line.starter && !line.rerun_failed)
    fail("no PATH is given: name case files, or folders that hold them");
}

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_status) {
  CommandLine line;
  CLI::App app(
      "Checks hand-written backpropagation against LibTorch autograd and finite differences");
  app.name("gradient-check");
  app.footer("Exit status: 0 all as expected, 1 a gradient failure, 2 usage or invalid case.");
  std::vector<std::string> outputs;
  std::string shard, color = "auto", explain, starter, rerun, entry, from;
  std::vector<std::string> shapes, values;
  std::uint64_t seed = 0;
  double rtol = 0, atol = 0;
  double memory = 0;
  bool quiet = false, verbose = false;
  app.add_option("PATH", line.paths, "case files, or folders searched for *.json");
  app.add_option("--format", line.format,
                 "what goes to stdout: text, json, junit, sarif, github or html");
  app.add_option("--output", outputs, "also write that report, FORMAT:FILE")
      ->allow_extra_args(false);
  app.add_flag("--list", line.list, "print the matching cases, run none");
  app.add_option("--filter", line.filter, "GoogleTest's globs on path:name");
  app.add_flag("--fail-fast", line.fail_fast, "stop at the first case that is not as expected");
  auto* jobs_option =
      app.add_option("-j,--jobs", line.jobs, "cases at a time; default: one for each core");
  app.add_option("--timeout", line.timeout, "seconds a case may take (300), 0: any number");
  auto* memory_option = app.add_option("--memory", memory, "MiB that a case may take");
  app.add_flag("--merge", line.merge,
               "the PATHs are JSON reports of shards: make one report of them");
  auto* rerun_option =
      app.add_option("--rerun-failed", rerun, "run what did not pass in that JSON report");
  app.add_flag("--plots", line.overrides.plots,
               "keep what plots show in the JSON report, for an HTML report made by --merge");
  app.add_flag("--diff", line.diff,
               "print the verified fixes as one unified diff, in place of the report");
  app.add_flag("--fix", line.fix, "write the verified fixes into the programs' files");
  app.add_option("--shard", shard, "run part I of N, 0-based: I/N");
  auto* seed_option = app.add_option("--seed", seed, "in place of the cases' seeds");
  auto* rtol_option = app.add_option("--rtol", rtol, "in place of the cases' rtol");
  auto* atol_option = app.add_option("--atol", atol, "in place of the cases' atol");
  app.add_option("--load", line.libraries,
                 "a library of custom operators (TORCH_LIBRARY) or layers; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--device", line.overrides.device, "cpu, cuda or cuda:N: where the code runs");
  app.add_option("--color", color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  auto* new_option =
      app.add_option("--new", starter, "write a commented case FILE.json to start from");
  auto* from_option = app.add_option("--from", from, "with --new: the case is for that program");
  auto* entry_option =
      app.add_option("--entry", entry, "what of a program is checked: a class, a function");
  app.add_option("--shape", shapes, "of a program's tensor, NAME=4,3; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--set", values, "an argument of a program that is no tensor, NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--dtype", line.program.dtype, "float64, float32, …: of a program's own code")
      ->check(CLI::IsMember({"float64", "float32", "float16", "bfloat16"}));
  auto* explain_option =
      app.add_option("--explain", explain, "print a rule's page, or the list of rules")
          ->expected(0, 1);
  app.add_flag("--print-schema", line.print_schema, "print the JSON Schema of case files");
  app.add_flag("--recorder", line.print_recorder,
               "print gradient_check.py, which writes cases from JAX, TensorFlow, numpy or C");
  app.add_flag("-q,--quiet", quiet, "only what is not as expected");
  app.add_flag("-v,--verbose", verbose, "details of passing cases too");
  app.add_flag("--allow-empty", line.allow_empty, "no matching case is no error");
  app.set_version_flag("--version", std::string("gradient-check ") + GRADIENT_CHECK_VERSION);
  try {
    app.parse(argc, argv);
    line.format = expect_format(line.format);
    for (const std::string& output : outputs) line.outputs.push_back(parse_output(output));
    line.shard = read_shard(shard);
    read_environment(line);
    if (!*jobs_option) line.jobs = std::max(1U, std::thread::hardware_concurrency());
    if (*memory_option) line.memory_bytes = parse_memory(memory);
    if (*seed_option) line.overrides.seed = seed;
    if (*rtol_option) line.overrides.rtol = rtol;
    if (*atol_option) line.overrides.atol = atol;
    if (*explain_option) line.explain = explain;
    if (*new_option) line.starter = starter;
    if (*from_option) line.from = from;
    if (*entry_option) line.entry = entry;
    for (const std::string& text : shapes) line.program.shapes.push_back(parse_shape(text));
    for (const std::string& text : values) line.program.values.push_back(parse_setting(text));
    if (*rerun_option) line.rerun_failed = rerun;
    line.overrides.plots = line.overrides.plots || writes_html(line);
    line.color = color == "always"  ? ColorMode::always
                 : color == "never" ? ColorMode::never
                                    : ColorMode::automatic;
    line.verbosity = quiet ? -1 : verbose ? 1 : 0;
    validate(line);
  } catch (const CLI::Success& success) {
    exit_status = app.exit(success);
    return std::nullopt;
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "gradient-check: {}\nRun gradient-check --help for the options.\n",
               one_line(error.what()));
    exit_status = usage_error;
    return std::nullopt;
  }
  return line;
}

}  // namespace gradient_check::app
