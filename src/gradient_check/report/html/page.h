#pragma once

namespace gradient_check {

/// page.html with the style, D3 and the scripts of this folder in it; made by
/// cmake/embed_html.cmake.
extern const char* const html_page;
/// Stands in it where the JSON report goes.
inline constexpr const char* html_data_marker = "@REPORT_DATA@";

}  // namespace gradient_check
