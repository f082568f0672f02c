# What `cmake --install` lays down: libraries, public headers, the CMake package
# (find_package(recount 0.1 COMPONENTS store framework http testing)) and a pkg-config file a part.
#
# One export set and one install component (recount-store, recount-framework, …) a part: a program
# that only uses the store needs only the store's libraries, and a distribution may make a package
# of each (`cmake --install build --component recount-store`). Parts stand on the ones before them.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/recount")
set(pkgconfig_folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# recount_install(<part> SUMMARY <text> REQUIRES <pkg-config modules> HEADERS <folder>
#     [UNDER <folder below include>] [WITHOUT <names of folders>...])
function(recount_install part)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SUMMARY;REQUIRES;HEADERS;UNDER" "WITHOUT")
    install(TARGETS recount_${part} EXPORT recount-${part}
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT recount-${part})
    install(EXPORT recount-${part} NAMESPACE recount:: FILE recount-${part}.cmake
        DESTINATION "${package_folder}" COMPONENT recount-${part})
    set(without "")
    foreach(folder IN LISTS arg_WITHOUT)
        list(APPEND without PATTERN "${folder}" EXCLUDE)
    endforeach()
    install(DIRECTORY "${arg_HEADERS}/"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${arg_UNDER}" COMPONENT recount-${part}
        FILES_MATCHING PATTERN "*.hpp" ${without})

    configure_file("${PROJECT_SOURCE_DIR}/cmake/recount.pc.in"
        "${PROJECT_BINARY_DIR}/package/recount-${part}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/package/recount-${part}.pc"
        DESTINATION "${pkgconfig_folder}" COMPONENT recount-${part})
endfunction()

# --- what all pkg-config files say ---------------------------------------------------------------

# From the folder of the .pc file, so that an installation may be moved; a folder that was asked
# for by an absolute path stays where it is.
function(recount_pkgconfig_path folder result)
    if(IS_ABSOLUTE "${folder}")
        set(${result} "${folder}" PARENT_SCOPE)
    else()
        set(${result} "\${prefix}/${folder}" PARENT_SCOPE)
    endif()
endfunction()
recount_pkgconfig_path("${CMAKE_INSTALL_LIBDIR}" pc_libdir)
recount_pkgconfig_path("${CMAKE_INSTALL_INCLUDEDIR}" pc_includedir)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
    file(RELATIVE_PATH pc_up "/${pkgconfig_folder}" "/")
    string(REGEX REPLACE "/$" "" pc_up "${pc_up}")
    set(pc_prefix "\${pcfiledir}/${pc_up}")
endif()
# Boost has no pkg-config files.
set(pc_boost "")
get_target_property(boost_folders Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
foreach(folder IN LISTS boost_folders)
    if(folder AND NOT folder IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
        string(APPEND pc_boost " -I${folder}")
    endif()
endforeach()

# --- the parts -----------------------------------------------------------------------------------

# An archive keeps no list of what it needs, and Recount's are archives only: what others keep in
# Requires.private stands in Requires. (`--static` would ask for static libpq's needs as well, which
# Debian does not install.)
set(same "= ${PROJECT_VERSION}")
recount_install(store
    SUMMARY "Event store over PostgreSQL"
    REQUIRES "fmt, libpqxx >= 6.4, libpq, libcrypto"
    HEADERS "${PROJECT_SOURCE_DIR}/include")
set(framework_headers "${PROJECT_SOURCE_DIR}/framework/include")
if(TARGET recount_framework)
    recount_install(framework
        SUMMARY "Event-sourced applications over PostgreSQL"
        REQUIRES "recount-store ${same}"
        HEADERS "${framework_headers}" WITHOUT http testing)
endif()
if(TARGET recount_http)
    recount_install(http
        SUMMARY "Recount applications over HTTP"
        REQUIRES "recount-framework ${same}, libssl"
        HEADERS "${framework_headers}/recount/http" UNDER recount/http)
endif()
if(TARGET recount_testing)
    recount_install(testing
        SUMMARY "Test kit for Recount applications"
        REQUIRES "recount-framework ${same}, catch2 >= 2.13"
        HEADERS "${framework_headers}/recount/testing" UNDER recount/testing)
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/recountConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/package/recountConfig.cmake"
    INSTALL_DESTINATION "${package_folder}"
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/recountConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/package/recountConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/recountConfigVersion.cmake"
    DESTINATION "${package_folder}" COMPONENT recount-store)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT recount-store)
