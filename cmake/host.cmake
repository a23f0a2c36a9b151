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
hone_library(data hone_ir hone_npy hone_onnx hone_image zip z)
hone_library(quant hone_exec hone_data hone_rewrite Eigen3::Eigen)
find_package(tomlplusplus REQUIRED)
hone_library(report hone_stats tomlplusplus::tomlplusplus)
set(hone_libraries hone_ops_table hone_cli hone_passes hone_device hone_quant hone_rewrite hone_exec hone_data hone_npy hone_onnx hone_ops_host hone_image hone_ops hone_store
  hone_bundle hone_report hone_stats hone_hash tomlplusplus::tomlplusplus)
add_executable(hone tools/hone/main.cpp ${hone_sources} ${CMAKE_BINARY_DIR}/generated/hone_commands_table.cpp)
target_link_libraries(hone PRIVATE ${hone_libraries})

enable_testing()
include(cmake/tests.cmake)
