// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/postgres_saga_store.hpp>

#include <algorithm>
#include <set>

#include <recount/core/fault_point.hpp>
#include <recount/core/limits.hpp>

#include "saga/fit.hpp"
#include "saga/saga_queries.hpp"
#include "saga/step.hpp"

namespace recount {

namespace {

using postgres::array_literal;
using postgres::parameter;

constexpr std::size_t sessions_max = 8;
constexpr std::chrono::seconds statement_time_limit{30};

postgres::session_options options_for(std::string url, std::string role, std::string program) {
    postgres::session_options options;
    options.url = std::move(url);
    options.role = std::move(role);
    options.application_name = std::move(program);
    options.statement_timeout = statement_time_limit;
    return options;
}

// A list as one array a column: add() a value for each, then take() the parameters.
class columns {
public:
    explicit columns(std::size_t count) : arrays_(count) {}
    columns& add(std::string_view text) { next().add(text); return *this; }
    columns& add(std::int64_t number) { next().add(number); return *this; }
    columns& add(uuid const& id) { next().add_raw(to_string(id)); return *this; }
    columns& add(timestamp at) { next().add_raw(to_string(at)); return *this; }
    columns& add(std::optional<uuid> const& id) {
        if (id) return add(*id);
        next().add_null();
        return *this;
    }
    [[nodiscard]] std::vector<parameter> take() {
        std::vector<parameter> parameters;
        for (auto& array : arrays_) parameters.emplace_back(array.take());
        return parameters;
    }

private:
    std::vector<array_literal> arrays_;
    std::size_t at_ = 0;
    array_literal& next() { return arrays_[at_++ % arrays_.size()]; }
};

parameter array_of(std::vector<uuid> const& keys) {
    array_literal array;
    for (auto const& key : keys) array.add_raw(to_string(key));
    return array.take();
}
parameter array_of(std::vector<std::string> const& texts) {
    array_literal array;
    for (auto const& text : texts) array.add(text);
    return array.take();
}

template <class Named>
parameter name_of(std::optional<Named> const& wanted) {
    if (!wanted) return std::nullopt;
    return std::string{to_string(*wanted)};
}
parameter instant_of(std::optional<timestamp> const& at) {
    if (!at) return std::nullopt;
    return to_string(*at);
}

template <class Row>
auto rows_of(postgres::result const& found, Row const& row_at) {
    std::vector<decltype(row_at(found, 0))> list;
    for (std::size_t r = 0; r < found.size(); ++r) list.push_back(row_at(found, r));
    return list;
}

}  // namespace

struct postgres_saga_store::implementation {
    postgres::pool sessions;
    detail::saga_queries sql;

    implementation(std::string url, postgres::store_names const& names, std::string program)
        : sessions{options_for(std::move(url), names.projector, std::move(program)), sessions_max},
          sql{names.schema} {}

    // Runs `work(session, again)` until it goes through. `again`: an attempt before may have
    // happened, nobody knows.
    template <class Work>
    auto run(Work const& work) {
        bool in_doubt = false;
        for (int attempt = 1;; ++attempt) {
            try {
                auto lent = sessions.lend();
                return work(*lent, in_doubt);
            } catch (error const& failure) {
                bool const doubtful = failure.code() == errc::in_doubt;
                in_doubt = in_doubt || doubtful;
                bool const helps = doubtful || failure.retryable();
                if (!helps || attempt == limits::statement_attempts_max) throw;
            }
        }
    }
    // One statement that changes nothing more when it is run again.
    std::size_t change(postgres::query const& statement, std::vector<parameter> const& parameters) {
        return run([&](postgres::session& on, bool) {
            return on.execute(statement, parameters).affected();
        });
    }

    void apply(postgres::session& on, saga_changes const& changes) const;
    std::set<detail::instance_name> enter(postgres::session& on,
                                          std::vector<saga_instance> const& list) const;
    void enter(postgres::session& on, std::vector<outbox_message> const& messages) const;
    void settle(postgres::session& on, saga_changes const& changes) const;
    void set_timers(postgres::session& on, saga_changes const& changes,
                    std::set<detail::instance_name> const& overtaken) const;
};

// Gives back those that have a later version already.
std::set<detail::instance_name> postgres_saga_store::implementation::enter(
    postgres::session& on, std::vector<saga_instance> const& list) const {
    std::set<detail::instance_name> left;
    if (list.empty()) return left;
    columns rows{6};
    for (auto const& [name, i] : detail::latest_of(list)) {
        left.insert(name);
        rows.add(i->saga).add(i->instance).add(to_string(i->status)).add(i->version);
        rows.add(i->updated_at).add(i->because);
    }
    auto const written = on.execute(sql.enter_instances, rows.take());
    for (std::size_t r = 0; r < written.size(); ++r) {
        left.erase({std::string{written.text(r, 0)}, std::string{written.text(r, 1)}});
    }
    return left;
}

void postgres_saga_store::implementation::enter(postgres::session& on,
                                                std::vector<outbox_message> const& messages) const {
    if (messages.empty()) return;
    columns rows{12};
    for (auto const& m : messages) {
        rows.add(m.key).add(to_string(m.kind)).add(m.saga).add(m.instance).add(m.trigger);
        rows.add(std::int64_t{m.ordinal}).add(m.type).add(m.body).add(detail::order_of(m));
        rows.add(m.due_at).add(m.correlation).add(m.caused_at);
    }
    on.execute(sql.enter_messages, rows.take());
}

void postgres_saga_store::implementation::settle(postgres::session& on,
                                                 saga_changes const& changes) const {
    if (!changes.done.empty()) on.execute(sql.finish, {array_of(changes.done)});
    if (!changes.moved.empty()) {
        columns rows{4};
        for (auto const& m : changes.moved) {
            rows.add(m.key).add(m.due_at).add(std::int64_t{m.attempts}).add(m.last_error);
        }
        on.execute(sql.move, rows.take());
    }
    if (!changes.withdrawn.empty()) on.execute(sql.withdraw, {array_of(changes.withdrawn)});
    if (!changes.superseded.empty()) {
        columns rows{2};
        for (auto const& s : changes.superseded) rows.add(s.key).add(s.by);
        on.execute(sql.supersede, rows.take());
    }
}

void postgres_saga_store::implementation::set_timers(
    postgres::session& on, saga_changes const& changes,
    std::set<detail::instance_name> const& overtaken) const {
    columns set{9};
    bool any = false;
    for (auto const& [id, t] : detail::last_of(changes.timers)) {
        if (overtaken.contains({t->saga, t->instance})) continue;
        any = true;
        set.add(t->key).add(t->saga).add(t->instance).add(t->name).add(t->due_at).add(t->type);
        set.add(std::int64_t{t->schema_version}).add(t->payload).add(t->correlation);
    }
    if (any) on.execute(sql.set_timers, set.take());
    columns cancelled{4};
    any = false;
    for (auto const& name : changes.cancelled) {
        if (overtaken.contains({name.saga, name.instance})) continue;
        any = true;
        cancelled.add(name.saga).add(name.instance).add(name.name).add(name.key);
    }
    if (any) on.execute(sql.cancel_timers, cancelled.take());
}

void postgres_saga_store::implementation::apply(postgres::session& on,
                                                saga_changes const& changes) const {
    auto const overtaken = enter(on, changes.instances);
    enter(on, changes.messages);
    settle(on, changes);
    set_timers(on, changes, overtaken);
}

postgres_saga_store::postgres_saga_store(std::string url, postgres::store_names const& names,
                                         std::string program)
    : self_{std::make_unique<implementation>(std::move(url), names, std::move(program))} {}
postgres_saga_store::~postgres_saga_store() = default;

timestamp postgres_saga_store::now() {
    constexpr postgres::query clock{
        "clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"};
    return timestamp{duration{self_->sessions.read(clock).integer(0, 0)}};
}

checkpoint postgres_saga_store::read_checkpoint(std::string_view saga, checkpoint const& begin_at) {
    std::string const name{saga};
    for (;;) {
        auto const rows = self_->sessions.read(self_->sql.read_checkpoint, {name});
        if (!rows.empty()) {
            return {rows.integer(0, 0), digest_from_hex(rows.text(0, 1)), rows.integer(0, 2)};
        }
        self_->change(self_->sql.enter_checkpoint,
                      {name, std::to_string(begin_at.position), to_hex(begin_at.hash)});
    }
}

bool postgres_saga_store::write(std::string_view saga, checkpoint const& from,
                                checkpoint const& to, saga_changes const& changes) {
    std::vector<parameter> const fence{std::string{saga}, std::to_string(to.position),
                                       to_hex(to.hash), std::to_string(from.position),
                                       std::to_string(from.epoch)};
    bool const written = self_->run([&](postgres::session& on, bool again) {
        postgres::transaction work{on};
        // First the fence: whoever was overtaken waits here, finds it moved, and leaves.
        if (on.execute(self_->sql.advance_checkpoint, fence).affected() != 1) {
            if (!again) return false;
            // It is ourselves who have overtaken us, if everything is as we were about to write it.
            auto const rows = on.execute(self_->sql.read_checkpoint, {std::string{saga}});
            return !rows.empty() && rows.integer(0, 0) == to.position &&
                   rows.text(0, 1) == to_hex(to.hash) && rows.integer(0, 2) == from.epoch;
        }
        fault_point<"saga.fence_passed">();
        self_->apply(on, changes);
        fault_point<"saga.tables_written">();
        work.commit();
        fault_point<"saga.tables_committed">();
        return true;
    });
    if (written && detail::has_effects(changes)) effects_have_come();
    return written;
}

void postgres_saga_store::write(saga_changes const& changes) {
    if (changes.empty()) return;
    self_->run([&](postgres::session& on, bool) {
        postgres::transaction work{on};
        self_->apply(on, changes);
        fault_point<"saga.changes_written">();
        work.commit();
        fault_point<"saga.changes_committed">();
    });
    if (detail::has_effects(changes)) effects_have_come();
}

std::vector<outbox_message> postgres_saga_store::claim(message_claim const& wanted) {
    std::vector<parameter> const parameters{wanted.saga, array_of(wanted.types),
                                            std::to_string(wanted.limit),
                                            std::to_string(wanted.lease.count())};
    // Of an attempt in doubt nobody has the messages until its lease is over.
    auto list = self_->run([&](postgres::session& on, bool) {
        return rows_of(on.execute(self_->sql.claim(wanted), parameters), &detail::message_at);
    });
    std::ranges::sort(list, [](auto const& a, auto const& b) {
        return std::tie(a.due_at, a.number) < std::tie(b.due_at, b.number);
    });
    return list;
}

void postgres_saga_store::release(std::vector<outbox_message> const& claimed) {
    if (claimed.empty()) return;
    columns rows{2};
    for (auto const& m : claimed) rows.add(m.key).add(std::int64_t{m.claims});
    self_->change(self_->sql.release, rows.take());
}

void postgres_saga_store::sent(uuid const& key) {
    self_->change(self_->sql.sent, {to_string(key)});
}

void postgres_saga_store::failed(outbox_message const& claimed, std::string_view why,
                                 std::chrono::milliseconds again_in) {
    self_->change(self_->sql.failed, {to_string(claimed.key), std::to_string(claimed.claims),
                                      detail::storable(why), std::to_string(again_in.count())});
}

void postgres_saga_store::give_up(outbox_message const& claimed, std::string_view why) {
    self_->change(self_->sql.give_up, {to_string(claimed.key), std::to_string(claimed.claims),
                                       detail::storable(why)});
}

bool postgres_saga_store::replay(uuid const& key) {
    bool const replayed = self_->run([&](postgres::session& on, bool again) {
        auto const changed = on.execute(self_->sql.replay, {to_string(key)}).affected();
        if (changed == 1 || !again) return changed == 1;
        // Our own attempt may have done it, and the message be sent again by now.
        auto const found = on.execute(self_->sql.find_message, {to_string(key)});
        return !found.empty() &&
               detail::message_at(found, 0).status != message_status::withdrawn;
    });
    if (replayed) effects_have_come();
    return replayed;
}

std::vector<saga_timer> postgres_saga_store::due_timers(std::string_view saga, std::size_t limit) {
    return rows_of(self_->sessions.read(self_->sql.due_timers,
                                        {std::string{saga}, std::to_string(limit)}),
                   &detail::timer_at);
}

std::optional<std::chrono::milliseconds> postgres_saga_store::until_next(
    message_claim const& wanted) {
    std::optional<std::chrono::milliseconds> next;
    auto const offer = [&](postgres::result const& found) {
        if (found.null(0, 0)) return;
        std::chrono::milliseconds const until{std::max<std::int64_t>(found.integer(0, 0), 0)};
        next = next ? std::min(*next, until) : until;
    };
    offer(self_->sessions.read(self_->sql.next_message(wanted),
                               {wanted.saga, array_of(wanted.types)}));
    if (wanted.kind == message_kind::command) {
        offer(self_->sessions.read(self_->sql.next_timer, {wanted.saga}));
    }
    return next;
}

std::vector<saga_instance> postgres_saga_store::list_instances(instance_list const& wanted) {
    return rows_of(self_->sessions.read(self_->sql.list_instances,
                                        {wanted.saga, name_of(wanted.status), wanted.after_saga,
                                         wanted.after_instance, std::to_string(wanted.limit)}),
                   &detail::instance_at);
}

std::optional<saga_instance> postgres_saga_store::find_instance(std::string_view saga,
                                                                std::string_view instance) {
    auto const rows = self_->sessions.read(self_->sql.find_instance,
                                           {std::string{saga}, std::string{instance}});
    if (rows.empty()) return std::nullopt;
    return detail::instance_at(rows, 0);
}

std::vector<outbox_message> postgres_saga_store::list_messages(message_list const& wanted) {
    return rows_of(
        self_->sessions.read(self_->sql.list_messages,
                             {std::to_string(wanted.after), name_of(wanted.status),
                              name_of(wanted.kind), wanted.saga, wanted.instance,
                              std::to_string(wanted.limit)}),
        &detail::message_at);
}

std::optional<outbox_message> postgres_saga_store::find_message(uuid const& key) {
    auto const rows = self_->sessions.read(self_->sql.find_message, {to_string(key)});
    if (rows.empty()) return std::nullopt;
    return detail::message_at(rows, 0);
}

std::vector<saga_timer> postgres_saga_store::list_timers(timer_list const& wanted) {
    std::vector<parameter> parameters{wanted.saga, instant_of(wanted.due_before), std::nullopt,
                                      std::nullopt, std::to_string(wanted.limit)};
    if (wanted.after) {
        parameters[2] = to_string(wanted.after->first);
        parameters[3] = to_string(wanted.after->second);
    }
    return rows_of(self_->sessions.read(self_->sql.list_timers, parameters), &detail::timer_at);
}

saga_counts postgres_saga_store::counts() {
    saga_counts found;
    found.instances = rows_of(self_->sessions.read(self_->sql.count_instances),
                              &detail::instance_count_at);
    auto const timers = self_->sessions.read(self_->sql.count_timers);
    for (std::size_t r = 0; r < timers.size(); ++r) {
        found.timers.push_back({std::string{timers.text(r, 0)}, timers.integer(r, 1),
                                duration{timers.integer(r, 2)}});
    }
    auto const messages = self_->sessions.read(self_->sql.count_messages);
    for (std::size_t r = 0; r < messages.size(); ++r) {
        found.messages.push_back({r == 0 ? message_kind::command : message_kind::effect,
                                  messages.integer(r, 0), messages.integer(r, 1),
                                  messages.integer(r, 2)});
    }
    return found;
}

}  // namespace recount
