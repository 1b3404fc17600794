#include "cli/program.h"

int main(int argc, char** argv) { return action_scheduler::run_program(argc, argv); }
