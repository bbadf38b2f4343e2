# What is installed and packed: the program, its manual pages and completions, plans and dashboard.
# cpack -G DEB makes the Debian package; cmake/package.py the tarball with its own libraries.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)   # packing builds no tests

# Debian's packages carry no search path (install removes it); the tarball takes the program as it
# was linked, and finds what lies beside it. As RPATH, so that the libraries' own needs are found so.
set_target_properties(weir PROPERTIES BUILD_RPATH "$ORIGIN/../lib/weir" INSTALL_RPATH "")
target_link_options(weir PRIVATE LINKER:--disable-new-dtags)

install(TARGETS weir RUNTIME DESTINATION bin)
install(FILES completions/weir.bash DESTINATION share/bash-completion/completions RENAME weir)
install(FILES completions/_weir DESTINATION share/zsh/vendor-completions)
install(DIRECTORY plans DESTINATION share/weir FILES_MATCHING PATTERN "*.toml")
if(EXISTS ${PROJECT_SOURCE_DIR}/deploy/grafana)
  install(DIRECTORY deploy/grafana DESTINATION share/weir)
endif()
install(FILES README.md DESTINATION share/doc/weir)
install(FILES LICENSE DESTINATION share/doc/weir RENAME copyright)
install(CODE "
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/man_pages.sh $<TARGET_FILE:weir>
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/man/man1\" COMMAND_ERROR_IS_FATAL ANY)")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weir)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The weir authors <weir@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "measure event-streaming pipelines: load, scale, faults")
set(CPACK_PACKAGE_DESCRIPTION "\
weir measures pipelines of a producer, Kafka and a stream processor: how much
load they carry and at what latency, how that scales with partitions and
workers, and what a failure costs. It brings a broker and an engine of its own,
and drives Apache Kafka and Apache Spark.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, default-jre-headless")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
