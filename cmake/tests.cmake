# One ctest entry for each file: tests/unit/*.cpp and tests/{bundle,store}/*.cpp are GoogleTest programs; the golden text
# cases under tests/{passes,ops,cli} are run by scripts/golden.
file(GLOB unit CONFIGURE_DEPENDS tests/unit/*.cpp tests/bundle/*.cpp tests/store/*.cpp)
foreach(file IN LISTS unit)
  file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/tests ${file})
  string(REGEX REPLACE "\\.cpp$" "" test ${relative})
  string(REPLACE "/" "_" target test_${test})
  add_executable(${target} ${file})
  target_link_libraries(${target} PRIVATE ${hone_libraries} GTest::gtest GTest::gtest_main)
  add_test(NAME ${test} COMMAND ${target})
  set_tests_properties(${test} PROPERTIES ENVIRONMENT
    "HONE_SOURCE=${CMAKE_SOURCE_DIR};HONE_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" TIMEOUT 300)
endforeach()
