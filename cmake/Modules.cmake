# gslb_module(NAME SOURCES ... [PUBLIC ...] [PRIVATE ...]): one folder, or one subfolder, as one static library gslb::NAME.
function(gslb_module name)
  cmake_parse_arguments(M "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(gslb_${name} STATIC ${M_SOURCES})
  add_library(gslb::${name} ALIAS gslb_${name})
  target_link_libraries(gslb_${name} PUBLIC gslb_options ${M_PUBLIC} PRIVATE ${M_PRIVATE})
endfunction()

# gslb_test(NAME SOURCES ... [LINK ...]): the tests of one folder as one GoogleTest program; each test is a ctest of its own.
function(gslb_test name)
  cmake_parse_arguments(T "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE gslb_options ${T_LINK} GTest::gmock_main)
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# gslb_fuzz(NAME LINK ...): tests/fuzz/NAME.cpp. With GSLB_FUZZ it is a libFuzzer program; always it is also a test that
# replays its corpus and a fixed number of mutants of it (tests/fuzz/replay.cpp).
function(gslb_fuzz name)
  cmake_parse_arguments(F "" "" "LINK" ${ARGN})
  add_executable(${name}_replay ${name}.cpp replay.cpp)
  target_link_libraries(${name}_replay PRIVATE gslb_options ${F_LINK})
  add_test(NAME fuzz.${name} COMMAND ${name}_replay ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 180 LABELS fuzz WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(GSLB_FUZZ)
    add_executable(${name} ${name}.cpp)
    target_link_libraries(${name} PRIVATE gslb_options ${F_LINK} -fsanitize=fuzzer)
  endif()
endfunction()

# gslb_bench(NAME SOURCES ... [LINK ...]): a Google Benchmark program; never a test.
function(gslb_bench name)
  cmake_parse_arguments(B "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${B_SOURCES})
  target_link_libraries(${name} PRIVATE gslb_options ${B_LINK} benchmark::benchmark_main)
endfunction()
