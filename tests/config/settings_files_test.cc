#include "config/settings_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/config/loading.h"
#include "tests/config/without_privileges.h"

namespace action_scheduler {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A working directory of its own, with an environment variable that is ours.
class SettingsFiles : public testing::Test {
 protected:
  SettingsFiles() : before_(fs::current_path()) {
    std::string pattern = (fs::temp_directory_path() / "settings-files-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    fs::current_path(directory_);
    clearenv();  // whoever runs the tests may have a DEBUG of their own
  }
  ~SettingsFiles() override {
    clearenv();
    fs::current_path(before_);
    fs::remove_all(directory_);
  }

  static void write(const std::string& name, const std::string& text) { std::ofstream(name, std::ios::binary) << text; }

  fs::path before_;
  fs::path directory_;
};

TEST_F(SettingsFiles, ReadsTheWorkingDirectoryAndTheEnvironment) {
  write("config.yaml", kSmallYaml);
  write(".env", "TIMEZONE=Asia/Tokyo\n");
  write("token", "secret\n");
  setenv("ACTIONS_DB__TABLE", "jobs", 1);
  setenv("HTTP__TOKEN_FILE", "token", 1);
  const LoadedSettings loaded = load_settings_of_process({.config_path = {}, .sets = {"debug=1"}});
  EXPECT_THAT(described(loaded.faults), IsEmpty());
  EXPECT_EQ(loaded.settings.actions_db.database, "a.db");
  EXPECT_EQ(loaded.settings.timezone, "Asia/Tokyo");
  EXPECT_EQ(loaded.settings.actions_db.table, "jobs");
  EXPECT_EQ(loaded.settings.http.token, "secret");
  EXPECT_TRUE(loaded.settings.debug);
}

TEST_F(SettingsFiles, ANamedFileStandsInForTheOneOfTheWorkingDirectory) {
  write("config.yaml", "broken: [");
  write("other.yaml", kSmallYaml);
  EXPECT_THAT(described(load_settings_of_process({.config_path = "other.yaml", .sets = {}}).faults), IsEmpty());
}

TEST_F(SettingsFiles, ANamedFileMustExist) {
  EXPECT_THAT(described(load_settings_of_process({.config_path = "none.yaml", .sets = {}}).faults),
              ElementsAre("none.yaml: cannot read the file none.yaml: No such file or directory"));
  EXPECT_THAT(described(load_settings_of_process({.config_path = "", .sets = {}}).faults), Contains(HasSubstr("No such file")));
}

TEST_F(SettingsFiles, ADirectoryOrAHugeFileIsAFault) {
  fs::create_directory("config.yaml");
  write(".env", std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(described(load_settings_of_process({}).faults),
              ElementsAre("config.yaml: cannot read the file config.yaml: it is a directory",
                          ".env: cannot read the file .env: expected at most 1048576 bytes"));
}

TEST_F(SettingsFiles, AFileOfAValueThatIsNotThereIsAFault) {
  write("config.yaml", kSmallYaml);
  setenv("HTTP__TOKEN_FILE", "/none", 1);
  EXPECT_THAT(
      described(load_settings_of_process({}).faults),
      ElementsAre(
          "env HTTP__TOKEN_FILE: http.token: cannot read the value: cannot read the file /none: No such file or directory"));
}

TEST_F(SettingsFiles, ADirectoryInThePlaceOfAFileIsAFaultOfItsPlace) {
  fs::create_directory("folder");
  fs::create_directory(".env");
  write("config.yaml", "actions_db: {dialect: sqlite, database: folder}\ninternal_db: {database: folder}\n");
  setenv("HTTP__TOKEN_FILE", "folder", 1);
  EXPECT_THAT(described(load_settings_of_process({}).faults),
              UnorderedElementsAre(
                  ".env: cannot read the file .env: it is a directory",
                  "env HTTP__TOKEN_FILE: http.token: cannot read the value: cannot read the file folder: it is a directory",
                  "config.yaml:1:31: actions_db.database: expected a file, got the directory \"folder\"",
                  "config.yaml:2:15: internal_db.database: expected a file, got the directory \"folder\""));
}

TEST_F(SettingsFiles, ADirectoryMayHaveTheNameOfAPostgresDatabase) {
  fs::create_directory("actions");
  write("config.yaml", "actions_db: {dialect: postgresql, database: actions}\n");
  EXPECT_THAT(described(load_settings_of_process({}).faults), IsEmpty());
}

TEST_F(SettingsFiles, ALinkThatLeadsNowhereIsAFault) {
  fs::create_symlink("nowhere", "config.yaml");
  EXPECT_THAT(described(load_settings_of_process({}).faults),
              Contains("config.yaml: cannot read the file config.yaml: No such file or directory"));
  fs::remove("config.yaml");
  fs::create_symlink("config.yaml", "config.yaml");
  EXPECT_THAT(described(load_settings_of_process({}).faults), Contains(HasSubstr("Too many levels of symbolic links")));
}

TEST_F(SettingsFiles, AFileWithoutRightsIsAFault) {
  setenv("HTTP__TOKEN_FILE", "token", 1);
  write("config.yaml", kSmallYaml);
  write(".env", "DEBUG=1\n");
  write("token", "secret\n");
  for (const char* file : {"config.yaml", ".env", "token"}) fs::permissions(file, fs::perms::none);
  fs::permissions(".", fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
  std::vector<std::string> faults;
  {
    const WithoutPrivileges nobody;
    faults = described(load_settings_of_process({}).faults);
  }
  EXPECT_THAT(faults,
              UnorderedElementsAre(
                  "config.yaml: cannot read the file config.yaml: Permission denied",
                  ".env: cannot read the file .env: Permission denied",
                  "env HTTP__TOKEN_FILE: http.token: cannot read the value: cannot read the file token: Permission denied"));
}

TEST_F(SettingsFiles, AnEndlessFileIsCutOff) {
  EXPECT_FALSE(read_text_file("/dev/zero", 1000).ok());
  EXPECT_TRUE(read_text_file("/dev/null", 1000).ok());
}

}  // namespace
}  // namespace action_scheduler
