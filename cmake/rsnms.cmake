# Three verbs the whole tree is built with. Files are listed, never globbed.
#
#   rsnms_library(name SOURCES … DEPS …)   a static library `rsnms_<name>`, include root = the tree
#   rsnms_binary(name SOURCES … DEPS …)    an executable `<name>`
#   rsnms_test(name SOURCES … DEPS …)      one gtest binary `<name>`, one CTest entry; LABELS db when it needs PostgreSQL

set(RSNMS_WARNINGS -Wall -Wextra -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 at -O2 takes `string = "literal"` for an overlapping or oversized copy (GCC bugs 105329, 105651).
  list(APPEND RSNMS_WARNINGS
    $<$<CONFIG:Release>:-Wno-restrict> $<$<CONFIG:Release>:-Wno-stringop-overflow>
    $<$<CONFIG:Release>:-Wno-stringop-overread> $<$<CONFIG:Release>:-Wno-array-bounds>
    $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
endif()

# One precompiled header for everything: what nearly every file includes and what is slowest to parse.
add_library(rsnms_pch STATIC ${CMAKE_CURRENT_LIST_DIR}/pch.cc)
target_precompile_headers(rsnms_pch PRIVATE ${CMAKE_CURRENT_LIST_DIR}/pch.h)
target_link_libraries(rsnms_pch PUBLIC protobuf::libprotobuf absl::status absl::statusor absl::strings absl::time
  PkgConfig::PQXX)
# -fpch-preprocess lets ccache see through the precompiled header.
target_compile_options(rsnms_pch PRIVATE ${RSNMS_WARNINGS} -Wno-deprecated-declarations -fpch-preprocess)

function(_rsnms_common target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${RSNMS_WARNINGS})
  # libpqxx 6.4's headers use what C++20 deprecates.
  target_compile_options(${target} PRIVATE -Wno-deprecated-declarations -fpch-preprocess)
  target_precompile_headers(${target} REUSE_FROM rsnms_pch)
endfunction()

# ThreadSanitizer sees the packaged Abseil's locks only through this.
if(RSNMS_SANITIZE STREQUAL "thread")
  add_library(rsnms_tsan_mutex OBJECT ${PROJECT_SOURCE_DIR}/libs/testing/tsan_mutex.cc)
  target_link_libraries(rsnms_tsan_mutex PUBLIC absl::synchronization absl::time ${CMAKE_DL_LIBS})
endif()
function(_rsnms_program target)
  _rsnms_common(${target})
  if(TARGET rsnms_tsan_mutex)
    target_link_libraries(${target} PRIVATE rsnms_tsan_mutex)
  endif()
endfunction()

function(rsnms_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(rsnms_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(rsnms_${name} PUBLIC rsnms_proto absl::status absl::statusor absl::strings absl::time
    absl::flat_hash_map absl::flat_hash_set absl::synchronization PkgConfig::PQXX ${ARG_DEPS})
  _rsnms_common(rsnms_${name})
endfunction()

function(rsnms_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  _rsnms_program(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

function(rsnms_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  _rsnms_program(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
