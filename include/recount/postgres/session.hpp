// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A connection to PostgreSQL without a client library's types in sight. Values travel as text;
// every statement is a named `query`, whose name errors, metrics and logs use.
//
//     constexpr postgres::query count_rows{"count_rows", "SELECT count(*) FROM log"};
//     auto rows = session.execute(count_rows);
//     auto n = rows.integer(0, 0);
//
// Thread safety: a session belongs to one thread at a time; a pool is thread-safe.
// Errors: recount::error with SQLSTATE and query name. A lost connection is never re-opened behind
// the caller's back: the session is `broken()` from then on, and the pool drops it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/core/error.hpp>

namespace recount::postgres {

struct query {
    std::string_view name;
    std::string_view text;  // parameters are $1, $2 …
};

// A query whose text is made once from checked, quoted identifiers (a store's schema, a table).
struct owned_query {
    std::string name;
    std::string text;
    operator query() const noexcept { return {name, text}; }
};

using parameter = std::optional<std::string>;  // nullopt is NULL

class result {
public:
    result();
    ~result();
    result(result&&) noexcept;
    result& operator=(result&&) noexcept;

    [[nodiscard]] std::size_t size() const noexcept;     // rows
    [[nodiscard]] std::size_t columns() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t affected() const noexcept;  // rows changed by the statement
    [[nodiscard]] bool null(std::size_t row, std::size_t column) const;
    // The view lives as long as the result; empty for NULL.
    [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;
    [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const;
    [[nodiscard]] bool boolean(std::size_t row, std::size_t column) const;
    [[nodiscard]] std::string_view column_name(std::size_t column) const;

    struct implementation;
    explicit result(std::unique_ptr<implementation> rows) noexcept;

private:
    std::unique_ptr<implementation> rows_;
};

// Timeouts and jit=off travel in the start-up packet: they hold after SET ROLE and ROLLBACK. A URL
// that sets one in its own `options` wins. Zero is no limit.
struct session_options {
    std::string url{};  // a libpq URI or conninfo string
    std::string role{}; // SET ROLE to it, and check it, before anything else; empty: stay
    std::chrono::milliseconds statement_timeout{5'000};
    std::chrono::milliseconds lock_timeout{2'000};
    std::chrono::milliseconds idle_in_transaction_timeout{5'000};
    // A server that is silent for so much longer than its statement timeout, or a way to it that
    // is, counts as a lost connection. Zero, or no statement timeout: it is waited for.
    std::chrono::milliseconds answer_grace{10'000};
    std::string application_name = "recount";
};

class session {
public:
    explicit session(session_options const& options);
    ~session();
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;

    // One statement. Outside a transaction it is an implicit one, and a connection lost after it
    // was sent is errc::in_doubt; within a transaction that is errc::database_unreachable. The
    // statement is prepared on first use under the query's text, so repeated calls skip parsing.
    result execute(query const& statement, std::vector<parameter> const& parameters = {});
    // The same with every value in PostgreSQL's binary format, of the type that the statement's
    // casts give it; the answer is text. Arrays of a thousand elements cost a third that way.
    result execute_binary(query const& statement, std::vector<std::string> const& values);
    // Several statements in one text, without parameters: migrations and DDL.
    void execute_script(query const& script);

    void begin();
    // errc::in_doubt if the connection is lost at COMMIT. If a statement of the transaction had
    // failed, rolls back and throws errc::database_failed.
    void commit();
    void rollback() noexcept;  // also when nothing is open
    [[nodiscard]] bool in_transaction() const noexcept;

    void listen(std::string_view channel);
    // Returns true if a notification came in (also since the last call), false after the time is
    // over. Outside of a transaction only.
    bool await_notification(std::chrono::milliseconds timeout);

    // A lost connection, or one that nobody knows the state of: it is of no use any more.
    [[nodiscard]] bool broken() const noexcept;
    // Looks at the socket without a round trip; a session found dead is broken from then on.
    [[nodiscard]] bool alive() noexcept;
    [[nodiscard]] int backend_pid() const noexcept;
    [[nodiscard]] int server_version() const noexcept;  // 150018 is 15.18

    struct implementation;

private:
    std::unique_ptr<implementation> self_;
};

// Begins on construction; rolls back unless committed.
class transaction {
public:
    explicit transaction(session& on) : session_{&on} { session_->begin(); }
    ~transaction() { if (session_ != nullptr) session_->rollback(); }
    transaction(transaction const&) = delete;
    transaction& operator=(transaction const&) = delete;
    void commit() { std::exchange(session_, nullptr)->commit(); }

private:
    session* session_;
};

// A bounded set of sessions with the same options. `lend()` waits for one, at most
// `lend_timeout`, then throws errc::timed_out. Broken sessions are not taken back. While no
// connection can be had `lend()` tries again, after pauses; once the database has been away for
// some 3 s it throws errc::database_unreachable, at once from then on, until it is back.
class pool {
public:
    pool(session_options options, std::size_t sessions_max);
    ~pool();
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;

    class lease {
    public:
        lease(pool& from, std::unique_ptr<session> lent) noexcept
            : pool_{&from}, session_{std::move(lent)} {}
        ~lease();
        lease(lease&&) noexcept = default;
        lease& operator=(lease&&) = delete;
        session& operator*() const noexcept { return *session_; }
        session* operator->() const noexcept { return session_.get(); }

    private:
        pool* pool_;
        std::unique_ptr<session> session_;
    };

    [[nodiscard]] lease lend(std::chrono::milliseconds lend_timeout = std::chrono::seconds{5});

    // One statement that only reads: lost with its connection it is run again on another one, at
    // most limits::statement_attempts_max times, and so it is after 40001 and 40P01.
    [[nodiscard]] result read(query const& statement,
                              std::vector<parameter> const& parameters = {});

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
    void take_back(std::unique_ptr<session> returned) noexcept;
};

// --- text forms ---------------------------------------------------------------------------------

// `name` as a quoted identifier. Throws errc::invalid_argument unless it matches
// [a-z_][a-z0-9_$-]* and has at most 63 bytes.
[[nodiscard]] std::string quote_identifier(std::string_view name);

// Builds the literal of a one-dimensional array, `{"a","b",NULL}`, for a parameter cast to T[].
class array_literal {
public:
    void add(std::string_view element);          // quoted and escaped
    void add_raw(std::string_view element);      // digits and the like: not quoted
    void add(std::int64_t element);
    void add_null();
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string take();            // leaves an empty array

private:
    std::string text_ = "{";
    std::size_t size_ = 0;
    void separate();
};

}  // namespace recount::postgres
