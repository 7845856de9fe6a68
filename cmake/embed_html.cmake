cmake_minimum_required(VERSION 3.24)
# cmake -DFOLDER=… -DD3=… -DOUTPUT=… -P embed_html.cmake
# Puts page.html's parts into it, and the page into a C++ source (html/page.h).
file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/report.css style)
file(READ ${FOLDER}/LICENSE.d3 licence)
file(READ ${D3} d3)
set(scripts "")
foreach(name data plots training chain source detail list)
  file(READ ${FOLDER}/${name}.js script)
  string(APPEND scripts "${script}\n")
endforeach()
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@D3_LICENCE@" "${licence}" page "${page}")
string(REPLACE "@SCRIPTS@" "${scripts}" page "${page}")
string(REPLACE "@D3@" "${d3}" page "${page}")
file(WRITE ${OUTPUT} "#include \"gradient_check/report/html/page.h\"

namespace gradient_check {

const char* const html_page = R\"html_page(${page})html_page\";

}  // namespace gradient_check
")
