// with_servers [--secured] COMMAND...: runs the command while a Postgres and a Kafka of its own are there. It finds in its
// environment PGHOST, PGPORT, PGUSER and PGDATABASE, and KAFKA_SERVER with the topic `actions`. With --secured Kafka has a
// listener with TLS and logins as well: KAFKA_SECURED_SERVER, the authority's certificate in KAFKA_CA_FILE, user `app` with the
// password in KAFKA_PASSWORD and all rights on that topic, and on the group and transactional ids that its scheduler has by
// default. Ends as the command does.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tests/servers/kafka_server.h"
#include "tests/servers/postgres_server.h"

int main(int argc, char** argv) {
  using namespace action_scheduler::testing;
  const bool secured = argc > 1 && std::string_view(argv[1]) == "--secured";
  char** arguments = argv + (secured ? 2 : 1);
  if (*arguments == nullptr) {
    std::cerr << "with_servers: a command is expected\n";
    return 2;
  }
  try {
    const PostgresServer postgres;
    KafkaServerOptions options;
    options.secured = secured;
    KafkaServer kafka(options);
    kafka.create_topic("actions");
    if (secured) {
      for (const char* id : {"action-scheduler-actions", "action-scheduler-actions.spare"}) {
        kafka.allow("All", "transactional-id", id);
      }
      kafka.allow("All", "group", "action-scheduler-actions");
      kafka.allow("All", "topic", "actions");
      ::setenv("KAFKA_SECURED_SERVER", kafka.secured_address().c_str(), 1);
      ::setenv("KAFKA_CA_FILE", kafka.ca_file().c_str(), 1);
      ::setenv("KAFKA_PASSWORD", options.password.c_str(), 1);
    }
    ::setenv("PGHOST", postgres.host().c_str(), 1);
    ::setenv("PGPORT", std::to_string(postgres.port()).c_str(), 1);
    ::setenv("PGUSER", postgres.user().c_str(), 1);
    ::setenv("PGDATABASE", postgres.database().c_str(), 1);
    ::setenv("KAFKA_SERVER", kafka.address().c_str(), 1);
    const pid_t command = ::fork();
    if (command == 0) {
      ::execvp(*arguments, arguments);
      std::cerr << "with_servers: cannot start " << *arguments << '\n';
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
