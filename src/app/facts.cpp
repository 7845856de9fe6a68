#include "app/facts.h"

namespace gradient_check::app {

extern const char* const facts_text;  // made by cmake/embed_facts.cmake

const wire::Facts& built_in_facts() {
  static const wire::Facts facts = wire::facts_from_text(facts_text);
  return facts;
}

}  // namespace gradient_check::app
