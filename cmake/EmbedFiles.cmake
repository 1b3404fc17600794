# Run as a script: turns the files of PAGE (a folder) and OPENAPI (a file) into OUT, a .cc for src/http/embedded_files.h.
function(embed path name index)
  file(READ ${path} bytes HEX)
  file(MD5 ${path} hash)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
  set(arrays "${arrays}constexpr char kFile${index}[] = {\n${bytes}'\\0'};\n" PARENT_SCOPE)
  set(entry "{\"${name}\", {kFile${index}, sizeof kFile${index} - 1}, \"${hash}\"}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${PAGE} ${PAGE}/*)
list(SORT files)
set(entries "")
set(index 0)
foreach(name IN LISTS files)
  embed(${PAGE}/${name} ${name} ${index})
  string(APPEND entries "    ${entry},\n")
  math(EXPR index "${index} + 1")
endforeach()
embed(${OPENAPI} openapi.json ${index})

file(WRITE ${OUT} "// Made by cmake/EmbedFiles.cmake.
#include \"http/embedded_files.h\"

#include <array>

namespace action_scheduler {
namespace {

${arrays}
constexpr auto kPageFiles = std::to_array<EmbeddedFile>({
${entries}});
constexpr EmbeddedFile kOpenapi = ${entry};

}  // namespace

std::span<const EmbeddedFile> page_files() { return kPageFiles; }
const EmbeddedFile& openapi_file() { return kOpenapi; }

}  // namespace action_scheduler
")
