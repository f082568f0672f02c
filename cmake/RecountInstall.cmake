# The CMake package: find_package(recount 0.1 COMPONENTS store framework testing). One export set a
# component, so that a program which only uses the store needs only the store's libraries.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/recount")

function(recount_install part headers)
    install(TARGETS recount_${part} EXPORT recount-${part}
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(EXPORT recount-${part} NAMESPACE recount:: FILE recount-${part}.cmake
        DESTINATION "${package_folder}")
    if(headers)
        install(DIRECTORY "${headers}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
            FILES_MATCHING PATTERN "*.hpp" ${ARGN})
    endif()
endfunction()

set(RECOUNT_COMPONENTS store)
recount_install(store "${PROJECT_SOURCE_DIR}/include")
if(TARGET recount_framework)
    list(APPEND RECOUNT_COMPONENTS framework)
    recount_install(framework "${PROJECT_SOURCE_DIR}/framework/include"
        PATTERN "testing" EXCLUDE)
endif()
if(TARGET recount_testing)
    list(APPEND RECOUNT_COMPONENTS testing)
    recount_install(testing "")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/framework/include/recount/testing"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/recount" FILES_MATCHING PATTERN "*.hpp")
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/recountConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/package/recountConfig.cmake"
    INSTALL_DESTINATION "${package_folder}"
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/recountConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/package/recountConfig.cmake"
    "${PROJECT_BINARY_DIR}/package/recountConfigVersion.cmake"
    DESTINATION "${package_folder}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
