# What `cmake --install` puts where: the program, the core library with the public headers, and the package file for
#   find_package(action_scheduler REQUIRED)
#   target_link_libraries(my_program PRIVATE action_scheduler::core)
if(ACTION_SCHEDULER_SANITIZE)
  return()  # a sanitized library is of no use elsewhere
endif()

if(TARGET action-scheduler)
  set_target_properties(action-scheduler PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  install(TARGETS action-scheduler RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  # What the program says of itself (src/cli/CMakeLists.txt): completions where the shells look for them, and the manual page.
  set(shell_dir ${CMAKE_BINARY_DIR}/completions)
  install(FILES ${shell_dir}/action-scheduler DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
  install(FILES ${shell_dir}/_action-scheduler DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
  install(FILES ${shell_dir}/action-scheduler.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
  install(FILES ${shell_dir}/action-scheduler.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES sample_actions.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/action-scheduler COMPONENT program)
endif()

if(TARGET action_scheduler::core)
  include(CMakePackageConfigHelpers)
  get_target_property(core action_scheduler::core ALIASED_TARGET)
  get_target_property(include_dirs ${core} INTERFACE_INCLUDE_DIRECTORIES)
  # The folders of this tree are for this build; installed, there is one.
  set_target_properties(${core} PROPERTIES EXPORT_NAME core INTERFACE_INCLUDE_DIRECTORIES "$<BUILD_INTERFACE:${include_dirs}>")
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/action_scheduler)
  install(DIRECTORY include/action_scheduler DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library FILES_MATCHING PATTERN "*.h")
  install(TARGETS ${core} EXPORT action_scheduler_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT action_scheduler_targets NAMESPACE action_scheduler:: DESTINATION ${package_dir} COMPONENT library)
  configure_package_config_file(cmake/action_schedulerConfig.cmake.in action_schedulerConfig.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(action_schedulerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/action_schedulerConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/action_schedulerConfigVersion.cmake
          DESTINATION ${package_dir} COMPONENT library)
endif()
