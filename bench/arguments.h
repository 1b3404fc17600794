// Command lines of the benchmark programs: `--name value` pairs.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace action_scheduler::bench {

class Arguments {
 public:
  // Throws std::invalid_argument if something is neither one of `names` nor its value.
  Arguments(int argc, char** argv, const std::vector<std::string>& names) {
    for (int i = 1; i < argc; i += 2) {
      const std::string name = argv[i];
      bool known = false;
      for (const std::string& allowed : names) known = known || name == "--" + allowed;
      if (!known || i + 1 == argc) throw std::invalid_argument("unknown or without a value: " + name);
      values_[name.substr(2)] = argv[i + 1];
    }
  }

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }

  // Numbers separated by commas.
  std::vector<std::size_t> numbers(const std::string& name, const std::string& otherwise) const {
    const std::string list = text(name, otherwise);
    std::vector<std::size_t> numbers;
    for (std::size_t begin = 0; begin < list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      numbers.push_back(std::stoul(list.substr(begin, end - begin)));
      begin = end + 1;
    }
    return numbers;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace action_scheduler::bench
