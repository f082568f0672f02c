// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas whose program is killed at any of its calls to the log and the tables, before or after the
// call had its effect: in the end all is as if nothing had happened, and happened once.
#include <algorithm>
#include <functional>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/operations.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/transfer_domain.hpp"

namespace {

using namespace transfers;
using recount::saga_status;

struct killed {};

// Counts the calls that change something, and ends the program at one of them.
struct fate {
    int calls = 0;
    int at = -1;         // the call that is the last one; below zero: none
    bool after = false;  // it has its effect all the same

    template <class Act>
    auto pass(Act&& act) -> decltype(act()) {
        bool const last = calls++ == at;
        if (last && !after) throw killed{};
        if constexpr (std::is_void_v<decltype(act())>) {
            act();
            if (last) throw killed{};
        } else {
            auto result = act();
            if (last) throw killed{};
            return result;
        }
    }
};

class fated_log final : public recount::log {
public:
    recount::log& inner;
    fate& end;
    fated_log(recount::log& of, fate& f) : inner{of}, end{f} {}

    [[nodiscard]] recount::uuid store_id() const override { return inner.store_id(); }
    [[nodiscard]] std::string const& store_name() const override { return inner.store_name(); }
    [[nodiscard]] std::vector<recount::append_result> append_batch(
        std::span<recount::commit const> commits) override {
        return end.pass([&] { return inner.append_batch(commits); });
    }
    recount::appended append_restructure(std::function<recount::commit()> const& make) override {
        return inner.append_restructure(make);
    }
    [[nodiscard]] recount::stream_page read_stream(recount::stream_name const& stream,
                                                   recount::stream_read const& o) override {
        return inner.read_stream(stream, o);
    }
    [[nodiscard]] std::map<std::string, std::vector<recount::recorded_event>> read_streams(
        std::span<recount::stream_name const> streams, recount::position* as_of,
        recount::streams_read const& o) override {
        return inner.read_streams(streams, as_of, o);
    }
    [[nodiscard]] recount::feed_page read_feed(recount::position after,
                                               recount::feed_filter const& filter,
                                               std::size_t limit) override {
        return inner.read_feed(after, filter, limit);
    }
    [[nodiscard]] std::optional<recount::recorded_event> find_event(
        recount::uuid const& id) override {
        return inner.find_event(id);
    }
    [[nodiscard]] std::map<recount::uuid, recount::remembered_commit> find_commits(
        std::span<recount::uuid const> ids) override {
        return inner.find_commits(ids);
    }
    [[nodiscard]] recount::log_head head() override { return inner.head(); }
    [[nodiscard]] std::optional<recount::digest> hash_at(recount::position at) override {
        return inner.hash_at(at);
    }
    [[nodiscard]] recount::position wait(recount::position after,
                                         std::chrono::milliseconds timeout) override {
        return inner.wait(after, timeout);
    }
    [[nodiscard]] std::vector<recount::stream_summary> list_streams(std::string_view category,
                                                                    std::string_view after,
                                                                    std::size_t limit) override {
        return inner.list_streams(category, after, limit);
    }
    [[nodiscard]] std::vector<recount::category_summary> list_categories() override {
        return inner.list_categories();
    }
    [[nodiscard]] std::vector<recount::type_summary> list_types() override {
        return inner.list_types();
    }
};

class fated_store final : public recount::saga_store {
public:
    recount::saga_store& inner;
    fate& end;
    fated_store(recount::saga_store& of, fate& f) : inner{of}, end{f} {}

    [[nodiscard]] recount::timestamp now() override { return inner.now(); }
    [[nodiscard]] recount::checkpoint read_checkpoint(std::string_view saga,
                                                      recount::checkpoint const& b) override {
        return inner.read_checkpoint(saga, b);
    }
    [[nodiscard]] bool write(std::string_view saga, recount::checkpoint const& from,
                             recount::checkpoint const& to,
                             recount::saga_changes const& changes) override {
        return end.pass([&] { return inner.write(saga, from, to, changes); });
    }
    void write(recount::saga_changes const& changes) override {
        end.pass([&] { inner.write(changes); });
    }
    [[nodiscard]] std::vector<recount::outbox_message> claim(
        recount::message_claim const& wanted) override {
        return end.pass([&] { return inner.claim(wanted); });
    }
    void release(std::vector<recount::outbox_message> const& claimed) override {
        end.pass([&] { inner.release(claimed); });
    }
    void sent(recount::uuid const& key) override { inner.sent(key); }
    void failed(recount::outbox_message const& claimed, std::string_view why,
                std::chrono::milliseconds again_in) override {
        inner.failed(claimed, why, again_in);
    }
    void give_up(recount::outbox_message const& claimed, std::string_view why) override {
        end.pass([&] { inner.give_up(claimed, why); });
    }
    [[nodiscard]] bool replay(recount::uuid const& key) override { return inner.replay(key); }
    [[nodiscard]] std::vector<recount::saga_timer> due_timers(std::string_view saga,
                                                              std::size_t limit) override {
        return inner.due_timers(saga, limit);
    }
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_next(
        recount::message_claim const& wanted) override {
        return inner.until_next(wanted);
    }
    [[nodiscard]] std::vector<recount::saga_instance> list_instances(
        recount::instance_list const& wanted) override {
        return inner.list_instances(wanted);
    }
    [[nodiscard]] std::optional<recount::saga_instance> find_instance(
        std::string_view saga, std::string_view instance) override {
        return inner.find_instance(saga, instance);
    }
    [[nodiscard]] std::vector<recount::outbox_message> list_messages(
        recount::message_list const& wanted) override {
        return inner.list_messages(wanted);
    }
    [[nodiscard]] std::optional<recount::outbox_message> find_message(
        recount::uuid const& key) override {
        return inner.find_message(key);
    }
    [[nodiscard]] std::vector<recount::saga_timer> list_timers(
        recount::timer_list const& wanted) override {
        return inner.list_timers(wanted);
    }
};

// What there is when all is over, but for positions and times.
struct world {
    recount::testing::test_clock clock;
    recount::duration late{0};     // by the time that leases of the dead take
    std::shared_ptr<recount::memory::log> log;
    std::shared_ptr<recount::memory_saga_store> store;

    world()
        : log{std::make_shared<recount::memory::log>("main", clock)},
          store{std::make_shared<recount::memory_saga_store>(clock)} {}

    void set_clock(recount::duration since_the_beginning) {
        clock.set(recount::testing::first_of_2026 + since_the_beginning + late);
    }

    // A program of this world that comes to its end at a call.
    void with_program(fate& end, std::function<void(recount::application&)> const& act) {
        auto fated = std::make_shared<fated_log>(*log, end);
        auto tables = std::make_shared<fated_store>(*store, end);
        recount::application app{
            recount::testing::parts_of<account, order, transfer, notices>(), fated,
            std::make_shared<recount::memory_row_store>(),
            {.program = "bank", .clock = clock, .sagas = tables}};
        act(app);
    }

    std::vector<std::string> summary() {
        std::vector<std::string> lines;
        auto const streams = [&](std::string const& category) {
            for (auto const& s : log->list_streams(category)) {
                std::vector<std::string> words;
                auto const page = log->read_stream(recount::stream_name{s.name});
                for (auto const& e : page.events) {
                    words.push_back(e.type + (e.type.starts_with('$') ? "" : e.payload));
                }
                // Which of two transfers comes to an account first is nobody's promise.
                if (category == "account") std::sort(words.begin(), words.end());
                std::string line = s.name;
                for (auto const& word : words) line += " " + word;
                lines.push_back(line);
            }
        };
        streams("account");
        streams("transfer");
        streams("$saga.transfer");
        for (auto const& i : store->list_instances({})) {
            lines.push_back(i.instance + " " + std::string{to_string(i.status)} + " " +
                            std::to_string(i.version) + i.because);
        }
        for (auto const& t : store->list_timers({})) lines.push_back(t.instance + " " + t.name);
        std::vector<std::string> messages;
        for (auto const& m : store->list_messages({})) {
            messages.push_back(std::string{to_string(m.status)} + " " + m.saga + m.instance +
                               m.type + m.body);
        }
        std::sort(messages.begin(), messages.end());
        lines.insert(lines.end(), messages.begin(), messages.end());
        return lines;
    }
};

// A page of life: good transfers, one to a closed account, one from an account that comes late, one
// that nobody can serve and that a person ends, one that a bug holds up.
using chapter = std::function<void(recount::application&, world&)>;

std::vector<chapter> chapters() {
    return {
        [](auto& app, auto&) {
            app.dispatch(open{{"a"}, eur(10000)}, {.key = "1"}).value();
            app.dispatch(open{{"b"}, eur(0)}, {.key = "2"}).value();
            app.dispatch(open{{"shut"}, eur(0)}, {.key = "3"}).value();
            app.dispatch(shut{{"shut"}}, {.key = "4"}).value();
            app.dispatch(request{{"good"}, {"a"}, {"b"}, eur(100)}, {.key = "5"}).value();
            app.dispatch(request{{"back"}, {"a"}, {"shut"}, eur(200)}, {.key = "6"}).value();
            app.dispatch(request{{"late"}, {"c"}, {"b"}, eur(300)}, {.key = "7"}).value();
            app.dispatch(request{{"never"}, {"d"}, {"b"}, eur(300)}, {.key = "8"}).value();
            app.dispatch(request{{"much"}, {"a"}, {"b"}, eur(99999)}, {.key = "9"}).value();
            trouble::react_throws_for = "bug";
            app.dispatch(request{{"bug"}, {"a"}, {"b"}, eur(400)}, {.key = "10"}).value();
            app.dispatch(transfers::cancel{{"bug"}}, {.key = "11"}).value();
        },
        [](auto& app, auto&) { app.run_sagas(); },
        [](auto& app, auto&) {
            trouble::none();
            app.dispatch(open{{"c"}, eur(1000)}, {.key = "12"}).value();
            if (recount::instance_steps(app.log(), "transfer", "bug").status ==
                saga_status::parked) {
                recount::resume_instance(app.log(), "transfer", "bug", {.because = "mended"});
            }
        },
        [](auto& app, auto& here) {
            here.set_clock(2min);
            app.run_sagas();
        },
        [](auto& app, auto& here) {
            here.set_clock(10min);
            app.run_sagas();
            here.set_clock(2h);
            app.run_sagas();
        },
    };
}

// The last one in it is killed at a call, and the next one begins again with the same chapter.
std::vector<std::string> live(fate& end) {
    trouble::none();
    world here;
    for (auto const& one : chapters()) {
        try {
            here.with_program(end, [&](auto& app) { one(app, here); });
        } catch (killed const&) {
            here.late += 11s;
            here.clock.advance(11s);
            fate none;
            here.with_program(none, [&](auto& app) { one(app, here); });
        }
    }
    trouble::none();
    return here.summary();
}

std::string differences(std::vector<std::string> const& expected,
                        std::vector<std::string> const& got) {
    std::string text;
    for (auto const& line : expected) {
        if (std::count(got.begin(), got.end(), line) != 1) text += "\nmissing " + line;
    }
    for (auto const& line : got) {
        if (std::count(expected.begin(), expected.end(), line) != 1) text += "\nnew     " + line;
    }
    return text;
}

}  // namespace

TEST_CASE("a program killed at any call leaves no trace in what sagas do", "[saga][redo]") {
    fate whole;
    auto const expected = live(whole);
    REQUIRE(whole.calls > 40);
    for (bool const after : {false, true}) {
        for (int at = 0; at < whole.calls; ++at) {
            fate end{0, at, after};
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            CHECK(differences(expected, live(end)) == "");
        }
    }
}
