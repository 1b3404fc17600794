# action_scheduler::allocator: jemalloc for a program that links it, or nothing. A library does not choose the allocator of its users.
add_library(action_scheduler_allocator INTERFACE)
add_library(action_scheduler::allocator ALIAS action_scheduler_allocator)
if(ACTION_SCHEDULER_JEMALLOC)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  # Kept although no symbol of it is named: it stands in for malloc by being there.
  target_link_libraries(action_scheduler_allocator INTERFACE -Wl,--push-state,--no-as-needed PkgConfig::JEMALLOC -Wl,--pop-state)
endif()
