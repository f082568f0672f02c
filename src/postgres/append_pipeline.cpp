// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_pipeline.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "postgres/answer_limit.hpp"
#include "postgres/connection_string.hpp"
#include "postgres/result_cells.hpp"
#include "postgres/server_error.hpp"
#include "postgres/session_report.hpp"

namespace recount::postgres {

namespace {

constexpr int waiting_messages_max = 4;           // read from an idle connection
constexpr int farewell_wait_ms = 200;

struct connection_end {
    void operator()(PGconn* on) const noexcept { PQfinish(on); }
};
struct answer_end {
    void operator()(PGresult* answer) const noexcept { PQclear(answer); }
};
using connection = std::unique_ptr<PGconn, connection_end>;
using answer = std::unique_ptr<PGresult, answer_end>;

// Without memory, nothing: counts are to be right first.
std::string copy_of(char const* text) noexcept {
    try {
        return text;
    } catch (std::bad_alloc const&) {
        return {};
    }
}

int make_nudge() {
    int const made = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (made < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
    return made;
}

// That this process may run on; a share of their time, as containers have it, is not known here.
unsigned processors() {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return std::thread::hardware_concurrency();
    }
    return static_cast<unsigned>(CPU_COUNT(&allowed));
}

timespec timespec_of(std::chrono::nanoseconds time) {
    auto const whole = std::chrono::duration_cast<std::chrono::seconds>(time);
    return {whole.count(), (time - whole).count()};
}

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

struct append_pipeline::implementation {
    using clock = std::chrono::steady_clock;
    struct sent {
        query const* what = nullptr;  // of `statements`
        clock::time_point at{};
    };

    session_options options;
    std::vector<query> statements;  // each prepared under its name
    std::chrono::milliseconds connect_again;
    int nudge;  // readable when whoever sends has something for whoever waits
    std::atomic<std::uint64_t> looks{0};

    std::mutex mutex;   // of all below
    detail::line line;  // outlives the connection
    connection on;
    std::deque<sent> on_way;  // lost, and not told yet, if not `on`
    eager_wait eager;
    std::chrono::milliseconds answer_time{0};
    int backend_pid = 0;
    std::optional<error> unreachable;  // why there is no connection
    clock::time_point connect_at{};    // then not before, …
    bool may_connect = true;           // … and only if somebody else has reached the database

    implementation(session_options wanted, std::vector<query> all, std::chrono::milliseconds again,
                   eager_wait const& how)
        : options{std::move(wanted)}, statements{std::move(all)}, connect_again{again},
          nudge{make_nudge()}, eager{how} {}
    ~implementation() { ::close(nudge); }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    [[nodiscard]] query const& prepared(query const& statement) const;
    void tell_who_waits() const noexcept { static_cast<void>(::eventfd_write(nudge, 1)); }
    [[nodiscard]] bool alive();
    [[nodiscard]] answer run(std::string const& text) {
        return answer{PQexec(on.get(), text.c_str())};
    }
    void check(bool good, std::string_view what) const;
    void limit_answers();
    void connect();
    void set_up();
    void lose() noexcept;
    void wait(std::unique_lock<std::mutex>& hold, eager_wait::plan const& plan);
    [[nodiscard]] answer take();
    [[nodiscard]] answer await(std::unique_lock<std::mutex>& hold, bool eagerly);
};

query const& append_pipeline::implementation::prepared(query const& statement) const {
    auto const at = std::ranges::find(statements, statement.name, &query::name);
    assert_that(at != statements.end(), "a statement is sent that was given to the pipeline");
    return *at;
}

// A look at the socket, without a round trip. What came in unasked is the server's farewell, whose
// end follows in a moment, or of no interest.
bool append_pipeline::implementation::alive() {
    for (int message = 0; message < waiting_messages_max; ++message) {
        pollfd socket{PQsocket(on.get()), POLLIN, 0};
        if (::poll(&socket, 1, message > 0 ? farewell_wait_ms : 0) <= 0) return true;
        if (PQconsumeInput(on.get()) != 1 || PQstatus(on.get()) != CONNECTION_OK) return false;
    }
    return true;
}

void append_pipeline::implementation::limit_answers() {
    auto limit = options.statement_timeout;
    if (detail::sets_statement_timeout(options)) {
        auto const set = run(std::string{detail::statement_timeout_set.text});
        check(PQntuples(set.get()) == 1, detail::statement_timeout_set.name);
        limit = std::chrono::milliseconds{std::stoll(PQgetvalue(set.get(), 0, 0))};
    }
    answer_time = detail::answer_time(options, limit);
}

void append_pipeline::implementation::check(bool good, std::string_view what) const {
    if (good) return;
    throw error{errc::database_unreachable, "no connection for appends could be had",
                server_details{{}, std::string{what}, PQerrorMessage(on.get())}, true};
}

void append_pipeline::implementation::connect() {
    if (unreachable && (!may_connect || clock::now() < connect_at)) throw error{*unreachable};
    detail::connect_watch const watch;
    try {
        set_up();
    } catch (error const& failure) {
        on.reset();
        unreachable.emplace(failure);
        connect_at = clock::now() + connect_again;
        may_connect = false;
        watch.failed(failure);
        throw;
    }
    unreachable.reset();
    watch.opened(backend_pid, options.role, PQserverVersion(on.get()));
}

void append_pipeline::implementation::set_up() {
    on.reset(PQconnectdb(detail::connection_string(options).c_str()));
    check(PQstatus(on.get()) == CONNECTION_OK, "connect");
    PQsetNoticeProcessor(on.get(), [](void*, char const*) {}, nullptr);
    backend_pid = PQbackendPID(on.get());
    line = detail::line{PQsocket(on.get())};
    answer_time = detail::first_answer_time(options);
    detail::answer_limit const limit{line, answer_time};
    limit_answers();
    if (!options.role.empty()) {
        auto const role = run("SET ROLE " + quote_identifier(options.role));
        check(PQresultStatus(role.get()) == PGRES_COMMAND_OK, "set_role");
    }
    for (auto const& each : statements) {
        answer const prepared{PQprepare(on.get(), std::string{each.name}.c_str(),
                                        std::string{each.text}.c_str(), 0, nullptr)};
        check(PQresultStatus(prepared.get()) == PGRES_COMMAND_OK, "prepare");
    }
    check(PQenterPipelineMode(on.get()) == 1, "pipeline");
}

void append_pipeline::implementation::lose() noexcept {
    if (on == nullptr) return;
    detail::tell_connection_lost(backend_pid);
    on.reset();
    if (!on_way.empty()) tell_who_waits();
}

// For something to read, or for who sends. What others have to do goes before looking.
void append_pipeline::implementation::wait(std::unique_lock<std::mutex>& hold,
                                           eager_wait::plan const& plan) {
    std::array<pollfd, 2> what{{{PQsocket(on.get()), POLLIN, 0}, {nudge, POLLIN, 0}}};
    auto const begin = on_way.front().at;
    hold.unlock();
    int ready = 0;
    if (plan.look.count() > 0) {
        auto const rest = timespec_of(std::max(eager_wait::duration{0},
                                               begin + plan.sleep - clock::now()));
        ready = ::ppoll(what.data(), what.size(), &rest, nullptr);
        if (ready == 0) ++looks;
        while (ready == 0 && clock::now() < begin + plan.look) {
            ::sched_yield();
            ready = ::poll(what.data(), what.size(), 0);
        }
    }
    if (ready == 0) ::poll(what.data(), what.size(), -1);
    hold.lock();
    if (what[1].revents != 0) {
        eventfd_t count = 0;
        static_cast<void>(::eventfd_read(nudge, &count));
    }
}

// What has come of a statement, up to the mark behind it: its rows, or what failed, at its end
// even, when it was to be committed. Nothing if the connection is lost.
answer append_pipeline::implementation::take() {
    answer given;
    for (;;) {
        answer next{PQgetResult(on.get())};
        if (PQstatus(on.get()) == CONNECTION_BAD) return {};
        if (next == nullptr) {
            if (given == nullptr) return {};
            continue;
        }
        auto const status = PQresultStatus(next.get());
        if (status == PGRES_PIPELINE_SYNC) return given;
        if (given == nullptr || status != PGRES_TUPLES_OK) given = std::move(next);
    }
}

answer append_pipeline::implementation::await(std::unique_lock<std::mutex>& hold, bool eagerly) {
    detail::answer_limit const limit{line, answer_time};
    auto const plan = eagerly ? eager.wanted() : eager_wait::plan{};
    while (on != nullptr && PQisBusy(on.get()) == 1) {
        wait(hold, plan);
        if (on != nullptr && PQconsumeInput(on.get()) != 1) break;
    }
    auto const came = clock::now();
    auto given = on != nullptr ? take() : answer{};
    if (eagerly && given != nullptr) eager.took(came - on_way.front().at);
    return given;
}

append_pipeline::append_pipeline(session_options options, std::vector<query> statements,
                                 std::chrono::milliseconds connect_again,
                                 std::optional<eager_wait> const& eager)
    : self_{std::make_unique<implementation>(std::move(options), std::move(statements),
                                             connect_again,
                                             eager.value_or(eager_wait{processors()}))} {}
append_pipeline::~append_pipeline() = default;

void append_pipeline::send(query const& statement, std::vector<parameter> const& values) {
    std::vector<char const*> given;
    std::vector<int> lengths;
    std::vector<int> const formats(values.size(), 1);
    for (auto const& each : values) {
        given.push_back(each ? each->data() : nullptr);
        lengths.push_back(each ? static_cast<int>(each->size()) : 0);
    }
    auto& self = *self_;
    auto const& prepared = self.prepared(statement);
    std::string const name{prepared.name};
    std::lock_guard const hold{self.mutex};
    auto const lost = [&](std::string const& text, detail::outcome what) {
        return detail::connection_lost(name, {}, text, what);
    };
    // Whoever waits for what was lost is to go first.
    if (self.on == nullptr && !self.on_way.empty()) {
        throw lost({}, detail::outcome::nothing_happened);
    }
    if (self.on_way.empty()) {
        if (self.on != nullptr && !self.alive()) self.lose();
        if (self.on == nullptr) self.connect();
    }
    auto* const on = self.on.get();
    detail::answer_limit const limit{self.line, self.answer_time};
    // From here on nothing throws but what takes it back.
    self.on_way.push_back({&prepared, implementation::clock::now()});
    if (PQsendQueryPrepared(on, name.c_str(), static_cast<int>(values.size()), given.data(),
                            lengths.data(), formats.data(), 0) != 1 ||
        PQpipelineSync(on) != 1) {
        auto const text = copy_of(PQerrorMessage(on));
        self.on_way.pop_back();
        self.lose();
        throw lost(text, detail::outcome::unknown);
    }
    // What came in while there was no room to send is read by now, and the socket says no more.
    if (self.on_way.size() > 1 && PQisBusy(on) == 0) self.tell_who_waits();
}

result append_pipeline::receive(bool eagerly) {
    auto& self = *self_;
    std::unique_lock hold{self.mutex};
    assert_that(!self.on_way.empty(), "nothing was sent that could be answered");
    auto const name = self.on_way.front().what->name;
    detail::statement_watch const watch{name, self.backend_pid};
    answer given;
    try {
        given = self.await(hold, eagerly);
    } catch (...) {
        // No memory for the limit: the answer is not to be taken for that of the next statement.
        self.lose();
        self.on_way.pop_front();
        throw;
    }
    if (given == nullptr) {
        auto const text = copy_of(self.on == nullptr ? "" : PQerrorMessage(self.on.get()));
        self.lose();
        self.on_way.pop_front();
        throw watch.failed(detail::connection_lost(name, {}, text, detail::outcome::unknown));
    }
    self.on_way.pop_front();
    if (PQresultStatus(given.get()) == PGRES_TUPLES_OK) {
        watch.answered(static_cast<std::size_t>(PQntuples(given.get())));
        return result{cells_of(std::move(given))};
    }
    auto const state = sqlstate_of(given.get());
    auto const text = std::string{PQresultErrorMessage(given.get())};
    bool const ends = detail::ends_connection(state);
    // Prepared for what is another by now: nothing was done, and it will be prepared anew.
    bool const outdated = state == "0A000" || state == "26000";
    if (ends || outdated) {
        self.lose();
        throw watch.failed(detail::connection_lost(
            name, state, text,
            ends ? detail::outcome::unknown : detail::outcome::nothing_happened));
    }
    throw watch.failed(detail::statement_failed(name, state, text));
}

std::uint64_t append_pipeline::looked() const noexcept { return self_->looks; }

void append_pipeline::try_again() {
    std::lock_guard const hold{self_->mutex};
    self_->may_connect = true;
}

}  // namespace recount::postgres
