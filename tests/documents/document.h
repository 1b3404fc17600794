// What a reader of a Markdown page would type, in order.
//
// Three kinds of fenced blocks are commands: `sh` is a script that has to succeed; `console` has commands behind `$ ` (going on
// behind `> `, or after a `\`) and beneath each what it prints; `sql` goes to psql. In what is printed `...` stands for any text,
// alone on a line for any lines. A comment on a line of its own before a block says more:
//
//   <!-- run: no, REASON -->       it is not run
//   <!-- run: file NAME -->        not a command: the block is written to this file
//   <!-- run: background -->       it goes on until the page ends, and then ends with 0 on SIGTERM
//   <!-- run: until -->            a console block: again and again until that is printed
//   <!-- run: fails -->            it ends with another code than 0
//   <!-- run: like -->             a console block: dates and times of what is printed are examples
//   <!-- run: end -->              what goes on in the background ends here, with 0 on SIGTERM
//   <!-- run: kill -->             likewise, by SIGKILL
//   <!-- run: before               commands that readers do not see, up to the line -->
//   <!-- run: with servers -->     the page wants Postgres and Kafka
#pragma once

#include <string>
#include <vector>

namespace action_scheduler::testing {

struct DocumentStep {
  enum class Kind { script, console, sql, file, end, kill };
  Kind kind = Kind::script;
  int line = 0;  // in the page, from 1
  std::string text;
  std::string printed;  // console: what the page shows
  std::string file;     // kind file: its name
  std::string skipped;  // the reason; empty: it is run
  bool background = false;
  bool until = false;
  bool fails = false;
  bool like = false;
};

struct Document {
  std::vector<DocumentStep> steps;
  bool servers = false;
  std::vector<std::string> faults;  // comments and blocks that cannot be understood, one line each
};

// Never fails: what is wrong with the page is in `faults`.
Document parse_document(const std::string& markdown);

// Whether `got` is what the page shows as `shown`. With `like` dates and times are all the same.
bool printed_as_shown(const std::string& shown, const std::string& got, bool like);

}  // namespace action_scheduler::testing
