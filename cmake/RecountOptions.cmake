# What can be switched, and what only the top-level project decides. As a subdirectory of another
# project Recount builds its libraries and nothing else, and leaves that project's settings alone.

option(RECOUNT_FRAMEWORK "Build the application framework (off: only the event store)" ON)
option(RECOUNT_SAMPLES "Build the sample applications" ${PROJECT_IS_TOP_LEVEL})
option(RECOUNT_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(RECOUNT_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(RECOUNT_FUZZ "Build the fuzzers of tests/fuzz (clang only)" OFF)
option(RECOUNT_TESTING "Provide recount::testing, which needs Catch2" ${RECOUNT_TESTS})
option(RECOUNT_INSTALL "Provide install rules and the CMake package" ${PROJECT_IS_TOP_LEVEL})
option(RECOUNT_WERROR "Warnings in Recount's own code are errors" ${PROJECT_IS_TOP_LEVEL})

set(fault_points OFF)
if(RECOUNT_TESTS AND CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(fault_points ON)
endif()
option(RECOUNT_FAULT_POINTS "Let tests kill a program at named points of its work" ${fault_points})

foreach(part IN ITEMS SAMPLES TESTS BENCH TESTING)
    if(RECOUNT_${part} AND NOT RECOUNT_FRAMEWORK)
        message(FATAL_ERROR "RECOUNT_${part} needs RECOUNT_FRAMEWORK")
    endif()
endforeach()

if(RECOUNT_TESTS AND NOT RECOUNT_TESTING)
    message(FATAL_ERROR "RECOUNT_TESTS needs RECOUNT_TESTING")
endif()

if(PROJECT_IS_TOP_LEVEL)
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
    endif()
    if(NOT CMAKE_RUNTIME_OUTPUT_DIRECTORY)
        set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    endif()
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

    # Paths below the source folder are hashed relative to it, so that another clone finds what
    # this one compiled.
    find_program(RECOUNT_CCACHE ccache DOC "Compiler cache; used when it is there")
    mark_as_advanced(RECOUNT_CCACHE)
    if(RECOUNT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
        set(CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
            "${RECOUNT_CCACHE}")
    endif()
endif()
