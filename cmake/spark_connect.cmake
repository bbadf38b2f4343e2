# The protocol of Spark Connect as a library of its own: generated code, compiled without our
# warnings.
find_package(Protobuf REQUIRED)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
find_program(WEIR_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

set(weir_connect_proto ${PROJECT_SOURCE_DIR}/src/weir/spark/connect.proto)
set(weir_connect_dir ${PROJECT_BINARY_DIR}/generated/weir_spark_connect)
file(MAKE_DIRECTORY ${weir_connect_dir})
add_custom_command(
  OUTPUT ${weir_connect_dir}/connect.pb.cc ${weir_connect_dir}/connect.pb.h
         ${weir_connect_dir}/connect.grpc.pb.cc ${weir_connect_dir}/connect.grpc.pb.h
  COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR}/src/weir/spark
          --cpp_out=${weir_connect_dir} --grpc_out=${weir_connect_dir}
          --plugin=protoc-gen-grpc=${WEIR_GRPC_PLUGIN} ${weir_connect_proto}
  DEPENDS ${weir_connect_proto}
  VERBATIM)
add_library(weir_spark_connect STATIC ${weir_connect_dir}/connect.pb.cc
                                      ${weir_connect_dir}/connect.grpc.pb.cc)
target_compile_options(weir_spark_connect PRIVATE -w)
target_include_directories(weir_spark_connect SYSTEM PUBLIC ${weir_connect_dir})
target_link_libraries(weir_spark_connect PUBLIC PkgConfig::GRPC protobuf::libprotobuf)
