// Reads programs from stdin, each as its length in a line and its bytes, and writes what became of
// each in the same way: "ok <tree>" or "error <message>". For conformance_test.py.
//   --unparse  the tree, without positions, of the program as the unparser writes it
//   --check    nothing but "ok"

#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include "gradient_check/python/source/source_error.h"
#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/python/syntax/unparser.h"
#include "tree_dump.h"

using namespace gradient_check::python;

namespace {

std::string answer(const std::string& program, const std::string& mode) {
  std::string text;
  try {
    ast::Module module = parse(read_source("program.py", program));
    if (mode == "--check") return "ok";
    if (mode != "--unparse") return "ok " + dump(module, true);
    text = unparse(module);
    return "ok " + dump(parse(std::make_shared<SourceText>("unparsed.py", text)), false);
  } catch (const SourceError& error) {
    return std::string("error ") + error.what();
  } catch (const SyntaxError& error) {
    if (error.place().rfind("unparsed", 0) == 0)
      return std::string("error ") + error.what() + "\n" + text;
    return std::string("error ") + error.what();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string mode = argc > 1 ? argv[1] : "";
  for (std::string line; std::getline(std::cin, line);) {
    std::string program(std::stoul(line), '\0');
    std::cin.read(program.data(), static_cast<std::streamsize>(program.size()));
    const std::string result = answer(program, mode);
    std::cout << result.size() << '\n' << result << std::flush;
  }
}
