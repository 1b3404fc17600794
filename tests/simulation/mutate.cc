// `mutate MUTATIONS ROOT FILE OUTPUT`: a copy of FILE (relative to ROOT) with the deliberate bugs of MUTATIONS in it, each behind
// its switch.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Mutation {
  std::string name;
  std::string file;
  std::string original;
  std::string changed;
};

// Puts the mutation into `text`; false if its lines do not stand there exactly once.
bool put_into(const Mutation& mutation, std::string& text) {
  // As whole lines.
  const std::string original = '\n' + mutation.original;
  const std::size_t found = text.find(original);
  if (mutation.original.empty() || found == text.npos || text.find(original, found + 1) != text.npos) return false;
  text.replace(found, original.size(), '\n' + mutation.changed);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: mutate MUTATIONS ROOT FILE OUTPUT\n");
    return 2;
  }
  const std::string wanted = arguments[3];
  std::string text = "\n" + read(arguments[2] + ("/" + wanted));
  bool good = true;
  Mutation mutation;
  const auto finish = [&] {
    if (mutation.file != wanted || put_into(mutation, text)) return;
    std::fprintf(stderr, "%s: the lines of mutation %s do not stand in %s exactly once; write it anew for the present text\n",
                 arguments[1], mutation.name.c_str(), wanted.c_str());
    good = false;
  };
  std::istringstream lines(read(arguments[1]));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@@ ")) {
      finish();
      mutation = {};
      std::istringstream(line.substr(3)) >> mutation.name >> mutation.file;
    } else if (line.starts_with('-')) {
      mutation.original += line.substr(1) + '\n';
    } else if (line.starts_with('+')) {
      mutation.changed += line.substr(1) + '\n';
    }
  }
  finish();
  if (!good) return 1;
  std::ofstream(arguments[4], std::ios::binary) << text;
  return 0;
}
