#include "tests/documents/document.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <sstream>

namespace action_scheduler::testing {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// An indented block is not run. The synopses of docs/commands.md, with their brackets, are no commands.
bool looks_like_a_command(const std::string& line) {
  static const std::regex command(
      " {4}(\\$ |(action-scheduler |build/|cmake |docker |kafka-|kcat |kubectl |make |psql |sudo )).*");
  return std::regex_match(line, command) && line.find('[') == std::string::npos;
}

// The page, line by line. `marks` are the words of the last comment, which belong to the next block.
class Reader {
 public:
  explicit Reader(const std::string& markdown) : lines_(lines_of(markdown)) {}

  Document read() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      const std::string line = trimmed(lines_[at_]);
      if (line.starts_with("<!-- run:")) {
        comment(line.substr(9));
      } else if (line.starts_with("```")) {
        block(line.substr(3), lines_[at_].find('`'));
      } else if (!line.empty() && marks_) {
        fault("a comment that stands before no block");
        marks_.reset();
      } else if (looks_like_a_command(lines_[at_])) {
        fault("a command outside a fenced block: " + line);
      }
    }
    if (marks_) fault("a comment that stands before no block");
    return std::move(document_);
  }

 private:
  void fault(const std::string& what) { document_.faults.push_back("line " + std::to_string(at_ + 1) + ": " + what); }

  void comment(const std::string& rest) {
    const std::string words = trimmed(rest.substr(0, rest.find("-->")));
    if (words == "before") {
      DocumentStep step;
      step.line = static_cast<int>(at_) + 1;
      while (++at_ < lines_.size() && trimmed(lines_[at_]) != "-->") step.text += lines_[at_] + '\n';
      document_.steps.push_back(step);
      return;
    }
    if (words == "end" || words == "kill") {
      document_.steps.push_back({});
      document_.steps.back().kind = words == "end" ? DocumentStep::Kind::end : DocumentStep::Kind::kill;
      document_.steps.back().line = static_cast<int>(at_) + 1;
      return;
    }
    if (rest.find("-->") == std::string::npos) fault("the comment does not end on its line");
    if (words == "with servers") {
      document_.servers = true;
      return;
    }
    DocumentStep marks;
    if (words.starts_with("no, ")) {
      marks.skipped = words.substr(4);
    } else if (words.starts_with("file ")) {
      marks.kind = DocumentStep::Kind::file;
      marks.file = words.substr(5);
    } else {
      std::istringstream in(words);
      for (std::string word; in >> word;) {
        if (word.ends_with(',')) word.pop_back();
        if (word == "background") {
          marks.background = true;
        } else if (word == "until") {
          marks.until = true;
        } else if (word == "fails") {
          marks.fails = true;
        } else if (word == "like") {
          marks.like = true;
        } else {
          fault("unknown word in a comment: " + word);
        }
      }
    }
    marks_ = marks;
  }

  void block(const std::string& language, std::size_t indent) {
    DocumentStep step = marks_.value_or(DocumentStep{});
    const bool marked = marks_.has_value();
    marks_.reset();
    step.line = static_cast<int>(at_) + 1;
    std::vector<std::string> body;
    while (++at_ < lines_.size() && !trimmed(lines_[at_]).starts_with("```")) {
      body.push_back(lines_[at_].substr(std::min(indent, lines_[at_].find_first_not_of(' '))));
    }
    if (step.kind == DocumentStep::Kind::file || language == "sh" || language == "sql") {
      for (const std::string& line : body) step.text += line + '\n';
      if (step.kind != DocumentStep::Kind::file && language == "sql") step.kind = DocumentStep::Kind::sql;
      document_.steps.push_back(step);
    } else if (language == "console") {
      console(step, body);
    } else if (marked) {
      fault("a comment before a block that is neither sh nor console nor sql");
    } else {
      for (const std::string& line : body) {
        if (line.starts_with("$ ")) fault("a command in a block that is not marked console: " + line);
      }
    }
  }

  void console(const DocumentStep& marks, const std::vector<std::string>& body) {
    bool goes_on = false;
    bool any = false;
    for (const std::string& line : body) {
      const bool begins = line.starts_with("$ ");
      if (begins || !any) {
        if (!begins) fault("a console block that does not begin with a command");
        document_.steps.push_back(marks);
        document_.steps.back().kind = DocumentStep::Kind::console;
        any = true;
      }
      DocumentStep& step = document_.steps.back();
      if (begins || goes_on || line.starts_with("> ")) {
        const std::string text = begins || line.starts_with("> ") ? line.substr(2) : line;
        step.text += text + '\n';
        goes_on = text.ends_with('\\');
      } else {
        step.printed += line + '\n';
      }
    }
  }

  const std::vector<std::string> lines_;
  std::size_t at_ = 0;
  std::optional<DocumentStep> marks_;
  Document document_;
};

// `...` in `shown` stands for any text.
bool line_as_shown(const std::string& shown, const std::string& got) {
  std::size_t from = 0;
  std::size_t at = 0;
  for (;;) {
    const std::size_t dots = shown.find("...", from);
    const std::string part = shown.substr(from, dots == std::string::npos ? dots : dots - from);
    if (dots == std::string::npos) {
      return from == 0 ? part == got : got.size() >= at + part.size() && got.ends_with(part);
    }
    const std::size_t found = from == 0 ? (got.starts_with(part) ? 0 : std::string::npos) : got.find(part, at);
    if (found == std::string::npos) return false;
    at = found + part.size();
    from = dots + 3;
  }
}

bool lines_as_shown(const std::vector<std::string>& shown, std::size_t i, const std::vector<std::string>& got, std::size_t j) {
  for (; i < shown.size(); ++i, ++j) {
    if (shown[i] == "...") {
      for (std::size_t skip = j; skip <= got.size(); ++skip) {
        if (lines_as_shown(shown, i + 1, got, skip)) return true;
      }
      return false;
    }
    if (j >= got.size() || !line_as_shown(shown[i], got[j])) return false;
  }
  return j == got.size();
}

std::string without_times(const std::string& text) {
  static const std::regex time(
      "((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?)?"
      "( ?(Z|[+-][0-9]{2}:[0-9]{2}))?");
  return std::regex_replace(text, time, "<time>");
}

}  // namespace

Document parse_document(const std::string& markdown) { return Reader(markdown).read(); }

bool printed_as_shown(const std::string& shown, const std::string& got, bool like) {
  const auto prepared = [&](const std::string& text) {
    std::vector<std::string> lines = lines_of(like ? without_times(text) : text);
    for (std::string& line : lines) line.erase(line.find_last_not_of(" \t") + 1);
    return lines;
  };
  return lines_as_shown(prepared(shown), 0, prepared(got), 0);
}

}  // namespace action_scheduler::testing
