#pragma once

namespace gradient_check::app {

/// gradient_check.py, which writes cases from other frameworks; see recorder/.
const char* recorder_text();

}  // namespace gradient_check::app
