// What `--help` prints, on a terminal of some width.
#pragma once

#include <cstddef>
#include <string>

namespace action_scheduler {

// Wraps the lines that are wider than `width` columns between words: what stands beside an option beneath its beginning,
// paragraphs anew. Examples stay in one line, so that they can be copied. `width` 0 leaves all as it is.
std::string fitted(const std::string& help, std::size_t width);

}  // namespace action_scheduler
