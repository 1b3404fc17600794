// What alerts, dashboards and documents ask Prometheus for is what the service tells it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "tests/documents/servers.h"
#include "tests/end_to_end/world.h"

namespace action_scheduler::testing {
namespace {

using ::testing::IsSubsetOf;

// What 127.0.0.1:port answers; empty if nobody does.
std::string get(int port, const std::string& path) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    std::array<char, 4096> part{};
    for (ssize_t size; (size = ::recv(descriptor, part.data(), part.size(), 0)) > 0;)
      answer.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(descriptor);
  return answer;
}

std::set<std::string> metrics_in(const std::string& text) {
  static const std::regex name("action_scheduler_[a-z0-9_]+");
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) found.insert(at->str());
  return found;
}

// The families of an answer: what stands behind `# TYPE`.
std::set<std::string> families_in(const std::string& told) {
  static const std::regex type("# TYPE (action_scheduler_[a-z0-9_]+) ");
  std::set<std::string> found;
  for (std::sregex_iterator at(told.begin(), told.end(), type), end; at != end; ++at) found.insert(at->str(1));
  return found;
}

// The names in the first column of the table beneath "## Metrics", without labels.
std::set<std::string> documented_metrics(const std::string& page) {
  static const std::regex name("`([a-z0-9_]+)(\\{[a-z]+\\})?`");
  std::set<std::string> found;
  std::istringstream lines(page.substr(page.find("\n## Metrics\n") + 1));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(2, line.find('|', 2) - 2);
    for (std::sregex_iterator at(cell.begin(), cell.end(), name), end; at != end; ++at)
      found.insert("action_scheduler_" + at->str(1));
  }
  return found;
}

TEST(Metrics, AreThoseThatAlertsDashboardsAndDocumentsName) {
  const int port = free_ports(1)[0];
  const std::string topic = unique_name("fires");
  document_kafka().create_topic(topic);
  const WorkFolder folder;
  folder.write("config.yaml",
               "actions_db: {dialect: sqlite, database: a.db}\ninternal_db: {dialect: sqlite, database: l.db}\n"
               "track_changes_period: 1\nkafka: {server: \"" +
                   document_kafka().address() + "\", topic: " + topic + "}\nhttp: {listen: \"127.0.0.1:" + std::to_string(port) +
                   "\"}\n");
  SchedulerProcess scheduler(folder, {});
  // Told once the table was read.
  std::string told;
  ASSERT_TRUE(eventually([&] {
    told = get(port, "/metrics");
    return told.find("action_scheduler_table_read_timestamp_seconds") != std::string::npos;
  })) << scheduler.err();
  const std::set<std::string> there = metrics_in(told);
  EXPECT_THAT(get(port, "/healthz"), ::testing::StartsWith("HTTP/1.1 200 "));

  for (const char* path : {"deploy/prometheus/alerts.yaml", "deploy/prometheus/alerts_test.yaml",
                           "deploy/grafana/action-scheduler.json", "docs/monitoring.md"}) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    EXPECT_THAT(metrics_in({std::istreambuf_iterator<char>(file), {}}), IsSubsetOf(there)) << path;
  }
  // librdkafka's come with its first statistics.
  ASSERT_TRUE(eventually([&] {
    told = get(port, "/metrics");
    return told.find("action_scheduler_kafka_brokers_up") != std::string::npos;
  })) << told;
  std::ifstream reference("docs/http.md");
  EXPECT_EQ(documented_metrics({std::istreambuf_iterator<char>(reference), {}}), families_in(told));
  EXPECT_EQ(scheduler.stop(), 0);
}

}  // namespace
}  // namespace action_scheduler::testing
