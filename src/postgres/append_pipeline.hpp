// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The connection that batches are sent on, with libpq's pipeline mode: while one batch is at the
// server the next is sent behind it. So the server goes on with that one at once when it has
// answered the first, instead of standing still until the answer has come to us and the next batch
// to it.
//
//     append_pipeline pipeline{options, {append, append_one}};
//     pipeline.send(append, first);        // one thread …
//     pipeline.send(append, second);       // … and another, meanwhile
//     auto answer = pipeline.receive();    // of `first`; each answer by one thread at a time
//
// Every batch is a transaction of its own. Connects when first needed, and again when the
// connection was lost and all that was on its way has been told so. After a failure to connect
// send() fails at once, until try_again(): whoever goes another way finds out that the database is
// back.
// Thread safety: send() beside receive(); two of the same kind one after another.
// Errors: as session::execute_binary has them; what was on its way when the connection was lost is
// errc::in_doubt. Other failures of send(): nothing was sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <recount/postgres/session.hpp>

#include "postgres/eager_wait.hpp"

namespace recount::postgres {

class append_pipeline {
public:
    // After a failure to connect, not before `connect_again` is over. `eager`: how to wait where
    // that is asked for; of this machine if not given.
    append_pipeline(session_options options, std::vector<query> statements,
                    std::chrono::milliseconds connect_again = std::chrono::seconds{1},
                    std::optional<eager_wait> const& eager = std::nullopt);
    ~append_pipeline();
    append_pipeline(append_pipeline const&) = delete;
    append_pipeline& operator=(append_pipeline const&) = delete;

    // One of the statements, with values in binary format.
    void send(query const& statement, std::vector<parameter> const& values);
    // Eagerly: for the part of the usual time in which the answer may come the thread does not
    // sleep (eager_wait.hpp). For one who is alone; others have better use for the processor.
    [[nodiscard]] result receive(bool eagerly = false);
    // How often an answer had not come when the nap was over.
    [[nodiscard]] std::uint64_t looked() const noexcept;
    // The database was reached another way.
    void try_again();

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::postgres
