# The libraries that the libraries need; the package file (recountConfig.cmake.in) asks for the
# same, but for what is only headers inside (nlohmann/json, CLI11). Tests find Catch2 themselves.

find_package(Boost 1.81 REQUIRED)  # headers only: Describe, Mp11, Asio, Beast
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Threads REQUIRED)

# libpqxx 6.4 (Debian 12) comes without a CMake package. GLOBAL: a project that adds Recount as a
# subdirectory links them through the static library.
find_package(PkgConfig REQUIRED)
pkg_check_modules(RECOUNT_PQXX REQUIRED IMPORTED_TARGET GLOBAL libpqxx>=6.4)
pkg_check_modules(RECOUNT_PQ REQUIRED IMPORTED_TARGET GLOBAL libpq)

if(RECOUNT_FRAMEWORK)
    find_package(CLI11 2.1 REQUIRED)
endif()
if(RECOUNT_TESTING)
    find_package(Catch2 REQUIRED)  # 2.13 or 3
endif()
