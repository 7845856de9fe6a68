#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gradient_check/python/source/notebook_magics.h"
#include "gradient_check/python/source/source_error.h"
#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/source/text_decoder.h"
#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace {

using testing::HasSubstr;

std::string notebook(const std::vector<std::string>& cells,
                     const std::string& language = "python") {
  nlohmann::json json;
  json["metadata"]["kernelspec"]["language"] = language;
  json["cells"].push_back({{"cell_type", "markdown"}, {"source", "# title"}});
  for (const std::string& cell : cells)
    json["cells"].push_back({{"cell_type", "code"}, {"source", cell}});
  return json.dump();
}

std::string error_of(const std::string& label, const std::string& bytes) {
  try {
    read_source(label, bytes);
  } catch (const SourceError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SourceText, PositionsAndOffsetsAreInverse) {
  const SourceText source("a.py", "x = 'é𝐱'\n\ny = 2");
  for (std::size_t offset = 0; offset <= source.text().size(); ++offset) {
    const bool inside_character = (source.text()[offset] & 0xc0) == 0x80;
    if (inside_character) continue;
    EXPECT_EQ(source.offset(source.position(offset)), offset);
  }
  EXPECT_EQ(source.describe(source.text().find('\'')), "a.py:1:5");
  EXPECT_EQ(source.position(source.text().find('y')).line, 3u);
  EXPECT_EQ(source.position(source.text().find("𝐱")).column, 7u);
  EXPECT_EQ(source.line_text(0), "x = 'é𝐱'");
  EXPECT_EQ(source.line_text(1), "");
}

TEST(SourceText, EmptyTextHasOnePlace) {
  const SourceText source("a.py", "");
  EXPECT_EQ(source.describe(0), "a.py:1:1");
  EXPECT_EQ(source.describe(99), "a.py:1:1");
  EXPECT_EQ(source.line_count(), 1u);
}

TEST(SourceText, WidthIsInCharactersAndEndsWithTheLine) {
  const SourceText source("a.py", "é + 𝐱\ny");
  EXPECT_EQ(source.width({0, static_cast<std::uint32_t>(source.text().size())}), 5u);
  EXPECT_EQ(source.width({0, 0}), 1u);
}

TEST(TextDecoder, ByteOrderMarkAndLineEndsGo) {
  EXPECT_EQ(decode_text("a.py", "\xef\xbb\xbfx\r\ny\rz\n"), "x\ny\nz\n");
}

TEST(TextDecoder, CodingLinesAreRead) {
  EXPECT_EQ(decode_text("a.py", "# -*- coding: latin-1 -*-\nx = '\xe9'"),
            "# -*- coding: latin-1 -*-\nx = 'é'");
  EXPECT_EQ(decode_text("a.py", "#!/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'"),
            "#!/bin/python\n# vim: set fileencoding=cp1252 :\n'€'");
  EXPECT_EQ(decode_text("a.py", "# coding: koi8-r\nx"), "# coding: koi8-r\nx");
  EXPECT_THAT(error_of("a.py", "# coding: koi8-r\n'\xc1'"),
              HasSubstr("a.py:1: the coding 'koi8-r'"));
}

TEST(TextDecoder, WhatIsNoTextIsSaidWithItsLine) {
  EXPECT_THAT(error_of("a.py", "x\ny = '\xff'\n"), HasSubstr("a.py:2: the byte 0xff is no UTF-8"));
  EXPECT_THAT(error_of("a.py", "x\n\xed\xa0\x80"), HasSubstr("a.py:2: the byte 0xed"));
  EXPECT_THAT(error_of("a.py", std::string("x\n\n\0", 4)), HasSubstr("a.py:3: a null character"));
  EXPECT_THAT(error_of("a.py", std::string(longest_source + 1, 'x')), HasSubstr("at most"));
}

TEST(Notebook, PlacesNameCells) {
  const auto source = read_source("net.ipynb", notebook({"x = 1\ny = 2", "z = (\n  3)"}));
  EXPECT_TRUE(source->is_notebook());
  EXPECT_EQ(source->describe(source->text().find('y')), "net.ipynb:cell 1:2:1");
  EXPECT_EQ(source->describe(source->text().find('3')), "net.ipynb:cell 2:2:3");
  EXPECT_EQ(source->offset({2, 2, 3}), source->text().find('3'));
  EXPECT_EQ(parse(source).body.size(), 3u);
}

TEST(Notebook, CellsAreParsedOneByOne) {
  const auto source = read_source("net.ipynb", notebook({"x = 1", "y = (2", "z = 3"}));
  try {
    parse(source);
    FAIL();
  } catch (const SyntaxError& error) {
    EXPECT_EQ(error.place(), "net.ipynb:cell 2:1:5");
    EXPECT_THAT(error.what(), HasSubstr("never closed"));
  }
}

TEST(Notebook, AnIndentedCellIsMeasuredByItsFirstLine) {
  const auto source =
      read_source("net.ipynb", notebook({"  x = 1\n  if x:\n    y = 2\n  z = 3", "    a = 1"}));
  EXPECT_EQ(parse(source).body.size(), 4u);
}

TEST(Notebook, MagicsAreSkippedAlone) {
  const auto source =
      read_source("net.ipynb", notebook({"%matplotlib inline\n!pip install \\\n  x\n"
                                         "files = !ls\n?help\nx?\nx.y??\ny = 1",
                                         "if y:\n    !ls\n    %cd\nz = 2"}));
  const ast::Module module = parse(source);
  ASSERT_EQ(module.body.size(), 3u);
  EXPECT_EQ(source->describe(module.body[0]->span.begin), "net.ipynb:cell 1:8:1");
  EXPECT_THAT(std::string(source->line_text(0)), "%matplotlib inline");
}

TEST(Notebook, MagicsWithinStringsAndBracketsAreNone) {
  const std::string cell =
      "x = (a\n% b)\ny = '''\n!ls\n'''\nz = a \\\n% b\nw = \"it's\"  # don't\n";
  EXPECT_EQ(without_magics(cell), cell);
}

TEST(Notebook, CellsInOtherLanguagesAreSkippedWhole) {
  const auto count = [](const std::string& cell) {
    return parse(read_source("net.ipynb", notebook({cell}))).body.size();
  };
  EXPECT_EQ(count("%%bash\nls -l\nif [ x ]; then\n"), 0u);
  EXPECT_EQ(count("\n%%html\n<b>x</b>"), 0u);
  EXPECT_EQ(count("%%writefile a.py\nx = 1"), 0u);
  EXPECT_EQ(count("%%time\nx = 1"), 1u);
  EXPECT_EQ(count("%%timeit -n 3\nx = 1\ny = 2"), 2u);
  EXPECT_EQ(count("# comment\n%%capture\nx = 1"), 1u);
  EXPECT_EQ(count("%%bash"), 0u);
  EXPECT_EQ(count(""), 0u);
}

TEST(Notebook, LinesMayBeAListAndFormatThreeIsRead) {
  EXPECT_EQ(read_source("n.ipynb", R"({"cells": [{"cell_type": "code", "source": ["x\n", "y"]}]})")
                ->text(),
            "x\ny\n");
  EXPECT_EQ(read_source("n.ipynb",
                        R"({"worksheets": [{"cells": [{"cell_type": "code", "input": "x"}]}]})")
                ->text(),
            "x\n");
}

TEST(Notebook, BrokenOnesAreSaidToBe) {
  EXPECT_THAT(error_of("n.ipynb", "{\n  \"cells\": [,]}"),
              HasSubstr("n.ipynb:2:13: this is no notebook"));
  EXPECT_THAT(error_of("n.ipynb", ""), HasSubstr("no notebook"));
  EXPECT_THAT(error_of("n.ipynb", "[]"), HasSubstr("no \"cells\""));
  EXPECT_THAT(error_of("n.ipynb", "{\"cells\": 3}"), HasSubstr("no list"));
  EXPECT_THAT(error_of("n.ipynb", notebook({"x"}, "julia")), HasSubstr("language is julia"));
  EXPECT_THAT(error_of("n.ipynb", R"({"cells": [{"cell_type": "code"}]})"),
              HasSubstr("no \"source\""));
}

}  // namespace
}  // namespace gradient_check::python
