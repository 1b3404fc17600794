// What benchmarks found: one table for people, one JSON file for later comparison.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace action_scheduler::bench {

// A bound that a figure is asked to keep.
struct Asked {
  enum class Of {
    ratio,       // at least this
    value,       // at most this
    difference,  // value minus peer: at most this
  };
  Of of;
  double bound;
};

inline Asked ratio_at_least(double bound) { return {Asked::Of::ratio, bound}; }
inline Asked at_most(double bound) { return {Asked::Of::value, bound}; }
inline Asked above_peer_at_most(double bound) { return {Asked::Of::difference, bound}; }

struct Figure {
  std::string what;
  double value = 0;
  std::string unit;
  std::optional<double> peer;   // the same of whom we compare with, in the same unit
  std::optional<double> ratio;  // how well we do against the peer: 1 is as well, above 1 better
  std::string note;
  std::optional<Asked> asked = std::nullopt;

  // Whether what is asked is so. A figure that lacks what the bound is about does not keep it, one of which nothing is asked
  // does.
  bool met() const;
};

// The figures of one benchmark program. `name` is a word, `peer` the heading of the peer's column (empty: no peer).
class Report {
 public:
  Report(std::string name, std::string peer) : name_(std::move(name)), peer_(std::move(peer)) {}

  void add(Figure figure) { figures_.push_back(std::move(figure)); }

  // To standard output. A figure of which something is asked says so at its end, and whether it is met.
  void print() const;

  // Puts this report under its name into the JSON file `path`, beside what other programs left there, with the time and the
  // machine. A figure of which something is asked has that in words as `asked`, and `met`. Throws std::runtime_error.
  void save(const std::string& path) const;

 private:
  std::string name_;
  std::string peer_;
  std::vector<Figure> figures_;
};

// A number as the table shows it, for notes.
std::string digits(double value);

// The middle value; of an even count the mean of the two in the middle. `values` is not empty.
double median(std::vector<double> values);

}  // namespace action_scheduler::bench
