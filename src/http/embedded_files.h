// Files that are compiled into the program (CMakeLists.txt): those of page/ and openapi.json.
#pragma once

#include <span>
#include <string_view>

namespace action_scheduler {

struct EmbeddedFile {
  std::string_view name;  // "index.html", "parts/list.js"
  std::string_view content;
  std::string_view hash;  // of the content
};

// Those of page/, by name.
std::span<const EmbeddedFile> page_files();

// The description of the API, OpenAPI 3.1.
const EmbeddedFile& openapi_file();

}  // namespace action_scheduler
