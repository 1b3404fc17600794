// The program as a function, for its own main and for the one of the tests that lets it die.
#pragma once

namespace action_scheduler {

// Runs the command line on the real streams, zones and clock. Gives the exit code (exit_codes.h). Never throws.
int run_program(int argc, char** argv);

}  // namespace action_scheduler
