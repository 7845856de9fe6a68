#include "gradient_check/case/case_name.h"

#include <nlohmann/json.hpp>

#include "gradient_check/case/file_access.h"

namespace gradient_check {
namespace {

/// Takes the name out of a case's text, keeps nothing else, and stops there.
class NameFinder : public nlohmann::json_sax<nlohmann::json> {
 public:
  const std::string& name() const { return name_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t& value) override {
    if (!at_name_) return true;
    name_ = value;
    return false;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool key(string_t& key) override {
    at_name_ = depth_ == 1 && key == "name";
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool enter() {
    at_name_ = false;
    return ++depth_ <= 200;
  }
  bool leave() {
    --depth_;
    return true;
  }

  std::string name_;
  std::size_t depth_ = 0;
  bool at_name_ = false;
};

}  // namespace

std::string case_name(const std::filesystem::path& path) {
  NameFinder finder;
  try {
    const std::string text = read_text_file(path, {path.string(), 0, 0}, "");
    nlohmann::json::sax_parse(text, &finder, nlohmann::json::input_format_t::json, true, true);
  } catch (const std::exception&) {
    // A file that cannot be read keeps its stem's name; running it reports why.
  }
  return finder.name().empty() ? path.stem().string() : finder.name();
}

}  // namespace gradient_check
