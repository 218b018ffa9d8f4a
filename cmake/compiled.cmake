# lfnc::compiled: the verbs as a static library, for programs of many source files. Whoever links it
# compiles what is in it no more; what is not in it, and units that are compiled with other flags
# than it (OpenMP, exceptions, instruction set), are as with lfnc::lfnc.
set(lfnc_all_parts
    VIEWS # as_view, channels, what codebooks refuse
    WEIGHTS_FLOAT WEIGHTS_DOUBLE WEIGHTS_FLOAT16 WEIGHTS_BFLOAT16 # ternary, uniform, fixed_point
    OTHER_FLOAT OTHER_DOUBLE OTHER_FLOAT16 OTHER_BFLOAT16 # unsigned_uniform, power_of_two, levels
    STATISTICS # moments, histograms, re-normalization
    ACTIVATIONS_FLOAT ACTIVATIONS_DOUBLE ACTIVATIONS_HALF # quantize, dequantize, fake_quantize
    PACKING)
set(LFNC_COMPILED_PARTS "${lfnc_all_parts}" CACHE STRING "What lfnc::compiled holds")
set(LFNC_COMPILED_FLAGS "" CACHE STRING
    "What lfnc::compiled is compiled with besides CMAKE_CXX_FLAGS, as its users are: -fopenmp, say")
mark_as_advanced(LFNC_COMPILED_PARTS LFNC_COMPILED_FLAGS)

# The name that config.hpp gives to units compiled with these flags. Read out of an object file, so
# that it works for other processors too.
get_directory_property(lfnc_compile_options COMPILE_OPTIONS)
separate_arguments(lfnc_compiled_flags NATIVE_COMMAND "${LFNC_COMPILED_FLAGS}")
set(lfnc_probe ${CMAKE_CURRENT_BINARY_DIR}/lfnc_abi.cpp)
file(WRITE ${lfnc_probe} "#include <lfnc/config.hpp>
#define LFNC_TEXT_OF(x) #x
#define LFNC_TEXT(x) LFNC_TEXT_OF(x)
extern const char lfnc_name[];
const char lfnc_name[] = \"lfnc units are \" LFNC_TEXT(LFNC_ABI) \".\";
int main(int count, char**) { return lfnc_name[count]; }
")
try_compile(
  lfnc_probed ${CMAKE_CURRENT_BINARY_DIR}/lfnc_abi ${lfnc_probe}
  CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/include"
  COMPILE_DEFINITIONS ${lfnc_compile_options} ${lfnc_compiled_flags}
  CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
  OUTPUT_VARIABLE lfnc_probe_said
  COPY_FILE ${CMAKE_CURRENT_BINARY_DIR}/lfnc_abi.bin)
if(NOT lfnc_probed)
  message(FATAL_ERROR "lfnc::compiled: the headers do not compile:\n${lfnc_probe_said}")
endif()
file(STRINGS ${CMAKE_CURRENT_BINARY_DIR}/lfnc_abi.bin lfnc_abi REGEX "lfnc units are [A-Za-z0-9_]+[.]")
string(REGEX REPLACE ".*lfnc units are ([A-Za-z0-9_]+)[.].*" "\\1" lfnc_abi "${lfnc_abi}")

set(lfnc_sources "")
set(lfnc_definitions LFNC_COMPILED_FOR_${lfnc_abi}=1)
foreach(part IN LISTS LFNC_COMPILED_PARTS)
  if(NOT part IN_LIST lfnc_all_parts)
    message(FATAL_ERROR "LFNC_COMPILED_PARTS: '${part}' is none of ${lfnc_all_parts}")
  endif()
  string(TOLOWER ${part} lfnc_source)
  set(lfnc_source ${CMAKE_CURRENT_BINARY_DIR}/compiled/${lfnc_source}.cpp)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/compiled/part.cpp.in ${lfnc_source} @ONLY)
  list(APPEND lfnc_sources ${lfnc_source})
  list(APPEND lfnc_definitions LFNC_COMPILED_${part}=extern)
endforeach()

add_library(lfnc_compiled STATIC ${lfnc_sources})
add_library(lfnc::compiled ALIAS lfnc_compiled)
target_link_libraries(lfnc_compiled PUBLIC lfnc)
target_compile_definitions(lfnc_compiled PUBLIC ${lfnc_definitions})
target_compile_options(lfnc_compiled PRIVATE ${lfnc_compiled_flags})
if(NOT LFNC_INSTALL)
  # In somebody else's project it is built where it is linked.
  set_target_properties(lfnc_compiled PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
set_target_properties(lfnc_compiled PROPERTIES EXPORT_NAME compiled POSITION_INDEPENDENT_CODE ON)
