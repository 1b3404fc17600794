#include "tests/servers/kafka_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tests/servers/kafka_client.h"

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
  const std::vector<int> ports = free_ports(5);
  port_ = ports[0];
  controller_port_ =
      options_.quorum_ports.empty() ? ports[1] : options_.quorum_ports.at(static_cast<std::size_t>(options_.node_id) - 1);
  secured_port_ = ports[2];
  proxied_port_ = ports[3];
  certificate_port_ = ports[4];
  write_config();
  std::vector<std::string> format{"kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", "server.properties"};
  if (options_.secured) {
    format.insert(format.end(), {"--add-scram", "SCRAM-SHA-512=[name=app,password=" + options_.password + "]"});
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
std::string KafkaServer::certificate_address() const { return "127.0.0.1:" + std::to_string(certificate_port_); }

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
  properties_["listeners"] += ",SASL_SSL://" + secured_address() + ",SSL://" + certificate_address();
  properties_["listener.security.protocol.map"] += ",SSL:SSL";
  properties_["ssl.keystore.type"] = "PEM";
  properties_["ssl.keystore.location"] = "server.pem";
  properties_["sasl.enabled.mechanisms"] = "SCRAM-SHA-512,PLAIN";
  properties_["listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"] =
      std::string(kSecurityModules) + "scram.ScramLoginModule required;";
  properties_["listener.name.sasl_ssl.plain.sasl.jaas.config"] = plain_logins(options_.password);
  properties_["listener.name.ssl.ssl.client.auth"] = "required";
  properties_["listener.name.ssl.ssl.truststore.type"] = "PEM";
  properties_["listener.name.ssl.ssl.truststore.location"] = "ca.pem";
  properties_["listener.name.ssl.ssl.principal.mapping.rules"] = "RULE:^CN=(.*)$/$1/";
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

KafkaServer::Certificate KafkaServer::client_certificate(const std::string& user, const std::string& authority_name,
                                                         const std::string& key_password) const {
  const std::string stem = user + "-by-" + authority_name;
  std::vector<std::string> request{"openssl", "req", "-x509", "-newkey", "rsa:2048"};
  if (key_password.empty()) {
    request.emplace_back("-nodes");
  } else {
    request.insert(request.end(), {"-passout", "pass:" + key_password});
  }
  request.insert(request.end(), {"-subj", "/CN=" + user, "-CA", authority(authority_name).string(), "-CAkey",
                                 authority_name + ".key", "-keyout", stem + ".key", "-out", stem + ".crt"});
  run(request, folder_);
  return {folder_ / (stem + ".crt"), folder_ / (stem + ".key")};
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
  const KafkaClient client = connect_to_kafka(address());
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

void KafkaServer::change_rights(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"org.apache.kafka.tools.AclCommand", "--bootstrap-server", address()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_tool(command);
}

void KafkaServer::allow(const std::string& operation, const std::string& resource_kind, const std::string& name) {
  change_rights({"--add", "--allow-principal", "User:app", "--operation", operation, "--" + resource_kind, name});
}

void KafkaServer::revoke(const std::string& operation, const std::string& resource_kind, const std::string& name) {
  change_rights({"--remove", "--force", "--allow-principal", "User:app", "--operation", operation, "--" + resource_kind, name});
}

void KafkaServer::run_tool(const std::vector<std::string>& arguments) const { run(java(arguments), folder_); }

std::string KafkaServer::log_tail() const { return tail(folder_ / "server.log"); }

std::string external_kafka() {
  const char* address = std::getenv("KAFKA_SERVER");
  return address == nullptr ? "" : address;
}

}  // namespace action_scheduler::testing
