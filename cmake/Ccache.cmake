# ccache is used when it is there and nobody has chosen a launcher. What it is told to overlook lets it keep what includes
# precompiled headers (its manual, "Precompiled headers").
find_program(ACTION_SCHEDULER_CCACHE ccache)
mark_as_advanced(ACTION_SCHEDULER_CCACHE)
if(ACTION_SCHEDULER_CCACHE)
  foreach(language C CXX)
    if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${ACTION_SCHEDULER_CCACHE})
    endif()
  endforeach()
endif()
