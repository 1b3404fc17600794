#include "bench/postgres_table.h"

#include <algorithm>

#include "bench/progress.h"

namespace action_scheduler::bench {

void fill_action_table(const testing::PostgresServer& server, std::size_t rows) {
  server.exec(
      "CREATE TABLE action (id serial PRIMARY KEY, name varchar NOT NULL, command varchar NOT NULL, cron json NOT NULL, "
      "merge_missed"
      " boolean, actuality_time integer, enabled boolean NOT NULL DEFAULT true, timezone varchar, topic varchar, key varchar,"
      " headers json)");
  constexpr std::size_t kSlice = 100'000;
  ProgressLine progress = progress_line();
  for (std::size_t done = 0; done < rows; done += kSlice) {
    progress.part("filling the table", done, rows);
    server.exec(
        "INSERT INTO action (name, command, cron, merge_missed, actuality_time) SELECT 'action ' || i, 'run --job ' || i ||"
        " ' --verbose', ('{\"format\": \"unix\", \"params\": {\"value\": \"' || i % 60 || ' ' || i % 24 || ' * * *\"}}')::json,"
        " true, 300 FROM generate_series(" +
        std::to_string(done + 1) + ", " + std::to_string(std::min(done + kSlice, rows)) + ") i");
  }
  server.exec("VACUUM ANALYZE action");
}

PostgresTableOptions table_options(const testing::PostgresServer& server, const std::string& name) {
  PostgresTableOptions options;
  options.host = server.host();
  options.port = server.port();
  options.user = server.user();
  options.database = server.database();
  options.properties["application_name"] = name;
  options.deadline = std::chrono::minutes(10);
  return options;
}

}  // namespace action_scheduler::bench
