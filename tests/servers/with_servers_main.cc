// with_servers COMMAND...: runs the command while a Postgres and a Kafka of its own are there. It finds in its environment
// PGHOST, PGPORT, PGUSER and PGDATABASE, and KAFKA_SERVER with the topic `actions`. Ends as the command does.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"

int main(int argc, char** argv) {
  using namespace action_scheduler::testing;
  if (argc < 2) {
    std::cerr << "with_servers: a command is expected\n";
    return 2;
  }
  try {
    const PostgresServer postgres;
    KafkaServer kafka;
    kafka.create_topic("actions");
    ::setenv("PGHOST", postgres.host().c_str(), 1);
    ::setenv("PGPORT", std::to_string(postgres.port()).c_str(), 1);
    ::setenv("PGUSER", postgres.user().c_str(), 1);
    ::setenv("PGDATABASE", postgres.database().c_str(), 1);
    ::setenv("KAFKA_SERVER", kafka.address().c_str(), 1);
    const pid_t command = ::fork();
    if (command == 0) {
      ::execvp(argv[1], argv + 1);
      std::cerr << "with_servers: cannot start " << argv[1] << '\n';
      ::_exit(127);
    }
    int status = 0;
    if (command < 0 || ::waitpid(command, &status, 0) != command) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  } catch (const std::exception& fault) {
    std::cerr << "with_servers: " << fault.what() << '\n';
    return 1;
  }
}
