# The Debian package: cpack -G DEB in a tree that was configured with -DCMAKE_INSTALL_PREFIX=/usr.
if(ACTION_SCHEDULER_SANITIZE OR NOT TARGET action-scheduler)
  return()
endif()

set(debian_dir ${CMAKE_SOURCE_DIR}/deploy/debian)
install(FILES ${debian_dir}/config.yaml DESTINATION /etc/action-scheduler COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${debian_dir}/action-scheduler.service DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/action-scheduler RENAME copyright COMPONENT service EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program service)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME action-scheduler)
set(CPACK_PACKAGE_VENDOR "Action Scheduler")
set(CPACK_PACKAGE_CONTACT "Action Scheduler <maintainers@action-scheduler.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "schedules the rows of a Postgres table and fires them into Kafka")
set(CPACK_PACKAGE_DESCRIPTION "Applications insert rows with a schedule into a table in Postgres or SQLite. At each
instant that a schedule names the row's command is sent to Kafka, exactly once,
whatever crashes in between. Runs that were missed are merged, delivered late or
dropped, as each row asks.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "tzdata, passwd")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, tzdata-legacy")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian_dir}/conffiles ${debian_dir}/postinst ${debian_dir}/prerm ${debian_dir}/postrm)
include(CPack)
