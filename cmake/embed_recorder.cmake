cmake_minimum_required(VERSION 3.24)
# cmake -DFILE=… -DOUTPUT=… -P embed_recorder.cmake
# Puts gradient_check.py into a C++ source (app/recorder.h).
file(READ ${FILE} text)
file(WRITE ${OUTPUT} "#include \"app/recorder.h\"

namespace gradient_check::app {

const char* recorder_text() {
  return R\"recorder(${text})recorder\";
}

}  // namespace gradient_check::app
")
