#include "gradient_check/python/source/source_reader.h"

#include "gradient_check/python/source/notebook_reader.h"
#include "gradient_check/python/source/text_decoder.h"

namespace gradient_check::python {

std::shared_ptr<const SourceText> read_source(const std::string& label, std::string_view bytes) {
  if (label.size() >= 6 && label.compare(label.size() - 6, 6, ".ipynb") == 0)
    return read_notebook(label, bytes);
  return std::make_shared<SourceText>(label, decode_text(label, bytes));
}

}  // namespace gradient_check::python
