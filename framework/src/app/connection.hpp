// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The database of one run of a program: a private cluster, or the server that the URL names;
// migrated or checked, then the application on it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <recount/app/application.hpp>
#include <recount/postgres/cluster.hpp>

namespace recount {

inline constexpr char const* store_default = "main";

enum class pending_migrations : std::uint8_t {
    refuse,
    refuse_serving,   // and say that there is --migrate
    apply,
};

struct connection_options {
    std::string name;              // of the program: its private database
    std::string program;           // "bank 0.1.0"
    std::string url;               // empty: private cluster
    std::string store = store_default;
    bool unsafe_settings = false;
    // A name that a person has typed may be a mistake; one of the program's own is made.
    bool store_is_typed = false;
    pending_migrations pending = pending_migrations::refuse;
};

class connection {
public:
    explicit connection(connection_options options);

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    [[nodiscard]] bool is_private() const noexcept { return cluster_.has_value(); }
    // Opens a store: migrates a private one; of another's pending migrations as the options say.
    [[nodiscard]] std::unique_ptr<application> open(application_parts const& parts,
                                                    std::string const& store) const;
    // The file that the private server writes to; empty for another's.
    [[nodiscard]] std::string server_log() const {
        return is_private() ? cluster_->log_file().string() : std::string{};
    }
    // False if the private server has ended.
    [[nodiscard]] bool runs() const { return !is_private() || cluster_->running(); }
    // Starts the private server again, if it is down.
    void revive();

private:
    connection_options options_;
    std::optional<postgres::private_cluster> cluster_;
    std::string url_;

    void check_store_exists(std::string const& store) const;
};

}  // namespace recount
