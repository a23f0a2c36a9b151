# The host side: ONNX, passes, quantization, the hone command, tests, benchmarks, fuzz targets.
find_package(Protobuf REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

add_library(hone_hash STATIC lib/base/hash.cpp)
target_link_libraries(hone_hash PUBLIC hone_base OpenSSL::Crypto)
# The rows as an object: whatever links them finds the operators in the two libraries after it.
add_library(hone_ops_table OBJECT ${CMAKE_BINARY_DIR}/generated/ops_table.cpp)
hone_library(image hone_ir jpeg spng tiff webp webpdemux openjp2)
add_library(hone_ops_host STATIC ${host_sources} lib/empty.cpp)
target_link_libraries(hone_ops_host PUBLIC hone_ops hone_image re2)
hone_library(onnx hone_ops onnx_proto protobuf::libprotobuf OpenSSL::Crypto)
target_compile_definitions(hone_onnx PRIVATE ONNX_ML=1 ONNX_NAMESPACE=onnx)
hone_library(rewrite hone_ops)  # finds passes in their table, so each needs the other
add_library(hone_passes STATIC ${passes} ${CMAKE_BINARY_DIR}/generated/passes_table.cpp)
target_link_libraries(hone_passes PUBLIC hone_rewrite)
target_link_libraries(hone_rewrite PUBLIC hone_passes)
file(GLOB token_sources CONFIGURE_DEPENDS lib/bundle/host/*.cpp)
add_library(hone_token STATIC ${token_sources})
target_link_libraries(hone_token PUBLIC hone_bundle ${CMAKE_DL_LIBS})
hone_library(data hone_ir hone_npy hone_onnx hone_image zip z)
hone_library(quant hone_exec hone_data hone_rewrite Eigen3::Eigen)
find_package(tomlplusplus REQUIRED)
hone_library(report hone_stats tomlplusplus::tomlplusplus)
set(hone_libraries hone_ops_table hone_cli hone_passes hone_device hone_quant hone_rewrite hone_exec hone_data hone_npy hone_onnx hone_ops_host hone_image hone_ops hone_store
  hone_token hone_bundle hone_report hone_stats hone_hash tomlplusplus::tomlplusplus)
# What provenance and SBOM say of this build: the git revision, in a file that changes only with it, and the version of RE2, whose headers have none.
add_custom_target(revision BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/revision.cpp
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUT=${CMAKE_BINARY_DIR}/generated/revision.cpp -P ${CMAKE_SOURCE_DIR}/cmake/revision.cmake)
execute_process(COMMAND dpkg-query -W -f=\${source:Upstream-Version} libre2-dev OUTPUT_VARIABLE re2_version ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT re2_version)
  set(re2_version unknown)
endif()
set_source_files_properties(tools/hone/sbom.cpp PROPERTIES COMPILE_DEFINITIONS "HONE_RE2_VERSION=\"${re2_version}\";ONNX_NAMESPACE=onnx")
add_executable(hone tools/hone/main.cpp ${hone_sources} ${CMAKE_BINARY_DIR}/generated/hone_commands_table.cpp ${CMAKE_BINARY_DIR}/generated/revision.cpp)
add_dependencies(hone revision)
target_link_libraries(hone PRIVATE ${hone_libraries})

enable_testing()
include(cmake/tests.cmake)
