# weir_embed(MODULE NAMESPACE kName=path...)
# Builds text files into a module: its header declares `extern const std::string_view kName;`. A
# name that follows itself holds its files one behind the other.
function(weir_embed module namespace)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${module}_assets.cc)
  set(paths)
  foreach(entry ${ARGN})
    string(REGEX REPLACE "^[^=]*=" "" path ${entry})
    list(APPEND paths ${path})
  endforeach()
  string(REPLACE ";" "|" files "${ARGN}")
  add_custom_command(OUTPUT ${out} VERBATIM
    COMMAND ${CMAKE_COMMAND} -D OUT=${out} -D NAMESPACE=${namespace} -D "FILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake)
  target_sources(weir_${module} PRIVATE ${out})
endfunction()
