// A private Apache Kafka for tests: a KRaft node on free loopback ports with its own data folder, gone with the test; more of
// them make a cluster.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace action_scheduler::testing {

class KafkaServer;

struct KafkaServerOptions {
  // The cluster that it joins as one more broker: that of this server, which lives longer. Null: it founds one.
  const KafkaServer* founder = nullptr;
  int node_id = 1;  // unique in the cluster
  // A listener with SASL_SSL (PLAIN and SCRAM-SHA-512; user `app`), one with SSL that wants a certificate of the
  // authority of ca_file() from its clients, whose CN is the user, and an authorizer that allows anonymous clients of the first
  // listener everything and others what they are given: `app` by allow(), anyone by change_rights().
  bool secured = false;
  std::string password = "pw";  // of `app`
  // Controller ports of a cluster in which every node votes, by node id from 1; each node has one. Such nodes answer once most of
  // them run, so the constructor starts none: launch() all, then await_ready().
  std::vector<int> quorum_ports;
  // A further listener, at proxied_address(), that tells its clients to come to this port of the loopback. 0: there is none.
  int advertised_port = 0;
  // Lines of server.properties that replace or join the usual ones.
  std::map<std::string, std::string> properties;
};

// Starts in the constructor and answers when it returns; throws std::runtime_error with the end of the server's log if it does
// not start. The server dies with the test program, whatever ends it. Single-threaded.
class KafkaServer {
 public:
  explicit KafkaServer(KafkaServerOptions options = {});
  ~KafkaServer();
  KafkaServer(const KafkaServer&) = delete;
  KafkaServer& operator=(const KafkaServer&) = delete;

  // "127.0.0.1:<port>", the same after a restart.
  std::string address() const;
  std::string secured_address() const;
  std::string certificate_address() const;  // of the listener with client certificates
  std::string proxied_address() const;
  // The certificate that signs those of the secured listeners at first, PEM.
  std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }

  void stop();    // SIGTERM, waits for the end
  void kill();    // SIGKILL, waits for the end
  void start();   // on the same ports and data, waits until it answers
  void launch();  // as start(), without waiting; nothing if it runs
  void await_ready();
  void pause();   // SIGSTOP
  void resume();  // SIGCONT

  void create_topic(const std::string& name, int partitions = 1, const std::map<std::string, std::string>& config = {});
  // With one partition and its only copy on this server.
  void create_topic_here(const std::string& name);
  void delete_topic(const std::string& name);
  // Allows User:app the operation (`Write`, `Describe`, `Read`, `All`) on a `topic`, `group` or `transactional-id` of this name
  // (`*`: any).
  void allow(const std::string& operation, const std::string& resource_kind, const std::string& name);
  // Takes it back.
  void revoke(const std::string& operation, const std::string& resource_kind, const std::string& name);

  // Calls Kafka's kafka-acls with these arguments.
  void change_rights(const std::vector<std::string>& arguments);

  // The certificate of the authority of this name, PEM, which is made if there is none. `ca` is that of ca_file().
  std::filesystem::path authority(const std::string& name) const;
  // PEM files of a client's certificate and of its key, made anew, signed by this authority. With a password the key is
  // encrypted.
  struct Certificate {
    std::filesystem::path certificate;
    std::filesystem::path key;
  };
  Certificate client_certificate(const std::string& user, const std::string& authority_name = "ca",
                                 const std::string& key_password = "") const;
  // Gives the secured listeners a new certificate, signed by this authority. Restarts a running server.
  void exchange_certificate(const std::string& authority_name);
  // From now on this is the password of User:app, for PLAIN and SCRAM. Restarts the server, which must run.
  void change_password(const std::string& password);

  // The end of its log, for messages.
  std::string log_tail() const;

 private:
  void write_config();
  void secure();
  void make_certificate(const std::string& authority_name) const;
  void write_properties() const;
  void run_tool(const std::vector<std::string>& arguments) const;

  KafkaServerOptions options_;
  std::map<std::string, std::string> properties_;  // server.properties
  std::filesystem::path folder_;
  int port_ = 0;
  int controller_port_ = 0;
  int secured_port_ = 0;
  int proxied_port_ = 0;
  int certificate_port_ = 0;
  pid_t pid_ = -1;
};

// The address in KAFKA_SERVER, a Kafka that is there already; empty if there is none. Tests that stop, pause or configure the
// broker start their own all the same.
std::string external_kafka();

// The following go to any cluster and throw std::runtime_error. `replicas` is the number of copies of each partition.
void create_kafka_topic(const std::string& address, const std::string& name, int partitions = 1,
                        const std::map<std::string, std::string>& config = {}, int replicas = 1);
void delete_kafka_topic(const std::string& address, const std::string& name);
// Raises the number of partitions to `total`.
void add_kafka_partitions(const std::string& address, const std::string& name, int total);
// Replaces all of the topic's own settings.
void configure_kafka_topic(const std::string& address, const std::string& name, const std::map<std::string, std::string>& config);
// The id of the node that leads the partition; -1 if none does, or nobody answers.
int kafka_leader(const std::string& address, const std::string& topic, int partition);

// Free ports of the loopback, all different.
std::vector<int> free_ports(std::size_t count);

}  // namespace action_scheduler::testing
