# ACTION_SCHEDULER_SANITIZE: sanitizers for every target, and what makes them work with the libraries that are not instrumented.
# Sets ACTION_SCHEDULER_TEST_ENVIRONMENT, the ENVIRONMENT_MODIFICATION of every test.
set(ACTION_SCHEDULER_TEST_ENVIRONMENT "")
if(NOT ACTION_SCHEDULER_SANITIZE)
  return()
endif()

# A replaced allocator would blind them.
set(ACTION_SCHEDULER_JEMALLOC OFF)
add_compile_options(-fsanitize=${ACTION_SCHEDULER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
add_link_options(-fsanitize=${ACTION_SCHEDULER_SANITIZE})
if(ACTION_SCHEDULER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # counts which branches an input takes
endif()
if(ACTION_SCHEDULER_SANITIZE MATCHES "undefined")
  # A check at each access to a member, a third of the build's time. A null pointer ends in AddressSanitizer's report all the same.
  add_compile_options(-fno-sanitize=null,alignment)
endif()

set(sanitizers_dir ${CMAKE_CURRENT_LIST_DIR}/../tests/sanitizers)
cmake_path(NORMAL_PATH sanitizers_dir)
if(ACTION_SCHEDULER_SANITIZE MATCHES "thread")
  # An object file, so that the linker keeps it and exports its functions to the shared libraries.
  add_library(action_scheduler_c11_threads OBJECT ${sanitizers_dir}/c11_threads.c)
  target_compile_options(action_scheduler_c11_threads PRIVATE -fno-sanitize=all)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:action_scheduler_c11_threads>)
  list(APPEND ACTION_SCHEDULER_TEST_ENVIRONMENT
       "TSAN_OPTIONS=set:halt_on_error=1 second_deadlock_stack=1 suppressions=${sanitizers_dir}/tsan.supp")
else()
  list(APPEND ACTION_SCHEDULER_TEST_ENVIRONMENT "ASAN_OPTIONS=set:detect_stack_use_after_return=1 strict_string_checks=1"
       "UBSAN_OPTIONS=set:print_stacktrace=1" "LSAN_OPTIONS=set:suppressions=${sanitizers_dir}/lsan.supp")
endif()
