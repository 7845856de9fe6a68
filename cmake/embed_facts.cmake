cmake_minimum_required(VERSION 3.24)
# cmake -DWORKER=… -DOUTPUT=… -P embed_facts.cmake
# Asks the worker what the part without LibTorch has to tell, and puts it into a C++ source
# (src/app/facts.h).
execute_process(COMMAND ${WORKER} --describe OUTPUT_VARIABLE facts RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${WORKER} --describe failed: ${status}")
endif()
# A string literal is only so long: pieces of it stand one after another.
string(REGEX REPLACE "\n" ")facts\"\nR\"facts(\n" pieces "${facts}")
file(WRITE ${OUTPUT} "namespace gradient_check::app {

extern const char* const facts_text;
const char* const facts_text = R\"facts(${pieces})facts\";

}  // namespace gradient_check::app
")
