// Errors as values.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace action_scheduler {

// What went wrong, in one line that a user can act on: what, where, what to do. No trailing newline.
struct Error {
  std::string message;
  bool passing =
      false;  // the same may go well later without anything being mended in what was given: no descriptor, an I/O error

  friend bool operator==(const Error&, const Error&) = default;
};

// A value or an Error. Like std::expected, which g++ 12 does not have in C++20.
// Accessing the side that is not there is a programmer error (throws std::bad_variant_access).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Done, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace action_scheduler
