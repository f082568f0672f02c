// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The one file that includes libpqxx. It is used for little: connecting, sending a statement,
// holding the answer. Transactions are plain BEGIN and COMMIT on a pqxx::nontransaction, since
// pqxx's own transaction classes hide which statement a failure belongs to. Written for 6.4 to 7.x.
#include <recount/postgres/session.hpp>

#include <poll.h>

#include <algorithm>

#include <fmt/format.h>

#if defined(__GNUC__)
// inhibit_reactivation (6.4) and exec_params (7.9 and later) are deprecated where they are used
// here; each is the only way in its release.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#include <pqxx/pqxx>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include "answer_limit.hpp"
#include "connection_string.hpp"
#include "result_cells.hpp"
#include "server_error.hpp"
#include "session_report.hpp"
#include "statement_names.hpp"

// exec(prepped, params) and exec(text, params) replace exec_prepared and exec_params.
#define RECOUNT_PQXX_EXEC_TAKES_PARAMS \
    (PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 10))

namespace recount::postgres {

namespace {

constexpr int waiting_messages_max = 16;  // read at once from an idle connection
constexpr int farewell_wait_ms = 200;

// 6.4 forgets the SQLSTATE of some failures, or throws them as no sql_error at all; their types
// still tell.
std::string sqlstate_of(pqxx::failure const& e) {
    if (auto const* sql = dynamic_cast<pqxx::sql_error const*>(&e);
        sql != nullptr && !sql->sqlstate().empty()) {
        return sql->sqlstate();
    }
    if (dynamic_cast<pqxx::insufficient_privilege const*>(&e) != nullptr) return "42501";
    if (dynamic_cast<pqxx::serialization_failure const*>(&e) != nullptr) return "40001";
    if (dynamic_cast<pqxx::deadlock_detected const*>(&e) != nullptr) return "40P01";
    if (dynamic_cast<pqxx::statement_completion_unknown const*>(&e) != nullptr) return "40003";
    if (dynamic_cast<pqxx::transaction_rollback const*>(&e) != nullptr) return "40000";
    return {};
}

std::unique_ptr<result::implementation> cells_of(pqxx::result answer) {
    auto const kept = std::make_shared<pqxx::result>(std::move(answer));
    auto const& rows = *kept;
    auto made = std::make_unique<result::implementation>();
    made->size = static_cast<std::size_t>(rows.size());
    made->affected = static_cast<std::size_t>(rows.affected_rows());
    auto const columns = static_cast<std::size_t>(rows.columns());
    for (std::size_t column = 0; column < columns; ++column) {
        made->names.emplace_back(rows.column_name(static_cast<pqxx::row_size_type>(column)));
    }
    made->cells.reserve(made->size * columns);
    for (auto row = rows.begin(); made->cells.size() < made->size * columns; ++row) {
        auto field = row->begin();
        for (std::size_t column = 0; column < columns; ++column, ++field) {
            auto const size = field->size();  // of NULL 0, so that few need be asked
            made->cells.push_back(size == 0 && field->is_null()
                                      ? std::string_view{}
                                      : std::string_view{field->c_str(), size});
        }
    }
    made->owner = kept;
    return made;
}

}  // namespace

struct session::implementation {
    explicit implementation(session_options const& options) { connect(options); }

    detail::line line;                         // outlives the connection
    std::chrono::milliseconds answer_time{0};  // zero: no limit
    std::optional<pqxx::connection> connection;
    // Open for the whole session, except while waiting for notifications: pqxx hands those out only
    // outside of its transactions, and outside of one it would throw them away after a statement.
    std::optional<pqxx::nontransaction> channel;
    int backend_pid = 0;
    bool broken = false;
    bool in_transaction = false;
    bool listens = false;
    std::string failed_statement;  // aborted the open transaction

    detail::statement_names statements;  // that are prepared

    void connect(session_options const& options);
    void become(std::string const& role);
    void limit_answers(session_options const& options);
    bool socket_alive();
    void lose() noexcept;
    // `send` performs one exchange with the server and returns its answer.
    template <typename Send>
    pqxx::result exchange(std::string_view name, detail::outcome if_lost, Send const& send);
    [[nodiscard]] error failure_of(std::string_view name, detail::outcome if_lost,
                                   std::string const& sqlstate, std::string const& text);
    std::string const& prepare(std::string_view text);
    void deallocate(std::string const& name);
    pqxx::result send_prepared(query const& statement, std::vector<parameter> const& parameters);
    pqxx::result send_binary(query const& statement, std::vector<std::string> const& values);
    pqxx::result run(query const& statement, std::vector<parameter> const& parameters);
    template <typename Send>
    pqxx::result run_prepared(query const& statement, Send const& send);
    pqxx::result run_script(query const& script, detail::outcome if_lost);
    void check_usable(std::string_view name);
    [[nodiscard]] detail::outcome if_lost() const noexcept {
        // Within a transaction nothing has happened until COMMIT is sent.
        return in_transaction ? detail::outcome::nothing_happened : detail::outcome::unknown;
    }
};

void session::implementation::connect(session_options const& options) {
    std::string const target = detail::connection_string(options);
    detail::connect_watch const watch;
    try {
        connection.emplace(target);
#if PQXX_VERSION_MAJOR < 7
        // 6.4 re-opens a lost connection silently and with it loses role, locks and LISTEN.
        connection->inhibit_reactivation(true);
#endif
        channel.emplace(*connection);
    } catch (std::exception const& e) {
        error const failure{errc::database_unreachable,
                            "no connection to the database could be had",
                            server_details{{}, "connect", e.what()}, true};
        watch.failed(failure);
        throw failure;
    }
    backend_pid = connection->backendpid();
    line = detail::line{connection->sock()};
    limit_answers(options);
    if (!options.role.empty()) become(options.role);
    watch.opened(backend_pid, options.role, connection->server_version());
}

void session::implementation::limit_answers(session_options const& options) {
    if (options.answer_grace.count() <= 0) return;
    answer_time = detail::first_answer_time(options);
    auto limit = options.statement_timeout;
    if (detail::sets_statement_timeout(options)) {
        auto const answer =
            run_script(detail::statement_timeout_set, detail::outcome::nothing_happened);
        limit = std::chrono::milliseconds{
            answer.begin()->begin()->as<std::chrono::milliseconds::rep>()};
    }
    answer_time = detail::answer_time(options, limit);
}

void session::implementation::become(std::string const& role) {
    // Only the sentence needs the login, so it is asked for only then.
    auto const refuse = [&](server_details server) {
        auto const login = run_script({"session_user", "SELECT quote_ident(session_user)"},
                                      detail::outcome::nothing_happened);
        throw error{errc::refused,
                    fmt::format("the login may not act as role {0}: run GRANT {0} TO {1}",
                                quote_identifier(role), login.begin()->begin()->c_str()),
                    std::move(server)};
    };
    std::string const text =
        fmt::format("SET ROLE {}; SELECT current_user", quote_identifier(role));
    pqxx::result answer;
    try {
        answer = run_script({"set_role", text}, detail::outcome::nothing_happened);
    } catch (error const& e) {
        // 42501: not a member. 22023: no such role.
        if (e.sqlstate() != "42501" && e.sqlstate() != "22023") throw;
        refuse({e.sqlstate(), e.query(), e.server_text()});
    }
    if (answer.begin()->begin()->c_str() != std::string_view{role}) refuse({});
}

// A look at the socket, without a round trip. What arrived on an idle connection is the server's
// farewell, a notification, or the end of the stream.
bool session::implementation::socket_alive() {
    if (broken) return false;
    for (int message = 0; message < waiting_messages_max; ++message) {
        // Who does not listen is sent nothing but a farewell: its end follows in a moment.
        bool const farewell = message > 0 && !listens;
        pollfd socket{connection->sock(), POLLIN, 0};
        if (::poll(&socket, 1, farewell ? farewell_wait_ms : 0) <= 0) break;
        try {
            connection->get_notifs();  // reads; keeps notifications, as `channel` is open
        } catch (std::exception const&) {
            break;
        }
        if (!connection->is_open()) break;
    }
    if (!connection->is_open() || connection->backendpid() != backend_pid) lose();
    return !broken;
}

void session::implementation::lose() noexcept {
    if (!std::exchange(broken, true)) detail::tell_connection_lost(backend_pid);
    in_transaction = false;
}

void session::implementation::check_usable(std::string_view name) {
    // Between transactions only: found lost before anything is sent, a statement surely did not
    // happen, and its caller need not be left in doubt.
    if (!broken && !in_transaction) socket_alive();
    if (broken) {
        throw detail::connection_lost(name, {}, {}, detail::outcome::nothing_happened);
    }
}

error session::implementation::failure_of(std::string_view name,
                                          detail::outcome if_connection_lost,
                                          std::string const& sqlstate, std::string const& text) {
    if (!connection->is_open() || connection->backendpid() != backend_pid ||
        detail::ends_connection(sqlstate)) {
        lose();
        return detail::connection_lost(name, sqlstate, text, if_connection_lost);
    }
    if (in_transaction && failed_statement.empty()) failed_statement = name;
    return detail::statement_failed(name, sqlstate, text);
}

template <typename Send>
pqxx::result session::implementation::exchange(std::string_view name,
                                               detail::outcome if_connection_lost,
                                               Send const& send) {
    check_usable(name);
    detail::statement_watch const watch{name, backend_pid};
    try {
        detail::answer_limit const limit{line, answer_time};
        pqxx::result answer = send();
        failed_statement.clear();  // in a failed transaction only ROLLBACK TO SAVEPOINT succeeds
        watch.answered(static_cast<std::size_t>(answer.size()));
        return answer;
    } catch (pqxx::broken_connection const& e) {
        lose();
        throw watch.failed(detail::connection_lost(name, {}, e.what(), if_connection_lost));
    } catch (pqxx::failure const& e) {
        throw watch.failed(failure_of(name, if_connection_lost, sqlstate_of(e), e.what()));
    } catch (...) {
        // Out of memory in the middle of an exchange, or misuse of pqxx: nobody knows what is still
        // on its way, so this connection must not be used again.
        lose();
        throw;
    }
}

// The name of the prepared statement for `text`, prepared now if it was not.
std::string const& session::implementation::prepare(std::string_view text) {
    if (auto const* const known = statements.use(text)) return *known;
    if (statements.full()) deallocate(statements.forget_oldest());
    auto name = statements.fresh_name();
    connection->prepare(name, std::string{text});
    return statements.keep(text, std::move(name));
}

void session::implementation::deallocate(std::string const& name) {
    try {
        connection->unprepare(name);
    } catch (pqxx::sql_error const&) {
        // Gone already, or the transaction has failed: the name is not used again in any case.
    }
}

pqxx::result session::implementation::send_prepared(query const& statement,
                                                    std::vector<parameter> const& parameters) {
    std::string const& name = prepare(statement.text);
#if PQXX_VERSION_MAJOR < 7
    std::vector<char const*> values;
    values.reserve(parameters.size());
    for (auto const& each : parameters) values.push_back(each ? each->c_str() : nullptr);
    return channel->exec_prepared(name, pqxx::prepare::make_dynamic_params(values));
#else
    pqxx::params values;
    values.reserve(parameters.size());
    for (auto const& each : parameters) {
        if (each) {
            values.append(pqxx::zview{each->c_str(), each->size()});
        } else {
            values.append();
        }
    }
#if RECOUNT_PQXX_EXEC_TAKES_PARAMS
    return channel->exec(pqxx::prepped{name}, values);
#else
    return channel->exec_prepared(name, values);
#endif
#endif
}

pqxx::result session::implementation::send_binary(query const& statement,
                                                  std::vector<std::string> const& values) {
    std::string const& name = prepare(statement.text);
#if PQXX_VERSION_MAJOR < 7
    std::vector<pqxx::binarystring> given;
    given.reserve(values.size());
    for (auto const& each : values) given.emplace_back(each.data(), each.size());
    return channel->exec_prepared(name, pqxx::prepare::make_dynamic_params(given));
#else
    pqxx::params given;
    given.reserve(values.size());
    for (auto const& each : values) {
        given.append(std::basic_string_view<std::byte>{
            reinterpret_cast<std::byte const*>(each.data()), each.size()});
    }
#if RECOUNT_PQXX_EXEC_TAKES_PARAMS
    return channel->exec(pqxx::prepped{name}, given);
#else
    return channel->exec_prepared(name, given);
#endif
#endif
}

pqxx::result session::implementation::run(query const& statement,
                                          std::vector<parameter> const& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        // The protocol would end the text there without a word.
        if (parameters[i] && parameters[i]->find('\0') != std::string::npos) {
            throw error{
                errc::invalid_argument,
                fmt::format("parameter ${} of '{}' holds a zero byte", i + 1, statement.name)};
        }
    }
    return run_prepared(statement, [&] { return send_prepared(statement, parameters); });
}

template <typename Send>
pqxx::result session::implementation::run_prepared(query const& statement, Send const& send) {
    bool const reused = statements.contains(statement.text);
    try {
        return exchange(statement.name, if_lost(), send);
    } catch (error const& e) {
        // The table or view behind the prepared statement has another shape now (0A000), or
        // somebody dropped the statement (26000). It is prepared anew; a transaction has failed by
        // now, but will go through if it is run again.
        bool const outdated = reused && (e.sqlstate() == "0A000" || e.sqlstate() == "26000");
        if (!outdated) throw;
        auto const name = statements.forget(statement.text);
        if (in_transaction) {
            throw error{e.code(), e.what(), {e.sqlstate(), e.query(), e.server_text()}, true};
        }
        return exchange(statement.name, if_lost(), [&] {
            deallocate(name);
            return send();
        });
    }
}

pqxx::result session::implementation::run_script(query const& script,
                                                 detail::outcome if_connection_lost) {
    return exchange(script.name, if_connection_lost,
                    [&] { return channel->exec(std::string{script.text}); });
}

session::session(session_options const& options)
    : self_{std::make_unique<implementation>(options)} {}
session::~session() = default;
session::session(session&&) noexcept = default;
session& session::operator=(session&&) noexcept = default;

result session::execute(query const& statement, std::vector<parameter> const& parameters) {
    return result{cells_of(self_->run(statement, parameters))};
}

result session::execute_binary(query const& statement, std::vector<std::string> const& values) {
    return result{cells_of(self_->run_prepared(
        statement, [&] { return self_->send_binary(statement, values); }))};
}

void session::execute_script(query const& script) { self_->run_script(script, self_->if_lost()); }

void session::begin() {
    assert_that(!self_->in_transaction, "a transaction is begun inside another");
    self_->run_script({"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"},
                      detail::outcome::nothing_happened);
    self_->in_transaction = true;
    self_->failed_statement.clear();
}

void session::commit() {
    assert_that(self_->in_transaction || self_->broken, "commit() without begin()");
    if (!self_->failed_statement.empty() && !self_->broken) {
        // COMMIT would answer ROLLBACK, which is no error to the server, and go unnoticed.
        auto const culprit = std::exchange(self_->failed_statement, {});
        rollback();
        throw error{
            errc::database_failed,
            fmt::format("the transaction was rolled back: statement '{}' had failed", culprit),
            server_details{"25P02", "commit", {}}};
    }
    try {
        self_->run_script({"commit", "COMMIT"}, detail::outcome::unknown);
    } catch (...) {
        self_->in_transaction = false;  // a COMMIT that fails has rolled back
        throw;
    }
    self_->in_transaction = false;
}

void session::rollback() noexcept {
    if (!self_->in_transaction) return;
    try {
        self_->run_script({"rollback", "ROLLBACK"}, detail::outcome::nothing_happened);
    } catch (...) {
        self_->lose();  // whether it is still open is unknown
    }
    self_->in_transaction = false;
}

bool session::in_transaction() const noexcept { return self_->in_transaction; }

void session::listen(std::string_view channel) {
    auto const text = "LISTEN " + quote_identifier(channel);
    self_->run_script({"listen", text}, detail::outcome::nothing_happened);
    self_->listens = true;
}

bool session::await_notification(std::chrono::milliseconds timeout) {
    assert_that(!self_->in_transaction, "notifications do not arrive inside a transaction");
    auto& self = *self_;
    self.check_usable("await_notification");
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    self.channel.reset();
    bool came = false;
    try {
        for (;;) {
            auto const left = std::max(std::chrono::ceil<std::chrono::milliseconds>(
                                           deadline - std::chrono::steady_clock::now()),
                                       std::chrono::milliseconds{0});
            auto const seconds = std::chrono::floor<std::chrono::seconds>(left);
            auto const rest = std::chrono::microseconds{left - seconds};
            came = self.connection->await_notification(static_cast<long>(seconds.count()),
                                                       static_cast<long>(rest.count())) > 0;
            if (!self.connection->is_open()) throw pqxx::broken_connection{};
            // A signal, or a message that is none, ends the wait before its time.
            if (came || left.count() == 0) break;
        }
        self.channel.emplace(*self.connection);
    } catch (std::exception const& e) {
        self.lose();
        throw detail::connection_lost("await_notification", {}, e.what(),
                                      detail::outcome::nothing_happened);
    }
    return came;
}

bool session::broken() const noexcept { return self_->broken; }
bool session::alive() noexcept { return self_->socket_alive(); }
int session::backend_pid() const noexcept { return self_->backend_pid; }
int session::server_version() const noexcept { return self_->connection->server_version(); }

}  // namespace recount::postgres
