// Brokers that die, stop and come back, and the network between them and the scheduler.
#include <memory>

#include "tests/servers/kafka_reader.h"
#include "tests/torture/scene.h"

namespace action_scheduler::torture {
namespace {

// The node is chosen when the fault begins, and remembered until it ends.
Fault one_node(const std::string& name, std::int64_t shortest_ms, std::int64_t longest_ms, const std::function<int()>& choose,
               const std::function<void(int)>& begin, const std::function<void(int)>& end) {
  const auto node = std::make_shared<int>(0);
  Fault fault;
  fault.name = name;
  fault.shortest_ms = shortest_ms;
  fault.longest_ms = longest_ms;
  fault.begin = [=] { begin(*node = choose()); };
  fault.end = [=] { end(*node); };
  return fault;
}

Fault all_nodes(const std::string& name, std::int64_t shortest_ms, std::int64_t longest_ms, Scene& scene,
                const std::function<void(TcpProxy&)>& begin) {
  Fault fault;
  fault.name = name;
  fault.shortest_ms = shortest_ms;
  fault.longest_ms = longest_ms;
  fault.begin = [&scene, begin] {
    for (int id = 1; id <= Cluster::kNodes; ++id) begin(scene.cluster.proxy(id));
  };
  fault.end = [&scene] {
    for (int id = 1; id <= Cluster::kNodes; ++id) scene.cluster.proxy(id).heal();
  };
  return fault;
}

}  // namespace

std::vector<Fault> broker_faults(Scene& scene) {
  Cluster& cluster = scene.cluster;
  const auto leader = [&] { return cluster.leader_of(scene.trials.front()->name); };
  const auto transactions = [&] { return cluster.leader_of("__transaction_state"); };
  const auto groups = [&] { return cluster.leader_of("__consumer_offsets"); };
  const auto any = [&] { return static_cast<int>(scene.chance.between(1, Cluster::kNodes)); };
  const auto kill = [&](int id) { cluster.node(id).kill(); };
  const auto start = [&](int id) { cluster.node(id).start(); };
  const auto pause = [&](int id) { cluster.node(id).pause(); };
  const auto resume = [&](int id) { cluster.node(id).resume(); };

  std::vector<Fault> faults;
  faults.push_back(one_node("broker: kill -9 of the topic's leader", 1000, 15'000, leader, kill, start));
  if (scene.trials.front()->subject.promise() == Promise::exactly_once) {
    faults.push_back(one_node("broker: kill -9 of the transaction coordinator", 1000, 15'000, transactions, kill, start));
    faults.push_back(one_node("broker: kill -9 of the group coordinator", 1000, 15'000, groups, kill, start));
    faults.push_back(one_node("broker: SIGSTOP of the transaction coordinator", 8000, 15'000, transactions, pause, resume));
  }
  faults.push_back(one_node("broker: SIGSTOP of the topic's leader", 8000, 15'000, leader, pause, resume));
  faults.push_back(one_node("broker: orderly restart of one", 500, 2000, any, [&](int id) { cluster.node(id).stop(); }, start));

  Fault rolling;
  rolling.name = "broker: rolling restart";
  rolling.shortest_ms = rolling.longest_ms = 0;
  rolling.begin = [&] {
    for (int id = 1; id <= Cluster::kNodes; ++id) {
      cluster.node(id).stop();
      cluster.node(id).start();
    }
  };
  rolling.end = [] {};
  faults.push_back(rolling);

  Fault two;
  two.name = "broker: kill -9 of two of three";
  two.shortest_ms = 3000;
  two.longest_ms = 12'000;
  two.begin = [&, any] {
    const int spared = any();
    for (int id = 1; id <= Cluster::kNodes; ++id) {
      if (id != spared) cluster.node(id).kill();
    }
  };
  two.end = [&] { cluster.start_all(); };
  faults.push_back(two);

  Fault all;
  all.name = "broker: kill -9 of all";
  all.shortest_ms = 5000;
  all.longest_ms = 150'000;
  all.begin = [&] { cluster.kill_all(); };
  all.end = [&] { cluster.start_all(); };
  faults.push_back(all);

  if (mounts_are_our_own()) {
    // A broker that cannot write to its only disk ends by itself, and is started again when there is room.
    const auto fill = [&](int id) { cluster.disk(id).fill(); };
    const auto make_room = [&](int id) {
      cluster.disk(id).make_room();
      cluster.node(id).kill();
    };
    faults.push_back(one_node("broker: disk full, the topic's leader", 3000, 15'000, leader, fill, [&, make_room](int id) {
      make_room(id);
      cluster.node(id).start();
    }));
    Fault full;
    full.name = "broker: disk full, all of them";
    full.shortest_ms = 5000;
    full.longest_ms = 30'000;
    full.begin = [&, fill] {
      for (int id = 1; id <= Cluster::kNodes; ++id) fill(id);
    };
    full.end = [&, make_room] {
      for (int id = 1; id <= Cluster::kNodes; ++id) make_room(id);
      cluster.start_all();
    };
    faults.push_back(full);
  }

  Fault paused;
  paused.name = "broker: SIGSTOP of all";
  paused.shortest_ms = 8000;
  paused.longest_ms = 20'000;
  paused.begin = [&, pause] {
    for (int id = 1; id <= Cluster::kNodes; ++id) pause(id);
  };
  paused.end = [&, resume] {
    for (int id = 1; id <= Cluster::kNodes; ++id) resume(id);
  };
  faults.push_back(paused);
  return faults;
}

std::vector<Fault> network_faults(Scene& scene) {
  Cluster& cluster = scene.cluster;
  const auto leader = [&] { return cluster.leader_of(scene.trials.front()->name); };
  std::vector<Fault> faults;
  faults.push_back(all_nodes("network: slow, 300 ms each way", 4000, 10'000, scene, [](TcpProxy& proxy) { proxy.delay(300); }));
  faults.push_back(
      all_nodes("network: silent, nothing arrives", 4000, 20'000, scene, [](TcpProxy& proxy) { proxy.freeze(true); }));
  faults.push_back(all_nodes("network: down, connections refused", 4000, 20'000, scene, [](TcpProxy& proxy) {
    proxy.refuse(true);
    proxy.cut();
  }));
  faults.push_back(one_node(
      "network: silent towards the topic's leader", 8000, 15'000, leader, [&](int id) { cluster.proxy(id).freeze(true); },
      [&](int id) { cluster.proxy(id).heal(); }));

  Fault cuts;
  cuts.name = "network: connections cut again and again";
  cuts.shortest_ms = cuts.longest_ms = 0;
  cuts.begin = [&] {
    for (std::int64_t end_ms = now_ms() + scene.chance.between(4000, 10'000); now_ms() < end_ms;) {
      sleep_ms(scene.chance.between(1, 600));
      cluster.proxy(static_cast<int>(scene.chance.between(1, Cluster::kNodes))).cut();
    }
  };
  cuts.end = [] {};
  faults.push_back(cuts);
  return faults;
}

std::vector<Fault> topic_faults(Scene& scene) {
  Cluster& cluster = scene.cluster;
  std::vector<Fault> faults;

  Fault gone;
  gone.name = "topic: deleted and created again";
  gone.shortest_ms = 2000;
  gone.longest_ms = 12'000;
  gone.fires_meanwhile = true;
  gone.begin = [&] {
    for (const auto& trial : scene.trials) {
      testing::KafkaReader reader(cluster.direct());
      const auto messages = reader.read_all(trial->victim_topic, std::chrono::seconds(60));
      trial->buried.insert(trial->buried.end(), messages.begin(), messages.end());
      // What comes between this look and the end of the topic goes with it; parked fires, too.
      const std::int64_t looked_s = now_s();
      testing::delete_kafka_topic(cluster.direct(), trial->victim_topic);
      trial->victims_excused.push_back({trial->victims_complete_until_s(), std::max(looked_s, now_s()) + 2});
    }
  };
  gone.end = [&] {
    for (const auto& trial : scene.trials)
      testing::create_kafka_topic(cluster.direct(), trial->victim_topic, 1, {}, Cluster::kNodes);
  };
  faults.push_back(gone);

  Fault small;
  small.name = "topic: max.message.bytes lowered";
  small.shortest_ms = 2000;
  small.longest_ms = 12'000;
  small.fires_meanwhile = true;
  small.begin = [&] {
    for (const auto& trial : scene.trials) {
      testing::configure_kafka_topic(cluster.direct(), trial->victim_topic, {{"max.message.bytes", "100"}});
    }
  };
  small.end = [&] {
    for (const auto& trial : scene.trials) testing::configure_kafka_topic(cluster.direct(), trial->victim_topic, {});
  };
  faults.push_back(small);

  Fault more;
  more.name = "topic: partitions raised";
  more.shortest_ms = 2000;
  more.longest_ms = 4000;
  more.fires_meanwhile = true;
  more.begin = [&] {
    for (const auto& trial : scene.trials) {
      if (trial->partitions == 8) continue;
      testing::add_kafka_partitions(cluster.direct(), trial->name, ++trial->partitions);
      trial->watch(cluster);
    }
  };
  more.end = [] {};
  faults.push_back(more);
  return faults;
}

}  // namespace action_scheduler::torture
