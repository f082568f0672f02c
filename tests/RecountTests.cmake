# How a test of each kind is registered; CMakeLists.txt beside this file says what the kinds are.

# True in `out` if one of the files matches the regular expression.
function(recount_any_mentions out regex)
    set(${out} FALSE PARENT_SCOPE)
    foreach(file IN LISTS ARGN)
        file(STRINGS "${file}" hits REGEX "${regex}" LIMIT_COUNT 1)
        if(hits)
            set(${out} TRUE PARENT_SCOPE)
        endif()
        # Tags may come and go without a new file.
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    endforeach()
endfunction()

# recount_catch_tests(<kind> TIMEOUT <s> SOURCES <glob>... [LINK <target>...])
#
# One program recount-<kind>-tests and up to four ctest tests: <kind>, <kind>-berka, <kind>-full and
# <kind>-berka-full. One process a test, not one a case: a process may start a PostgreSQL server.
function(recount_catch_tests kind)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINK")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_SOURCES})
    if(NOT sources)
        return()
    endif()
    set(program recount-${kind}-tests)
    recount_program(${program} SOURCES ${sources})
    target_link_libraries(${program} PRIVATE recount-test-support ${arg_LINK})
    # A module's inner pieces (state machines, parsers) are tested through their own headers.
    target_include_directories(${program} PRIVATE
        "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/framework/src")

    recount_any_mentions(berka "\\[berka\\]" ${sources})
    recount_any_mentions(full "\\[full\\]" ${sources})
    recount_any_mentions(berka_full "\\[berka\\]\\[full\\]|\\[full\\]\\[berka\\]" ${sources})
    recount_add_test(${kind} "${kind}" ${arg_TIMEOUT} ${program} "~[berka]~[full]")
    if(berka)
        recount_add_test(${kind}-berka "${kind};berka" ${arg_TIMEOUT} ${program} "[berka]~[full]")
    endif()
    math(EXPR timeout_full "${arg_TIMEOUT} * 4")
    if(full)
        recount_add_test(${kind}-full "${kind};full" ${timeout_full} ${program} "[full]~[berka]")
    endif()
    if(berka_full)
        recount_add_test(${kind}-berka-full "${kind};berka;full" ${timeout_full} ${program}
            "[berka][full]")
    endif()
endfunction()

# recount_python_tests(<folder> TIMEOUT <s>): each script in it is a test <folder>-<name>; a name
# that begins with _ is a module that they share.
function(recount_python_tests folder)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "")
    file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.py")
    list(FILTER scripts EXCLUDE REGEX "/_[^/]*$")
    foreach(script IN LISTS scripts)
        cmake_path(GET script STEM name)
        string(REGEX REPLACE "^test_|_test$" "" name "${name}")
        string(REPLACE "_" "-" name "${name}")
        set(test ${folder}-${name})
        set(labels ${folder})
        set(timeout ${arg_TIMEOUT})
        set(serial FALSE)
        recount_any_mentions(berka "RECOUNT_BERKA" "${script}")
        if(berka)
            list(APPEND labels berka)
        endif()
        file(STRINGS "${script}" wishes REGEX "^# ctest: ")
        foreach(wish IN LISTS wishes)
            if(wish STREQUAL "# ctest: full")
                list(APPEND labels full)
            elseif(wish STREQUAL "# ctest: serial")
                set(serial TRUE)
            elseif(wish MATCHES "^# ctest: timeout ([0-9]+)$")
                set(timeout ${CMAKE_MATCH_1})
            else()
                message(FATAL_ERROR "${script}: not understood: ${wish}")
            endif()
        endforeach()
        recount_add_test(${test} "${labels}" ${timeout} Python3::Interpreter "${script}")
        set_tests_properties(${test} PROPERTIES RUN_SERIAL ${serial})
    endforeach()
endfunction()

function(recount_add_test name labels timeout program)
    add_test(NAME ${name} COMMAND ${program} ${ARGN}
        WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    set(environment
        "RECOUNT_SOURCE=${PROJECT_SOURCE_DIR}"
        "RECOUNT_BUILD=${PROJECT_BINARY_DIR}"
        "PYTHONDONTWRITEBYTECODE=1")
    if(TARGET bank)
        list(APPEND environment "RECOUNT_BANK=$<TARGET_FILE:bank>")
    endif()
    if(TARGET recount-shop)
        list(APPEND environment "RECOUNT_SHOP=$<TARGET_FILE:recount-shop>")
    endif()
    if(TARGET recount-fault-workload)
        list(APPEND environment
            "RECOUNT_FAULT_WORKLOAD=$<TARGET_FILE:recount-fault-workload>")
    endif()
    if(TARGET recount-saga-workload)
        list(APPEND environment
            "RECOUNT_SAGA_WORKLOAD=$<TARGET_FILE:recount-saga-workload>")
    endif()
    if(TARGET recount-bench)
        list(APPEND environment "RECOUNT_BENCH=$<TARGET_FILE:recount-bench>")
    endif()
    set_tests_properties(${name} PROPERTIES
        LABELS "${labels}"
        TIMEOUT ${timeout}
        ENVIRONMENT "${environment}")
endfunction()
