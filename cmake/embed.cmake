# cmake -D OUT=assets.cc -D NAMESPACE=weir::report -D "FILES=name=path|name=path" -P embed.cmake
# Writes a C++ source with one std::string_view kName for each file: what a page needs travels in
# the program.
string(REPLACE "|" ";" FILES "${FILES}")
file(WRITE ${OUT}.new "#include <string_view>\n\nnamespace ${NAMESPACE} {\n")
foreach(entry ${FILES})
  string(REGEX MATCH "^([^=]*)=(.*)$" _ "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} text)
  string(FIND "${text}" ")weir_asset\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${CMAKE_MATCH_2} contains the end mark of a raw string")
  endif()
  file(APPEND ${OUT}.new "extern const std::string_view ${name};\nconst std::string_view ${name} = R\"weir_asset(")
  file(APPEND ${OUT}.new "${text}")
  file(APPEND ${OUT}.new ")weir_asset\";\n")
endforeach()
file(APPEND ${OUT}.new "}  // namespace ${NAMESPACE}\n")
file(RENAME ${OUT}.new ${OUT})
