// For people who come from another scheduler: what their text means there, and what to write here. All functions give a clause
// for an error's end, empty if there is nothing to say. They are called only once a text is known to be wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace action_scheduler {

// Of an element of a field of the format `unix`, such as "?" or "5#2".
std::string unix_item_hint(std::string_view item);

// Of a whole value of the format `unix` that has `fields` fields, not 5.
std::string unix_value_hint(std::string_view value, std::size_t fields);

// Of a value that begins with `@` and is none of the known names.
std::string unix_macro_hint(std::string_view value);

// Of an element of the field `field` ("day", ...) of the format `apscheduler`.
std::string apscheduler_item_hint(std::string_view field, std::string_view item);

// Of a parameter that the format does not know.
std::string param_hint(std::string_view format, std::string_view key);

// Of a name that is no time zone's.
std::string zone_hint(std::string_view name);

}  // namespace action_scheduler
