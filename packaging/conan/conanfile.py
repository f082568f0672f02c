# Not run here: written without a Conan at hand.
#
#     conan create packaging/conan --build=missing        Conan 2
#
# Consumers find it as without Conan: find_package(recount COMPONENTS http) gives recount::http.
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rmdir
from conan.tools.gnu import PkgConfigDeps

required_conan_version = ">=2.0"


class RecountConan(ConanFile):
    name = "recount"
    version = "0.1.0"
    description = "Event-sourced applications in C++20 over PostgreSQL"
    license = "BSL-1.0"
    topics = ("event-sourcing", "cqrs", "postgresql")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"framework": [True, False], "testing": [True, False]}
    default_options = {
        "framework": True,
        "testing": False,
        # Only headers of it are used.
        "boost/*:header_only": True,
    }

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*",
                        "framework/*", "migrations/*"):
            copy(self, pattern, src=root, dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # Headers of these two are seen by whoever includes Recount's.
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        self.requires("fmt/[>=9 <13]", transitive_headers=True)
        self.requires("libpq/[>=14]")
        self.requires("libpqxx/[>=7.8 <8]")
        self.requires("nlohmann_json/[>=3.11 <4]")
        self.requires("openssl/[>=3 <4]")
        if self.options.framework:
            self.requires("cli11/[>=2.1 <3]")
        if self.options.testing:
            self.requires("catch2/[>=2.13 <4]", transitive_headers=True, transitive_libs=True)

    def build_requirements(self):
        # libpqxx and libpq are found by their pkg-config modules.
        if not self.conf.get("tools.gnu:pkg_config", check_type=str):
            self.tool_requires("pkgconf/[>=1.8 <3]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "RECOUNT_FRAMEWORK": bool(self.options.framework),
            "RECOUNT_TESTING": bool(self.options.testing),
            "RECOUNT_BENCH": False,
            "RECOUNT_SAMPLES": False,
            "RECOUNT_TESTS": False,
            "RECOUNT_WERROR": False,
        })
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder,
             dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan writes its own for the consumer, from what stands below.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "recount")
        self.part("store", ["boost::headers", "fmt::fmt", "libpq::pq", "libpqxx::libpqxx",
                            "nlohmann_json::nlohmann_json", "openssl::crypto"])
        if self.options.framework:
            self.part("framework", ["store", "cli11::cli11"])
            self.part("http", ["framework", "openssl::ssl"])
        if self.options.testing:
            self.part("testing", ["framework", "catch2::catch2"])

    def part(self, name, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", f"recount::{name}")
        component.set_property("pkg_config_name", f"recount-{name}")
        component.libs = [f"recount_{name}"]
        component.requires = requires
        if self.settings.os == "Linux":
            component.system_libs = ["pthread"]
