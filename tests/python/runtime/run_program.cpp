// Runs the programs of a file, separated by lines "---", and writes of each what it prints and how
// it ends: "=== NUMBER", the lines, and "!!! Error: message @line" where it raises. They stand in
// the folder beside/.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/python/syntax/parser.h"

namespace {

namespace python = gradient_check::python;

std::vector<std::string> programs_in(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> programs(1);
  for (std::string line; std::getline(file, line);) {
    if (line == "---")
      programs.emplace_back();
    else
      programs.back() += line + "\n";
  }
  return programs;
}

std::string ending(python::Interpreter& interpreter, const python::Raised& raised) {
  const python::Value exception = interpreter.exception_of(raised);
  std::size_t line = 0;
  for (const auto& entry : raised.trace)
    if (line == 0 && entry.source->label() == "<program>")
      line = entry.source->position(entry.span.begin).line;
  return fmt::format("!!! {}: {} @{}\n", type_name(exception), str(interpreter, exception), line);
}

void run(const std::string& text, const std::filesystem::path& beside) {
  python::Interpreter interpreter({.steps = 10'000'000});
  interpreter.files = python::ProgramFiles(beside, beside);
  interpreter.print = [](std::string_view line) { fmt::print("{}", line); };
  try {
    const auto source = std::make_shared<python::SourceText>("<program>", text);
    auto module = python::make<python::Module>(interpreter.heap, "__main__");
    const auto code = interpreter.prepare(python::parse(source), *module);
    interpreter.run(*code);
  } catch (const python::Raised& raised) {
    fmt::print("{}", ending(interpreter, raised));
  } catch (const python::LimitReached& limit) {
    fmt::print("!!! LimitReached: {}\n", limit.message);
  } catch (const python::SyntaxError& error) {
    fmt::print("!!! SyntaxError: {}\n", error.message());
  }
}

}  // namespace

int main(int, char** arguments) {
  const auto programs = programs_in(arguments[1]);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    fmt::print("=== {}\n", i);
    run(programs[i], std::filesystem::path(arguments[1]).parent_path() / "beside");
  }
}
