#include "tests/architecture/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A tree of planted files in a folder of its own. It starts out with a little of everything, and nothing wrong.
class PlantedTree : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::path(testing::TempDir()) / "architecture-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    plant("include/action_scheduler/time.h", "#include <chrono>\n");
    plant("include/action_scheduler/ledger.h", "#include \"action_scheduler/time.h\"\n");
    plant("src/core/json.h", "#include <string>\n");
    plant("src/core/json.cc", "#include \"core/json.h\"\n#include <nlohmann/json.hpp>\nstd::snprintf(buffer, n, \"x\");\n");
    plant("src/sqlite/database.h", "#include <string>\n");
    plant("src/sqlite/database.cc", "#include \"sqlite/database.h\"\n#include <sqlite3.h>\n");
    plant("src/ledger/sqlite_ledger.h", "#include \"action_scheduler/ledger.h\"\n");
    plant("src/ledger/sqlite_ledger.cc",
          "#include \"sqlite_ledger.h\"\n#include \"sqlite/database.h\"\n#include <mutex>\n#include <unistd.h>\n");
    plant("src/sources/sqlite_source.h", "#include \"action_scheduler/time.h\"\n");
    plant("src/engine/engine.h", "#include \"action_scheduler/ledger.h\"\n#include <thread>\n");
    plant("src/config/settings.h", "#include <string>\n");
    plant("src/cli/main.cc", "#include \"config/settings.h\"\n#include \"ledger/sqlite_ledger.h\"\n#include \"core/json.h\"\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void plant(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::vector<std::string> faults() const { return architecture_faults(root_); }

  fs::path root_;
};

TEST(Architecture, HoldsInThisTree) {
  const auto faults = architecture_faults(fs::path(ACTION_SCHEDULER_SOURCE_DIR));
  for (const std::string& fault : faults) ADD_FAILURE() << fault;
}

TEST_F(PlantedTree, IsCleanAsPlanted) { EXPECT_THAT(faults(), IsEmpty()); }

TEST_F(PlantedTree, IsRefusedWhenItHoldsNoSources) {
  fs::remove_all(root_ / "include");
  fs::remove_all(root_ / "src");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("no source files")));
}

// One wrong file, and the one fault that it must give.
struct Planted {
  const char* name;
  const char* path;
  const char* text;
  const char* fault;
};

class PlantedFault : public PlantedTree, public testing::WithParamInterface<Planted> {};

TEST_P(PlantedFault, IsFoundOnItsLine) {
  plant(GetParam().path, std::string("// Planted.\n") + GetParam().text + "\n");
  EXPECT_THAT(faults(),
              ElementsAre(testing::AllOf(HasSubstr(std::string(GetParam().path) + ":2: "), HasSubstr(GetParam().fault))));
}

INSTANTIATE_TEST_SUITE_P(
    Every, PlantedFault,
    testing::Values(
        Planted{"CoreToPort", "src/core/x.cc", "#include \"action_scheduler/ledger.h\"", "core must not include ports"},
        Planted{"CoreHeaderToPort", "include/action_scheduler/x.h", "#include \"action_scheduler/ledger.h\"",
                "core must not include ports"},
        Planted{"CoreToEngine", "src/core/x.cc", "#include \"engine/engine.h\"", "core must not include engine"},
        Planted{"CoreToEngineByAPathThatClimbs", "src/core/x.cc", "#include \"../engine/engine.h\"",
                "core must not include engine"},
        Planted{"PublicToPrivate", "include/action_scheduler/x.h", "#include \"core/json.h\"", "private"},
        Planted{"AdapterToAdapter", "src/sources/x.cc", "#include \"ledger/sqlite_ledger.h\"", "sources must not include ledger"},
        Planted{"AdapterToConfig", "src/callbacks/x.cc", "#include \"config/settings.h\"", "callbacks must not include config"},
        Planted{"AdapterToPrivateCore", "src/ledger/x.cc", "#include \"core/json.h\"", "private header of core"},
        Planted{"EngineToAdapter", "src/engine/x.cc", "# include \"ledger/sqlite_ledger.h\"", "engine must not include ledger"},
        Planted{"ConfigToEngine", "src/config/x.cc", "#include \"engine/engine.h\"", "config must not include engine"},
        Planted{"OwnHeaderInAngles", "src/core/x.cc", "#include <engine/engine.h>", "goes into quotes"},
        Planted{"UnknownQuoted", "src/core/x.cc", "#include \"sqlite3.h\"", "none of our files"},
        Planted{"ThirdPartyInPublicHeader", "include/action_scheduler/x.h", "#include <nlohmann/json.hpp>", "third-party"},
        Planted{"SystemInPublicHeader", "include/action_scheduler/clock.h", "#include <time.h>", "public header"},
        Planted{"JsonElsewhere", "src/core/x.cc", "#include <nlohmann/json.hpp>", "outside the file that adapts it"},
        Planted{"EngineToSqlite", "src/engine/x.cc", "#include \"sqlite/database.h\"", "engine must not include sqlite"},
        Planted{"SqliteElsewhere", "src/ledger/x.cc", "#include <sqlite3.h>", "outside the file that adapts it"},
        Planted{"PqxxElsewhere", "src/sources/x.cc", "#include <pqxx/pqxx>", "outside the file that adapts it"},
        Planted{"SpdlogElsewhere", "src/cli/x.cc", "#include <spdlog/spdlog.h>", "outside the file that adapts it"},
        Planted{"YamlElsewhere", "src/config/x.cc", "#include <yaml-cpp/yaml.h>", "outside the file that adapts it"},
        Planted{"CommandLineElsewhere", "src/cli/x.cc", "#include <CLI/CLI.hpp>", "outside the file that adapts it"},
        Planted{"KafkaElsewhere", "src/callbacks/x.cc", "#include <librdkafka/rdkafka.h>", "outside the file that adapts it"},
        Planted{"CctzElsewhere", "src/core/x.cc", "#include <cctz/time_zone.h>", "outside the file that adapts it"},
        Planted{"UnlistedThirdParty", "src/cli/x.cc", "#include <boost/any.hpp>", "is in no table"},
        Planted{"ThreadInCore", "src/core/x.cc", "#include <thread>", "no <thread>"},
        Planted{"MutexInCore", "src/core/x.cc", "#include <mutex>", "no <mutex>"},
        Planted{"StreamInCore", "src/core/x.cc", "#include <iostream>", "no <iostream>"},
        Planted{"FileInCore", "include/action_scheduler/x.h", "#include <fstream>", "no <fstream>"},
        Planted{"ClockInCore", "src/core/x.cc", "auto t = std::chrono::system_clock::now();", "no ::now("},
        Planted{"EnvironmentInCore", "src/core/x.cc", "auto* home = std::getenv(\"HOME\");", "no getenv("},
        Planted{"PrintInCore", "src/core/x.cc", "std::printf(\"x\");", "no printf("},
        Planted{"SystemInCore", "src/core/x.cc", "#include <unistd.h>", "in the core"}),
    [](const auto& planted) { return std::string(planted.param.name); });

TEST_F(PlantedTree, FindsAFolderThatIsNoPart) {
  plant("src/utils/strings.h", "#pragma once\n");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("src/utils/strings.h:1: belongs to no part")));
}

TEST_F(PlantedTree, IgnoresWhatACommentSays) {
  plant("src/core/x.cc", "// Never std::chrono::system_clock::now() here.\n// #include <thread>\n");
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(PlantedTree, TakesFiveHundredLinesAndNoMore) {
  std::string text;
  for (int line = 0; line < 500; ++line) text += "\n";
  plant("tests/core/long_test.cc", text);
  EXPECT_THAT(faults(), IsEmpty());
  plant("tests/core/long_test.cc", text + "\n");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("longer than 500 lines")));
}

}  // namespace
}  // namespace action_scheduler
