// The operator's commands on the command line.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "action_scheduler/result.h"
#include "cli/operator_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
}  // namespace CLI

namespace action_scheduler {

// Adds its commands to an application and, once that has parsed, knows what was asked for. Must not move, and must not outlive
// the application.
class OperatorCommandLine {
 public:
  // `add` makes a command of a name and a description.
  using AddCommand = std::function<CLI::App*(const std::string& name, const std::string& description)>;

  explicit OperatorCommandLine(const AddCommand& add);
  OperatorCommandLine(const OperatorCommandLine&) = delete;
  OperatorCommandLine& operator=(const OperatorCommandLine&) = delete;

  // Whether one of the commands was given.
  bool given() const;

  // Which; an Error if its options do not go together.
  Result<OperatorCommand> command() const;

  // The name of the command that was given.
  std::string name() const;

 private:
  struct WriteRequest {
    CLI::App* app;
    WriteOptions options;
    std::vector<std::string> unset;
    bool disabled = false;
  };

  void add_reading(const AddCommand& add);
  void add_writing(const AddCommand& add);
  void add_service(const AddCommand& add);
  void add_ledger(const AddCommand& add);
  WriteRequest& add_write(const AddCommand& add, WriteOptions::Kind kind, const std::string& name,
                          const std::string& description);
  void add_cells(WriteRequest& request);

  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* health_ = nullptr;
  CLI::App* fire_ = nullptr;
  CLI::App* backfill_ = nullptr;
  CLI::App* fires_ = nullptr;
  CLI::App* settle_ = nullptr;
  CLI::App* parked_ = nullptr;
  ListOptions list_options_;
  ShowOptions show_options_;
  HealthOptions health_options_;
  FireOptions fire_options_;
  FireOptions backfill_options_;
  FiresOptions fires_options_;
  SettleOptions settle_options_;
  ParkedOptions parked_options_;
  std::string parked_what_ = "list";
  std::list<WriteRequest> writes_;
};

}  // namespace action_scheduler
