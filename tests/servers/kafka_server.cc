#include "tests/servers/kafka_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace action_scheduler::testing {
namespace {

using namespace std::chrono_literals;

// Starts a child that dies with this thread's process. Its output goes to `log`.
pid_t spawn(const std::vector<std::string>& arguments, const std::filesystem::path& folder, const std::filesystem::path& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  for (int fd = 3; fd < 1024; ++fd) ::close(fd);
  if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

std::string tail(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  return text.size() > 4000 ? text.substr(text.size() - 4000) : text;
}

void run(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  const std::filesystem::path log = folder / "tool.log";
  const pid_t pid = spawn(arguments, folder, log);
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) {
    throw std::runtime_error(arguments[0] + " failed: " + tail(log));
  }
}

// java with the jars that the build fetched. A small heap, quick to start.
std::vector<std::string> java(std::vector<std::string> arguments) {
  std::vector<std::string> all{"java",
                               "-Xmx512m",
                               "-XX:+UseSerialGC",
                               "-XX:TieredStopAtLevel=1",
                               "-Xshare:auto",
                               "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                               "-cp",
                               ACTION_SCHEDULER_KAFKA_JARS "/*"};
  all.insert(all.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  return all;
}

constexpr const char* kSecurityModules = "org.apache.kafka.common.security.";

// A new key, and a certificate for it.
const std::vector<std::string> kSelfSigned{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"};

std::string plain_logins(const std::string& password) {
  return std::string(kSecurityModules) + "plain.PlainLoginModule required user_app=\"" + password + "\";";
}

using Handle = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Handle connect(const std::string& address) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  rd_kafka_conf_set(conf, "bootstrap.servers", address.c_str(), reason.data(), reason.size());
  rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "200", reason.data(), reason.size());
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  return {rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()), &rd_kafka_destroy};
}

// Sends an admin request; the error, and whether asking again may help, because brokers are only coming back.
struct AdminFailure {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;

  bool is_passing() const {
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || code == RD_KAFKA_RESP_ERR_NOT_CONTROLLER ||
           code == RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
  }
  // What an earlier attempt did whose answer got lost.
  bool is_done_already() const {
    return code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS;
  }
};

AdminFailure ask(const std::string& address, const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& send) {
  const Handle client = connect(address);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  send(client.get(), queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  AdminFailure failure;
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = nullptr;
  if (event == nullptr) {
    failure = {RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer"};
  } else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure = {rd_kafka_event_error(event), rd_kafka_event_error_string(event)};
  } else if (const auto* created = rd_kafka_event_CreateTopics_result(event)) {
    results = rd_kafka_CreateTopics_result_topics(created, &count);
  } else if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event)) {
    results = rd_kafka_DeleteTopics_result_topics(deleted, &count);
  } else if (const auto* raised = rd_kafka_event_CreatePartitions_result(event)) {
    results = rd_kafka_CreatePartitions_result_topics(raised, &count);
  } else if (const auto* altered = rd_kafka_event_AlterConfigs_result(event)) {
    std::size_t resources = 0;
    const rd_kafka_ConfigResource_t** answers = rd_kafka_AlterConfigs_result_resources(altered, &resources);
    for (std::size_t i = 0; i < resources; ++i) {
      const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[i]);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) failure = {code, rd_kafka_ConfigResource_error_string(answers[i])};
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) failure = {code, rd_kafka_topic_result_error_string(results[i])};
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  return failure;
}

// Sends an admin request, again for a minute while brokers are coming back, and throws what went wrong. `send` gets the client
// and the queue.
void administer(const std::string& address, const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& send) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (bool first = true;; first = false) {
    const AdminFailure failure = ask(address, send);
    if (failure.code == RD_KAFKA_RESP_ERR_NO_ERROR || (!first && failure.is_done_already())) return;
    if (!failure.is_passing() || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("Kafka at " + address + ": " + failure.text);
    }
    std::this_thread::sleep_for(200ms);
  }
}

// Brokers tell of a topic a moment after they made it. Waits until this is true.
void await_topic(const std::string& address, const std::string& name, bool there) {
  const Handle client = connect(address);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client.get(), name.c_str(), nullptr);
  bool done = false;
  while (!done && std::chrono::steady_clock::now() < deadline) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client.get(), 0, topic, &metadata, 2000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool led = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                       metadata->topics[0].partition_cnt > 0 && metadata->topics[0].partitions[0].leader >= 0;
      done = led == there;
      rd_kafka_metadata_destroy(metadata);
    }
    if (!done) rd_kafka_poll(client.get(), 20);
  }
  rd_kafka_topic_destroy(topic);
  if (!done) throw std::runtime_error("Kafka at " + address + ": topic " + name + (there ? " does not appear" : " does not go"));
}

// `replicas` -1: `complete` says where they are.
void create(const std::string& address, const std::string& name, int partitions, int replicas,
            const std::function<void(rd_kafka_NewTopic_t*)>& complete) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<char, 256> reason{};
    rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, reason.data(), reason.size());
    if (topic == nullptr) throw std::runtime_error(reason.data());
    complete(topic);
    rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
    rd_kafka_NewTopic_destroy(topic);
  });
  await_topic(address, name, true);
}

}  // namespace

// The ports are kept bound until all are chosen, so that they differ.
std::vector<int> free_ports(std::size_t count) {
  std::vector<int> ports;
  std::vector<int> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no free port on the loopback");
    }
    ports.push_back(ntohs(address.sin_port));
    sockets.push_back(fd);
  }
  for (const int fd : sockets) ::close(fd);
  return ports;
}

KafkaServer::KafkaServer(KafkaServerOptions options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "action-scheduler-kafka-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder in " + pattern);
  folder_ = pattern;
  const std::vector<int> ports = free_ports(4);
  port_ = ports[0];
  controller_port_ =
      options_.quorum_ports.empty() ? ports[1] : options_.quorum_ports.at(static_cast<std::size_t>(options_.node_id) - 1);
  secured_port_ = ports[2];
  proxied_port_ = ports[3];
  write_config();
  std::vector<std::string> format{"kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", "server.properties"};
  if (options_.secured) {
    format.insert(format.end(), {"--add-scram", "SCRAM-SHA-512=[name=app,password=pw]"});
  }
  run_tool(format);
  if (options_.quorum_ports.empty()) start();
}

KafkaServer::~KafkaServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string KafkaServer::address() const { return "127.0.0.1:" + std::to_string(port_); }
std::string KafkaServer::proxied_address() const { return "127.0.0.1:" + std::to_string(proxied_port_); }
std::string KafkaServer::secured_address() const { return "127.0.0.1:" + std::to_string(secured_port_); }

void KafkaServer::write_config() {
  const std::string node = std::to_string(options_.node_id);
  const std::string plaintext = "PLAINTEXT://" + address();
  const std::string controller = "127.0.0.1:" + std::to_string(controller_port_);
  properties_ = {
      {"process.roles", "broker,controller"},
      {"node.id", node},
      {"controller.quorum.voters", node + "@" + controller},
      {"listeners", plaintext + ",CONTROLLER://" + controller},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"},
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "1"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"transaction.state.log.num.partitions", "1"},
      {"transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"auto.create.topics.enable", "false"},
      // A broker that was killed is let in again soon.
      {"broker.session.timeout.ms", "1000"},
      {"broker.heartbeat.interval.ms", "200"},
      {"log.dirs", "data"},
  };
  if (options_.founder != nullptr) {
    properties_["process.roles"] = "broker";
    properties_["listeners"] = plaintext;
    properties_["controller.quorum.voters"] = options_.founder->properties_.at("controller.quorum.voters");
  }
  if (!options_.quorum_ports.empty()) {
    std::string voters;
    for (std::size_t i = 0; i < options_.quorum_ports.size(); ++i) {
      voters += (i > 0 ? "," : "") + std::to_string(i + 1) + "@127.0.0.1:" + std::to_string(options_.quorum_ports[i]);
    }
    properties_["controller.quorum.voters"] = voters;
  }
  if (options_.advertised_port != 0) {
    properties_["listeners"] += ",PROXIED://" + proxied_address();
    properties_["listener.security.protocol.map"] += ",PROXIED:PLAINTEXT";
    properties_["inter.broker.listener.name"] = "PLAINTEXT";
    properties_["advertised.listeners"] = plaintext + ",PROXIED://127.0.0.1:" + std::to_string(options_.advertised_port);
  }
  if (options_.secured) secure();
  for (const auto& [name, value] : options_.properties) properties_[name] = value;
  write_properties();
}

void KafkaServer::write_properties() const {
  std::ofstream file(folder_ / "server.properties");
  for (const auto& [name, value] : properties_) file << name << '=' << value << '\n';
}

void KafkaServer::secure() {
  properties_["listeners"] += ",SASL_SSL://" + secured_address();
  properties_["ssl.keystore.type"] = "PEM";
  properties_["ssl.keystore.location"] = "server.pem";
  properties_["sasl.enabled.mechanisms"] = "SCRAM-SHA-512,PLAIN";
  properties_["listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"] =
      std::string(kSecurityModules) + "scram.ScramLoginModule required;";
  properties_["listener.name.sasl_ssl.plain.sasl.jaas.config"] = plain_logins("pw");
  properties_["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
  properties_["super.users"] = "User:ANONYMOUS";
  make_certificate("ca");
}

std::filesystem::path KafkaServer::authority(const std::string& name) const {
  std::filesystem::path file = folder_ / (name + ".pem");
  if (!std::filesystem::exists(file)) {
    std::vector<std::string> request = kSelfSigned;
    request.insert(request.end(), {"-subj", "/CN=" + name, "-keyout", name + ".key", "-out", file.string()});
    run(request, folder_);
  }
  return file;
}

void KafkaServer::make_certificate(const std::string& authority_name) const {
  std::vector<std::string> request = kSelfSigned;
  request.insert(request.end(),
                 {"-subj", "/CN=s", "-addext", "subjectAltName=IP:127.0.0.1", "-CA", authority(authority_name).string(), "-CAkey",
                  authority_name + ".key", "-keyout", "server.key", "-out", "server.crt"});
  run(request, folder_);
  std::ofstream(folder_ / "server.pem") << std::ifstream(folder_ / "server.crt").rdbuf()
                                        << std::ifstream(folder_ / "server.key").rdbuf();
}

void KafkaServer::exchange_certificate(const std::string& authority_name) {
  make_certificate(authority_name);
  if (pid_ <= 0) return;
  stop();
  start();
}

void KafkaServer::change_password(const std::string& password) {
  run_tool({"kafka.admin.ConfigCommand", "--bootstrap-server", address(), "--alter", "--entity-type", "users", "--entity-name",
            "app", "--add-config", "SCRAM-SHA-512=[password=" + password + "]"});
  properties_["listener.name.sasl_ssl.plain.sasl.jaas.config"] = plain_logins(password);
  write_properties();
  stop();
  start();
}

void KafkaServer::start() {
  if (pid_ > 0) return;
  launch();
  await_ready();
}

void KafkaServer::launch() {
  if (pid_ > 0) return;
  pid_ = spawn(java({"kafka.Kafka", "server.properties"}), folder_, folder_ / "server.log");
  if (pid_ < 0) throw std::runtime_error("cannot start java");
}

void KafkaServer::await_ready() {
  const Handle client = connect(address());
  const auto deadline = std::chrono::steady_clock::now() + (options_.quorum_ports.empty() ? 60s : 300s);
  while (std::chrono::steady_clock::now() < deadline) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("Kafka ended while starting: " + log_tail());
    }
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client.get(), 0, nullptr, &metadata, 500) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      bool there = false;
      for (int i = 0; i < metadata->broker_cnt; ++i) there = there || metadata->brokers[i].id == options_.node_id;
      rd_kafka_metadata_destroy(metadata);
      if (there) return;
    }
    rd_kafka_poll(client.get(), 50);
  }
  throw std::runtime_error("Kafka does not answer at " + address() + ": " + log_tail());
}

void KafkaServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) return kill();
    std::this_thread::sleep_for(20ms);
  }
  pid_ = -1;
}

void KafkaServer::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void KafkaServer::pause() {
  if (pid_ > 0) ::kill(pid_, SIGSTOP);
}
void KafkaServer::resume() {
  if (pid_ > 0) ::kill(pid_, SIGCONT);
}

void KafkaServer::create_topic(const std::string& name, int partitions, const std::map<std::string, std::string>& config) {
  create_kafka_topic(address(), name, partitions, config);
}

void KafkaServer::create_topic_here(const std::string& name) {
  create(address(), name, 1, -1, [this](rd_kafka_NewTopic_t* topic) {
    std::array<char, 256> reason{};
    std::int32_t node = options_.node_id;
    if (rd_kafka_NewTopic_set_replica_assignment(topic, 0, &node, 1, reason.data(), reason.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error(reason.data());
  });
}

void KafkaServer::delete_topic(const std::string& name) { delete_kafka_topic(address(), name); }

void KafkaServer::allow(const std::string& operation, const std::string& resource_kind, const std::string& name) {
  run_tool({"org.apache.kafka.tools.AclCommand", "--bootstrap-server", address(), "--add", "--allow-principal", "User:app",
            "--operation", operation, "--" + resource_kind, name});
}

void KafkaServer::revoke(const std::string& operation, const std::string& resource_kind, const std::string& name) {
  run_tool({"org.apache.kafka.tools.AclCommand", "--bootstrap-server", address(), "--remove", "--force", "--allow-principal",
            "User:app", "--operation", operation, "--" + resource_kind, name});
}

void KafkaServer::run_tool(const std::vector<std::string>& arguments) const { run(java(arguments), folder_); }

std::string KafkaServer::log_tail() const { return tail(folder_ / "server.log"); }

std::string external_kafka() {
  const char* address = std::getenv("KAFKA_SERVER");
  return address == nullptr ? "" : address;
}

void create_kafka_topic(const std::string& address, const std::string& name, int partitions,
                        const std::map<std::string, std::string>& config, int replicas) {
  create(address, name, partitions, replicas, [&](rd_kafka_NewTopic_t* topic) {
    for (const auto& [key, value] : config) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  });
}

void delete_kafka_topic(const std::string& address, const std::string& name) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
    rd_kafka_DeleteTopics(client, &topic, 1, nullptr, queue);
    rd_kafka_DeleteTopic_destroy(topic);
  });
  await_topic(address, name, false);
}

void add_kafka_partitions(const std::string& address, const std::string& name, int total) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<char, 256> reason{};
    rd_kafka_NewPartitions_t* partitions =
        rd_kafka_NewPartitions_new(name.c_str(), static_cast<std::size_t>(total), reason.data(), reason.size());
    if (partitions == nullptr) throw std::runtime_error(reason.data());
    rd_kafka_CreatePartitions(client, &partitions, 1, nullptr, queue);
    rd_kafka_NewPartitions_destroy(partitions);
  });
}

void configure_kafka_topic(const std::string& address, const std::string& name,
                           const std::map<std::string, std::string>& config) {
  administer(address, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
    for (const auto& [key, value] : config) rd_kafka_ConfigResource_set_config(resource, key.c_str(), value.c_str());
    rd_kafka_AlterConfigs(client, &resource, 1, nullptr, queue);
    rd_kafka_ConfigResource_destroy(resource);
  });
}

int kafka_leader(const std::string& address, const std::string& topic, int partition) {
  const Handle client = connect(address);
  rd_kafka_topic_t* opened = rd_kafka_topic_new(client.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  int leader = -1;
  if (rd_kafka_metadata(client.get(), 0, opened, &metadata, 5000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (metadata->topic_cnt == 1 && partition < metadata->topics[0].partition_cnt) {
      leader = metadata->topics[0].partitions[partition].leader;
    }
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(opened);
  return leader;
}

}  // namespace action_scheduler::testing
