# Puts the files of migrations/ into the library, as a table of raw string literals.
#
#     recount_embed_migrations(<target>)
#
# The same file is the script that writes the table:
#
#     cmake -DMIGRATIONS=<folder> -DOUTPUT=<file.cpp> -P EmbedMigrations.cmake

set(recount_migrations_script "${CMAKE_CURRENT_LIST_FILE}")

function(recount_embed_migrations target)
    set(folder "${PROJECT_SOURCE_DIR}/migrations")
    set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cpp")
    file(GLOB steps CONFIGURE_DEPENDS "${folder}/*.sql")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" "-DMIGRATIONS=${folder}" "-DOUTPUT=${output}"
            -P "${recount_migrations_script}"
        DEPENDS ${steps} "${recount_migrations_script}"
        COMMENT "Embedding migrations"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}")
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
endfunction()

# One file as string literals: a compiler need not take more than 65,536 bytes in one.
function(recount_sql_literal file result)
    set(piece_bytes 8000)
    file(READ "${file}" text)
    if(text MATCHES "\\)recount\"")
        message(FATAL_ERROR "${file} holds )recount\", which ends its string literal")
    endif()
    string(LENGTH "${text}" length)
    set(literal "")
    set(from 0)
    while(from LESS length)
        string(SUBSTRING "${text}" ${from} ${piece_bytes} piece)
        # To the end of a line, so that no character of several bytes is cut.
        string(FIND "${piece}" "\n" line_end REVERSE)
        if(line_end LESS 0)
            message(FATAL_ERROR "${file}: a line of more than ${piece_bytes} bytes, or no newline "
                "at its end")
        endif()
        math(EXPR bytes "${line_end} + 1")
        string(SUBSTRING "${piece}" 0 ${bytes} piece)
        string(APPEND literal "R\"recount(${piece})recount\"\n")
        math(EXPR from "${from} + ${bytes}")
    endwhile()
    if(literal STREQUAL "")
        message(FATAL_ERROR "${file} is empty")
    endif()
    set(${result} "${literal}" PARENT_SCOPE)
endfunction()

function(recount_write_migrations folder output)
    file(GLOB steps "${folder}/*.sql")
    list(SORT steps)
    set(literals "")
    set(rows "")
    set(number 0)
    foreach(step IN LISTS steps)
        get_filename_component(name "${step}" NAME_WE)
        math(EXPR number "${number} + 1")
        string(LENGTH "${number}" digits)
        math(EXPR zeros "4 - ${digits}")
        string(REPEAT "0" ${zeros} padding)
        if(NOT name MATCHES "^${padding}${number}_[a-z0-9_]+$")
            message(FATAL_ERROR
                "${step}: expected ${padding}${number}_<name>.sql; steps are numbered without gaps")
        endif()
        recount_sql_literal("${step}" literal)
        string(APPEND literals "constexpr std::string_view step_${number} =\n${literal};\n")
        string(APPEND rows "    {\"${name}\", step_${number}},\n")
    endforeach()
    file(WRITE "${output}.new" "// Generated from migrations/ by EmbedMigrations.cmake.
#include <postgres/embedded_migrations.hpp>

namespace recount::postgres::detail {
namespace {
${literals}
constexpr embedded_migration steps[] = {
${rows}};
}  // namespace

std::span<embedded_migration const> embedded_migrations() noexcept { return steps; }

}  // namespace recount::postgres::detail
")
    file(RENAME "${output}.new" "${output}")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    recount_write_migrations("${MIGRATIONS}" "${OUTPUT}")
endif()
