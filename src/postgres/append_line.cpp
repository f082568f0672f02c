// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_line.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "postgres/answer_limit.hpp"
#include "postgres/connection_string.hpp"
#include "postgres/result_cells.hpp"
#include "postgres/server_error.hpp"
#include "postgres/session_report.hpp"

namespace recount::postgres {

namespace {

constexpr char const* prepared_name = "append";
constexpr std::chrono::seconds connect_again{1};  // after a failure

struct finish {
    void operator()(PGconn* on) const noexcept { PQfinish(on); }
};
struct clear {
    void operator()(PGresult* answer) const noexcept { PQclear(answer); }
};
using connection = std::unique_ptr<PGconn, finish>;
using answer = std::unique_ptr<PGresult, clear>;

std::string sqlstate_of(PGresult const* failed) {
    auto const* const state = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string{} : std::string{state};
}

std::unique_ptr<result::implementation> cells_of(answer given) {
    auto made = std::make_unique<result::implementation>();
    auto* const rows = given.get();
    made->size = static_cast<std::size_t>(PQntuples(rows));
    made->affected = made->size;
    int const columns = PQnfields(rows);
    for (int column = 0; column < columns; ++column) {
        made->names.emplace_back(PQfname(rows, column));
    }
    for (int row = 0; row < PQntuples(rows); ++row) {
        for (int column = 0; column < columns; ++column) {
            made->cells.push_back(
                PQgetisnull(rows, row, column) != 0
                    ? std::string_view{}
                    : std::string_view{PQgetvalue(rows, row, column),
                                       static_cast<std::size_t>(PQgetlength(rows, row, column))});
        }
    }
    made->owner = std::shared_ptr<PGresult>{std::move(given)};
    return made;
}

}  // namespace

struct append_line::implementation {
    using clock = std::chrono::steady_clock;

    session_options options;
    query statement;
    int nudge;  // readable when whoever sends has something for whoever waits

    std::mutex mutex;   // of all below
    detail::line line;  // outlives the connection
    connection on;
    std::size_t on_way = 0;
    std::size_t lost_answers = 0;  // of what was on its way when a connection was lost
    std::chrono::milliseconds answer_time{0};
    int backend_pid = 0;
    clock::time_point connect_at{};  // not before, after a failure
    std::optional<error> unreachable;

    implementation(session_options wanted, query const& append)
        : options{std::move(wanted)}, statement{append},
          nudge{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}
    ~implementation() { ::close(nudge); }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    void tell_who_waits() const noexcept { static_cast<void>(::eventfd_write(nudge, 1)); }
    [[nodiscard]] bool alive() const;
    [[nodiscard]] answer run(std::string const& text) {
        return answer{PQexec(on.get(), text.c_str())};
    }
    void limit_answers();
    void connect();
    void lose();
    [[nodiscard]] error lost(std::string const& text, detail::outcome what) {
        lose();
        return detail::connection_lost(statement.name, {}, text, what);
    }
    void wait(std::unique_lock<std::mutex>& hold);
    [[nodiscard]] answer take();
};

// Nothing is to be heard of a connection that is asked nothing but its end.
bool append_line::implementation::alive() const {
    pollfd socket{PQsocket(on.get()), POLLIN, 0};
    return ::poll(&socket, 1, 0) <= 0;
}

// As session has it.
void append_line::implementation::limit_answers() {
    answer_time = std::chrono::milliseconds{0};
    if (options.answer_grace.count() <= 0) return;
    auto limit = options.statement_timeout;
    if (detail::sets_statement_timeout(options)) {
        auto const set = run("SELECT setting FROM pg_catalog.pg_settings "
                             "WHERE name = 'statement_timeout'");
        if (PQntuples(set.get()) == 1) {
            limit = std::chrono::milliseconds{std::stoll(PQgetvalue(set.get(), 0, 0))};
        }
    }
    if (limit.count() > 0) answer_time = limit + options.answer_grace;
}

void append_line::implementation::connect() {
    // Meanwhile batches go another way, which waits for the database.
    if (unreachable && clock::now() < connect_at) throw error{*unreachable};
    detail::connect_watch const watch;
    on.reset(PQconnectdb(detail::connection_string(options).c_str()));
    auto const check = [&](bool good, char const* what) {
        if (good) return;
        unreachable.emplace(errc::database_unreachable,
                            "no connection to the database could be had",
                            server_details{{}, what, PQerrorMessage(on.get())}, true);
        on.reset();
        connect_at = clock::now() + connect_again;
        watch.failed(*unreachable);
        throw error{*unreachable};
    };
    check(PQstatus(on.get()) == CONNECTION_OK, "connect");
    PQsetNoticeProcessor(on.get(), [](void*, char const*) {}, nullptr);
    backend_pid = PQbackendPID(on.get());
    line = detail::line{PQsocket(on.get())};
    limit_answers();
    if (!options.role.empty()) {
        auto const role = run("SET ROLE " + quote_identifier(options.role));
        check(PQresultStatus(role.get()) == PGRES_COMMAND_OK, "set_role");
    }
    answer const prepared{
        PQprepare(on.get(), prepared_name, std::string{statement.text}.c_str(), 0, nullptr)};
    check(PQresultStatus(prepared.get()) == PGRES_COMMAND_OK, "prepare");
    check(PQenterPipelineMode(on.get()) == 1, "pipeline");
    unreachable.reset();
    watch.opened(backend_pid, options.role, PQserverVersion(on.get()));
}

void append_line::implementation::lose() {
    if (on == nullptr) return;
    detail::tell_connection_lost(backend_pid);
    on.reset();
    lost_answers += std::exchange(on_way, 0);
    if (lost_answers > 0) tell_who_waits();
}

// For something to read, or for who sends.
void append_line::implementation::wait(std::unique_lock<std::mutex>& hold) {
    std::array<pollfd, 2> what{{{PQsocket(on.get()), POLLIN, 0}, {nudge, POLLIN, 0}}};
    hold.unlock();
    ::poll(what.data(), what.size(), -1);
    hold.lock();
    if (what[1].revents != 0) {
        eventfd_t count = 0;
        static_cast<void>(::eventfd_read(nudge, &count));
    }
}

// What has come of a statement, up to the mark behind it; nothing if the connection is lost.
answer append_line::implementation::take() {
    answer first;
    for (;;) {
        answer next{PQgetResult(on.get())};
        if (PQstatus(on.get()) == CONNECTION_BAD) return {};
        if (next != nullptr && PQresultStatus(next.get()) == PGRES_PIPELINE_SYNC) return first;
        if (next == nullptr && first == nullptr) return {};
        if (first == nullptr) first = std::move(next);
    }
}

append_line::append_line(session_options options, query const& statement)
    : self_{std::make_unique<implementation>(std::move(options), statement)} {}
append_line::~append_line() = default;

void append_line::send(std::vector<std::string> const& values) {
    std::vector<char const*> given;
    std::vector<int> lengths;
    std::vector<int> const formats(values.size(), 1);
    for (auto const& each : values) {
        given.push_back(each.data());
        lengths.push_back(static_cast<int>(each.size()));
    }
    auto& self = *self_;
    std::lock_guard const hold{self.mutex};
    if (self.lost_answers > 0) {  // not before whoever waits for them has gone
        throw detail::connection_lost(self.statement.name, {}, {},
                                      detail::outcome::nothing_happened);
    }
    if (self.on_way == 0) {
        if (self.on != nullptr && !self.alive()) self.lose();
        if (self.on == nullptr) self.connect();
    }
    auto* const on = self.on.get();
    if (PQsendQueryPrepared(on, prepared_name, static_cast<int>(values.size()), given.data(),
                            lengths.data(), formats.data(), 0) != 1 ||
        PQpipelineSync(on) != 1) {
        std::string const text = PQerrorMessage(on);
        throw self.lost(text, detail::outcome::unknown);
    }
    // What came in while there was no room to send is read by now, and the socket says no more.
    if (++self.on_way > 1 && PQisBusy(on) == 0) self.tell_who_waits();
}

result append_line::receive() {
    auto& self = *self_;
    std::unique_lock hold{self.mutex};
    auto const& name = self.statement.name;
    detail::statement_watch const watch{name, self.backend_pid};
    answer given;
    std::string text;
    {
        detail::answer_limit const limit{self.line, self.answer_time};
        while (self.lost_answers == 0 && PQisBusy(self.on.get()) == 1) {
            self.wait(hold);
            if (self.on != nullptr && PQconsumeInput(self.on.get()) != 1) break;
        }
    }
    if (self.lost_answers == 0) {
        given = self.take();
        text = given == nullptr ? PQerrorMessage(self.on.get())
                                : PQresultErrorMessage(given.get());
    }
    auto const state = given == nullptr ? std::string{} : sqlstate_of(given.get());
    if (given == nullptr || detail::ends_connection(state)) {
        self.lose();
        --self.lost_answers;
        throw watch.failed(detail::connection_lost(name, state, text, detail::outcome::unknown));
    }
    --self.on_way;
    if (PQresultStatus(given.get()) != PGRES_TUPLES_OK) {
        if (state == "0A000" || state == "26000") self.lose();  // prepared for what is no more
        throw watch.failed(detail::statement_failed(name, state, text));
    }
    watch.answered(static_cast<std::size_t>(PQntuples(given.get())));
    return result{cells_of(std::move(given))};
}

}  // namespace recount::postgres
