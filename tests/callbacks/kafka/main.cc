#include <gtest/gtest.h>

#include <string_view>

#include "tests/callbacks/kafka/dying_child.h"

int main(int argc, char** argv) {
  if (argc == 8 && std::string_view(argv[1]) == "--deliver-and-die") return action_scheduler::testing::deliver_and_die(argv + 2);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
