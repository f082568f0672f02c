# The three kinds of target that this project makes, each with the house's language level and
# warnings.
#
#     recount_library(<part> INCLUDE <folder> PRIVATE_INCLUDE <folder> SOURCES <files>...)
#                                                                   recount_<part>, recount::<part>
#     recount_program(<name> SOURCES <files>...)
#     recount_strict(<target>)                                      warnings only
#     recount_fault_points(<files>...)              switches on those that there are in these files

function(recount_strict target)
    # Members left out of a designated initializer have their defaults: the house's way of options.
    set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
        -Wno-missing-field-initializers)
    if(RECOUNT_WERROR)
        list(APPEND warnings -Werror)
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # These follow the flow of optimised code, and report falsely in one release of GCC or
            # another (std::string in 12 and 13): they are shown, but do not stop a build.
            foreach(unsure IN ITEMS array-bounds dangling-reference free-nonheap-object
                    maybe-uninitialized mismatched-new-delete nonnull null-dereference restrict
                    stringop-overflow stringop-overread tsan use-after-free)
                if(unsure STREQUAL "dangling-reference" AND
                        CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
                    continue()
                endif()
                list(APPEND warnings -Wno-error=${unsure})
            endforeach()
        endif()
    endif()
    target_compile_options(${target} PRIVATE ${warnings})
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_compile_definitions(${target} PRIVATE RECOUNT_VERSION="${PROJECT_VERSION}")
endfunction()

# File by file, so that the switch concerns only those that have some: recount/core/fault_point.hpp.
function(recount_fault_points)
    if(NOT RECOUNT_FAULT_POINTS)
        return()
    endif()
    foreach(file IN LISTS ARGN)
        file(STRINGS "${file}" hits REGEX "fault_point<" LIMIT_COUNT 1)
        if(hits)
            set_source_files_properties("${file}" PROPERTIES
                COMPILE_DEFINITIONS RECOUNT_FAULT_POINTS)
        endif()
    endforeach()
endfunction()

function(recount_library part)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "INCLUDE;PRIVATE_INCLUDE" "SOURCES")
    set(target recount_${part})
    if(NOT arg_SOURCES)  # so far all of it is headers
        set(arg_SOURCES "${CMAKE_CURRENT_BINARY_DIR}/${target}_empty.cpp")
        file(CONFIGURE OUTPUT "${arg_SOURCES}" CONTENT "")
    endif()
    add_library(${target} STATIC ${arg_SOURCES})
    add_library(recount::${part} ALIAS ${target})
    target_include_directories(${target}
        PUBLIC
            "$<BUILD_INTERFACE:${arg_INCLUDE}>"
            "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
        PRIVATE "${arg_PRIVATE_INCLUDE}")
    target_compile_features(${target} PUBLIC cxx_std_20)
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${part}
        POSITION_INDEPENDENT_CODE ON)
    recount_strict(${target})
endfunction()

function(recount_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
    add_executable(${name} ${arg_SOURCES})
    recount_strict(${name})
endfunction()
