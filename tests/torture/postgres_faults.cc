// A database that dies, locks, commits late, or is not what it was.
#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <memory>
#include <vector>

#include "tests/torture/scene.h"

namespace action_scheduler::torture {
namespace {

// What the scheduler calls itself towards Postgres.
constexpr const char* kSessionName = "action-scheduler";
// A poll that takes longer is given up, with its session.
constexpr std::int64_t kPollDeadlineS = 30;

Fault postgres_fault(const std::string& name, std::int64_t shortest_ms, std::int64_t longest_ms, std::function<void()> begin,
                     std::function<void()> end) {
  Fault fault;
  fault.name = "postgres: " + name;
  fault.shortest_ms = shortest_ms;
  fault.longest_ms = longest_ms;
  fault.begin = std::move(begin);
  fault.end = std::move(end);
  fault.fires_meanwhile = true;
  return fault;
}

std::string insert_guest(int id) { return insert_statement("$T", {id, 1, false, -1, ""}); }
std::string delete_guest(int id) { return "DELETE FROM $T WHERE id = " + std::to_string(id); }

// Sessions with a transaction each that is open while they live.
struct Open {
  std::vector<std::unique_ptr<testing::PostgresSession>> sessions;
  int guest = 0;
  Span ended_s;  // when they were committed
};

void open_transactions(Scene& scene, Open& open, const std::string& statement) {
  for (const auto& trial : scene.trials) {
    open.sessions.push_back(std::make_unique<testing::PostgresSession>(scene.postgres));
    std::string text = statement;
    for (std::size_t at = 0; (at = text.find("$T", at)) != std::string::npos;) text.replace(at, 2, trial->name);
    open.sessions.back()->exec("BEGIN");
    open.sessions.back()->exec(text);
  }
}

void commit(Open& open) {
  for (const auto& session : open.sessions) session->exec("COMMIT");
  open.sessions.clear();
}

// The guest fires for a while, not before `not_before_s` and without fail from `without_fail_s` on, is deleted, and falls silent.
void see_guest_off(Scene& scene, int guest, std::int64_t not_before_s, std::int64_t without_fail_s) {
  sleep_ms((kTakesEffectS + 3) * 1000);
  const std::int64_t deleted_s = now_s();
  scene.sql(delete_guest(guest));
  sleep_ms((kTakesEffectS + 3) * 1000);
  scene.expect_guest(guest, {without_fail_s, deleted_s - 1}, {{0, not_before_s}, {deleted_s + kTakesEffectS, now_s() + 3600}});
}

constexpr int kBystanders = 2000;
constexpr int kFirstBystander = 200'001;
// Machines are busy; what is usual is well above 100,000.
constexpr std::int64_t kEditsPerMinuteMin = 20'000;

// Edits a table as fast as one session can, a row in each transaction, until it is told to stop.
class Editor {
 public:
  Editor(const testing::PostgresServer& postgres, const std::string& table)
      : edits_(std::async(std::launch::async, [this, &postgres, table] { return edit(postgres, table); })) {}
  ~Editor() { ending_ = true; }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  // How many a minute were committed.
  std::int64_t stop() {
    ending_ = true;
    return edits_.get();
  }

 private:
  // Mostly rows that never fire, their schedules too; now and then one that does, in what does not matter to its fires.
  std::int64_t edit(const testing::PostgresServer& postgres, const std::string& table) const {
    testing::PostgresSession session(postgres);
    session.exec(
        "PREPARE bystander(bigint, bigint) AS UPDATE " + table +
        " SET name = 'edited for the ' || $2 || 'th time', key = 'k' || $2 % 7, cron = json_build_object('format', 'date', "
        "'params', json_build_object('run_date', (2100 + $2 % 50) || '-01-01T00:00:00')) WHERE id = $1");
    session.exec("PREPARE usual(bigint, bigint) AS UPDATE " + table +
                 " SET name = 'edited for the ' || $2 || 'th time' WHERE id = $1");
    const std::int64_t begin_ms = now_ms();
    std::int64_t edits = 0;
    for (; !ending_; ++edits) {
      const bool usual = edits % 10 == 0;
      const std::int64_t row = usual ? 1 + edits / 10 % 10 : kFirstBystander + edits * 7 % kBystanders;
      session.exec((usual ? "EXECUTE usual(" : "EXECUTE bystander(") + std::to_string(row) + ", " + std::to_string(edits) + ")");
    }
    return edits * 60'000 / std::max<std::int64_t>(1, now_ms() - begin_ms);
  }

  std::atomic<bool> ending_{false};
  std::future<std::int64_t> edits_;  // its end waits for the thread
};

// Takes a copy, lets the table go on beyond it, and puts the copy in its place: the history becomes a shorter one, and the
// numbers of the transactions that it lacks are used again.
Fault history_fault(const std::string& name, Scene& scene, const std::function<void()>& copy,
                    const std::function<void()>& replace) {
  struct State {
    int lost_guest = 0;
    int guest = 0;
    Span replaced_s;
  };
  const auto state = std::make_shared<State>();
  Fault fault = postgres_fault(
      name, 0, 1000,
      [&scene, state, copy] {
        copy();
        *state = {scene.next_guest(), scene.next_guest(), {}};
        scene.sql(insert_guest(state->lost_guest));
        sleep_ms(4000);
      },
      [&scene, state, replace] {
        state->replaced_s.from_s = now_s();
        replace();
        // By the same transaction number as the one that never was.
        scene.sql(insert_guest(state->guest));
        state->replaced_s.until_s = now_s();
      });
  fault.afterwards = [&scene, state](std::int64_t present_s) {
    const std::int64_t known_s = std::max(present_s, state->replaced_s.until_s) + kTakesEffectS;
    scene.expect_guest(state->lost_guest, {1, 0}, {{known_s, known_s + 86'400}});
    see_guest_off(scene, state->guest, state->replaced_s.from_s, known_s);
  };
  return fault;
}

// A row that is added meanwhile fires in time.
Fault edits_fault(Scene& scene) {
  struct State {
    std::vector<std::unique_ptr<Editor>> editors;
    int guest = 0;
    std::int64_t added_s = 0;
  };
  const auto state = std::make_shared<State>();
  Fault fault = postgres_fault(
      "100,000 edits a minute", 10'000, 25'000,
      [&scene, state] {
        scene.sql("INSERT INTO $T (id, name, command, cron) SELECT " + std::to_string(kFirstBystander) +
                  " + i, 'bystander', 'none', '{\"format\": \"date\", \"params\": {\"run_date\": \"2100-01-01\"}}' "
                  "FROM generate_series(0, " +
                  std::to_string(kBystanders - 1) + ") AS i");
        for (const auto& trial : scene.trials) state->editors.push_back(std::make_unique<Editor>(scene.postgres, trial->name));
        sleep_ms(2000);
        state->guest = scene.next_guest();
        state->added_s = now_s();
        scene.sql(insert_guest(state->guest));
      },
      [&scene, state] {
        for (std::size_t i = 0; i < state->editors.size(); ++i) {
          Trial& trial = *scene.trials[i];
          const std::int64_t rate = state->editors[i]->stop();
          trial.part.notes.push_back(std::to_string(rate) + " edits a minute");
          std::cout << "  " << trial.name << ": " << trial.part.notes.back() << std::endl;
          if (rate < kEditsPerMinuteMin) trial.complain("only " + trial.part.notes.back());
        }
        state->editors.clear();
        scene.sql("DELETE FROM $T WHERE id >= " + std::to_string(kFirstBystander));
      });
  fault.afterwards = [&scene, state](std::int64_t present_s) {
    see_guest_off(scene, state->guest, state->added_s, std::max(present_s, state->added_s) + kTakesEffectS);
  };
  return fault;
}

void fire_times_do_not_count(Scene& scene, Span span) {
  for (const auto& trial : scene.trials) {
    trial->excused.push_back(span);
    trial->victims_excused.push_back(span);
  }
}

}  // namespace

std::vector<Fault> postgres_faults(Scene& scene) {
  testing::PostgresServer& postgres = scene.postgres;
  std::vector<Fault> faults;
  faults.push_back(postgres_fault("restart", 500, 3000, [&] { postgres.stop(); }, [&] { postgres.start(); }));
  faults.push_back(postgres_fault("kill -9", 1000, 10'000, [&] { postgres.kill(); }, [&] { postgres.start(); }));
  faults.push_back(postgres_fault("SIGSTOP", 3000, 15'000, [&] { postgres.pause(); }, [&] { postgres.resume(); }));
  faults.push_back(postgres_fault(
      "network silent", 3000, 15'000, [&] { scene.postgres_proxy.freeze(true); }, [&] { scene.postgres_proxy.heal(); }));

  // The others do not notice, and what they commit is to be seen all the same: at the latest when the poll is given up.
  struct Added {
    int guest = 0;
    std::int64_t at_s = 0;
    std::int64_t ended_s = 0;
  };
  const auto added = std::make_shared<Added>();
  Fault stopped_session = postgres_fault(
      "SIGSTOP of the scheduler's session", 5000, 45'000,
      [&, added] {
        const std::string all = std::to_string(scene.trials.size());
        postgres.wait_until(
            "SELECT count(*) >= " + all + " FROM pg_stat_activity WHERE application_name = '" + kSessionName + "'", "t");
        postgres.pause_sessions(kSessionName);
        *added = {scene.next_guest(), now_s(), 0};
        scene.sql(insert_guest(added->guest));
      },
      [&, added] {
        postgres.resume_sessions();
        added->ended_s = now_s();
      });
  stopped_session.afterwards = [&, added](std::int64_t present_s) {
    const std::int64_t visible_s = std::min(added->at_s + kPollDeadlineS, added->ended_s);
    see_guest_off(scene, added->guest, added->at_s, std::max(present_s, visible_s) + kTakesEffectS);
  };
  faults.push_back(stopped_session);

  const auto locked = std::make_shared<Open>();
  faults.push_back(postgres_fault(
      "ACCESS EXCLUSIVE lock", 3000, 15'000,
      [&, locked] { open_transactions(scene, *locked, "LOCK TABLE $T IN ACCESS EXCLUSIVE MODE"); },
      [locked] { commit(*locked); }));

  const auto late = std::make_shared<Open>();
  Fault commits_late = postgres_fault(
      "a transaction that commits late", 3000, 8000,
      [&, late] {
        late->guest = scene.next_guest();
        open_transactions(scene, *late, insert_guest(late->guest));
        // Younger transactions come and go meanwhile.
        for (int i = 0; i < 20; ++i) {
          scene.sql("UPDATE $T SET name = name WHERE id = 1");
          sleep_ms(100);
        }
      },
      [late] {
        late->ended_s.from_s = now_s();
        commit(*late);
        late->ended_s.until_s = now_s();
      });
  commits_late.afterwards = [&, late](std::int64_t present_s) {
    see_guest_off(scene, late->guest, late->ended_s.from_s, std::max(present_s, late->ended_s.until_s) + kTakesEffectS);
  };
  faults.push_back(commits_late);

  faults.push_back(postgres_fault(
      "table dropped and created again", 2000, 10'000, [&] { scene.sql("DROP TABLE $T"); },
      [&] {
        for (const auto& trial : scene.trials) postgres.exec("BEGIN;" + trial->table_statements() + "COMMIT");
      }));
  faults.push_back(postgres_fault(
      "a column vanishes", 2000, 10'000, [&] { scene.sql("ALTER TABLE $T RENAME COLUMN command TO order_"); },
      [&] { scene.sql("ALTER TABLE $T RENAME COLUMN order_ TO command"); }));
  faults.push_back(postgres_fault(
      "truncated and filled again at once", 0, 2000,
      [&] {
        scene.sql(
            "BEGIN; CREATE TABLE $T_copy AS TABLE $T; TRUNCATE $T; INSERT INTO $T TABLE $T_copy; DROP TABLE $T_copy; COMMIT");
      },
      [] {}));

  const auto truncated_s = std::make_shared<std::int64_t>(0);
  Fault truncated = postgres_fault(
      "truncated, and filled again later", 8000, 12'000,
      [&, truncated_s] {
        *truncated_s = now_s();
        scene.sql("BEGIN; CREATE TABLE $T_copy AS TABLE $T; TRUNCATE $T; COMMIT");
      },
      [&, truncated_s] {
        // Whatever it deletes stops at once, what was late included; the rows are new ones then.
        scene.sql("BEGIN; INSERT INTO $T TABLE $T_copy; DROP TABLE $T_copy; COMMIT");
        fire_times_do_not_count(scene, {*truncated_s - 2, now_s() + kTakesEffectS});
      });
  truncated.fires_meanwhile = false;
  truncated.loses_parked = true;
  faults.push_back(truncated);

  faults.push_back(postgres_fault(
      "many edits", 0, 1000,
      [&] {
        const std::int64_t end_ms = now_ms() + scene.chance.between(3000, 8000);
        for (int edit = 0; now_ms() < end_ms; ++edit) {
          scene.sql("UPDATE $T SET name = 'edited ' || id || ' for the " + std::to_string(edit) +
                    "th time', key = CASE WHEN key IS NULL THEN 'k' || id END");
        }
      },
      [&] { scene.sql("UPDATE $T SET key = NULL"); }));
  faults.push_back(edits_fault(scene));

  faults.push_back(
      history_fault("restored from an older copy", scene, [&] { postgres.keep_copy(); }, [&] { postgres.return_to_copy(); }));
  faults.push_back(history_fault(
      "failover to a standby that is behind", scene,
      [&] {
        postgres.start_standby();
        postgres.cut_off_standby();
      },
      [&] {
        postgres.fail_over();
        scene.postgres_proxy.forward_to(postgres.port());
      }));
  return faults;
}

}  // namespace action_scheduler::torture
