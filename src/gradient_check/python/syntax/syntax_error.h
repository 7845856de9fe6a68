#pragma once

#include <stdexcept>
#include <string>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

/// Text that is no Python, with the characters that are wrong. what() is "net.py:3:5: message", and
/// "; help" where there is one.
class SyntaxError : public std::runtime_error {
 public:
  SyntaxError(Span span, std::string message, std::string help = "", std::string place = "")
      : std::runtime_error((place.empty() ? "" : place + ": ") + message +
                           (help.empty() ? "" : "; " + help)),
        span_(span),
        message_(std::move(message)),
        help_(std::move(help)),
        place_(std::move(place)) {}

  Span span() const { return span_; }
  /// What was found, and what was expected.
  const std::string& message() const { return message_; }
  /// What to write instead; may be empty.
  const std::string& help() const { return help_; }
  /// "net.py:3:5"
  const std::string& place() const { return place_; }

 private:
  Span span_;
  std::string message_, help_, place_;
};

}  // namespace gradient_check::python
