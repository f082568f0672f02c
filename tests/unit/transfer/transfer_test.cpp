// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <sstream>

#include <recount/app/application.hpp>
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/transfer/export.hpp>
#include <recount/transfer/import.hpp>

#include <support/caught.hpp>
#include <support/sample_domain.hpp>
#include <support/wrapped_log.hpp>

using namespace sample;
using Catch::Matchers::ContainsSubstring;
using recount::errc;
using recount::tests::caught;

namespace {

struct world {
    std::shared_ptr<recount::tests::wrapped_log> log =
        std::make_shared<recount::tests::wrapped_log>();
    recount::application app{parts(), log, std::make_shared<recount::memory_row_store>()};

    static recount::application_parts parts() {
        recount::application_parts made;
        made.add<account>();
        return made;
    }
    void fill() {
        app.dispatch(open_account{{"a"}}).value();
        app.dispatch(open_account{{"b"}}, {.key = "row 7", .actor = "ada"}).value();
        app.dispatch(deposit{{"a"}, {500, "EUR"}}).value();
        app.dispatch(deposit{{"b"}, {700, "EUR"}}).value();
        app.dispatch(withdraw_all{{"a"}}).value();
    }
    std::string exported(recount::export_options const& options = {}) {
        std::ostringstream out;
        recount::export_events(*log, out, options);
        return out.str();
    }
    recount::import_report import(std::string const& text,
                                  recount::import_options const& options = {}) {
        std::istringstream in{text};
        return recount::import_events(app, in, options);
    }
};

// What an import keeps of an event.
std::vector<std::string> essence(recount::log& log) {
    std::vector<std::string> list;
    for (auto const& e : log.read_feed(0, {}, 10'000).events) {
        list.push_back(to_string(e.id) + e.stream + std::to_string(e.version) + e.type + e.payload +
                       e.meta + e.command.value_or("-") + recount::to_string(e.effective()) +
                       std::to_string(e.commit_last));
    }
    return list;
}

std::string opened_line(std::string const& more = {}, std::string const& id = "x") {
    return R"({"stream":"account-)" + id +
           R"(","type":"account.opened","payload":{"account":")" + id + R"("})" + more + "}\n";
}
std::string deposited_line(int minor, std::string const& more = {}) {
    return R"({"stream":"account-x","type":"account.deposited","payload":{"account":"x","amount":)"
           R"({"minor":)" +
           std::to_string(minor) + R"(,"currency":"EUR"}})" + more + "}\n";
}

}  // namespace

TEST_CASE("an export is an import: the same events, ids and times", "[transfer]") {
    world from;
    from.fill();
    auto const text = from.exported();
    world to;
    auto const done = to.import(text);
    CHECK(done.lines == 5);
    CHECK(done.recorded == 5);
    CHECK(done.known == 0);
    CHECK(done.through == 5);
    CHECK(essence(*to.log) == essence(*from.log));
    CHECK(to.app.state<account>({"b"}).balance == money{700, "EUR"});
    // Again, and a longer one: what is known is left alone.
    CHECK(to.import(text).known == 5);
    from.app.dispatch(deposit{{"a"}, {1, "EUR"}}).value();
    auto const more = to.import(from.exported());
    CHECK(more.known == 5);
    CHECK(more.recorded == 1);
    CHECK(essence(*to.log) == essence(*from.log));
    // A command that came with the import is remembered for ever, too.
    auto const repeated = to.app.dispatch(open_account{{"b"}}, {.key = "row 7", .actor = "ada"});
    CHECK(repeated.value().repeated);
}

TEST_CASE("an export can begin anywhere and take a part", "[transfer]") {
    world from;
    from.fill();
    auto const all = from.exported();
    recount::export_options options;
    options.after = 3;
    auto const tail = from.exported(options);
    CHECK(all.ends_with(tail));
    CHECK(std::count(tail.begin(), tail.end(), '\n') == 2);
    options = {};
    options.filter.stream = recount::stream_name{"account-b"};
    auto const part = from.exported(options);
    CHECK(std::count(part.begin(), part.end(), '\n') == 2);
}

TEST_CASE("an export stops at the first event that is not what was recorded", "[transfer]") {
    world from;
    from.fill();
    from.log->after_read_feed = [](recount::feed_page& page) {
        for (auto& e : page.events) {
            if (e.position == 4) e.payload.replace(e.payload.find("700"), 3, "900");
        }
    };
    std::ostringstream out;
    auto const failure = caught([&] { recount::export_events(*from.log, out, {}); });
    CHECK(failure.code() == errc::corrupted);
    CHECK_THAT(failure.what(), ContainsSubstring("position 4 (account-b version 2)"));
    CHECK_THAT(out.str(), !ContainsSubstring(":900,"));
}

TEST_CASE("lines of one's own: keys, numbers, commits, times", "[transfer]") {
    world to;
    auto const text = opened_line(R"(,"key":"r1","effective_at":"1999-12-31T23:59:59.000000Z")") +
                      deposited_line(5, R"(,"key":"r1")") + "\n" +
                      deposited_line(6, R"(,"key":"r2","version":3)") + deposited_line(7);
    auto const done = to.import(text);
    CHECK(done.lines == 4);
    CHECK(done.recorded == 4);
    auto const events = to.log->inner.read_feed(0).events;
    REQUIRE(events.size() == 4);
    CHECK(events[0].commit_last == 2);
    CHECK(events[2].commit_last == 3);
    CHECK(recount::to_string(events[0].effective()) == "1999-12-31T23:59:59.000000Z");
    CHECK_FALSE(events[1].effective_at);
    CHECK(to.import(text).known == 4);
    // Under another name it is another import; its versions are taken by then.
    auto const taken = caught([&] { to.import(text, {.batch = "second"}); });
    CHECK_THAT(taken.what(), ContainsSubstring("line 4: unable to append to account-x: expected "
                                               "version 2, stream is at"));
    CHECK(to.import(text, {.batch = "third", .ignore_versions = true}).recorded == 4);
}

TEST_CASE("a line that cannot be taken is named, and nothing behind it is", "[transfer]") {
    world to;
    auto const refused = [&](std::string const& line, errc code, std::string const& why) {
        INFO(line);
        auto const failure = caught([&] { to.import(opened_line({}, "ok") + line); });
        CHECK(failure.code() == code);
        CHECK_THAT(failure.what(), ContainsSubstring("line 2: "));
        CHECK_THAT(failure.what(), ContainsSubstring(why));
        CHECK(to.log->inner.head().position == 0);
    };
    refused("[1]\n", errc::invalid_json, "expected an object");
    refused("{\"stream\":\"account-x\"\n", errc::invalid_json, "");
    refused(R"({"stream":"account-x","type":"account.opened"})", errc::invalid_json,
            "$.payload: missing field");
    refused(opened_line(R"(,"colour":1)"), errc::invalid_json, "$.colour: unknown field");
    refused(R"({"stream":"order-1","type":"order.placed","payload":{}})", errc::invalid_argument,
            "no aggregate of category 'order'");
    refused(R"({"stream":"account-x","type":"account.renamed","payload":{}})",
            errc::invalid_argument, "does not know the type 'account.renamed'");
    refused(opened_line(R"(,"schema_version":2)"), errc::invalid_argument,
            "knows account.opened up to version 1, found 2");
    refused(R"({"stream":"account-x","type":"account.opened","payload":{"account":7}})",
            errc::invalid_json, "payload of account.opened version 1: $.account: expected");
    refused(R"({"stream":7,"type":"account.opened","payload":{}})", errc::invalid_json,
            "$.stream: expected a string, found 7");
    refused(opened_line(R"(,"version":0)"), errc::invalid_json,
            "$.version: expected an integer from 1 to 9223372036854775807, found 0");
    refused(opened_line(R"(,"id":"018f4e2a-7b3c-7d10-8a55-012345670001")"), errc::invalid_argument,
            "is that of event 1 of its commit, found as event 0");
    refused(opened_line(R"(,"id":"018f4e2a-7b3c-7d10-8a55-012345670000","key":"k")"),
            errc::invalid_argument, "an id or a key, not both");
    refused(opened_line(R"(,"schema_version":4294967297)"), errc::invalid_argument,
            "knows account.opened up to version 1, found 4294967297");
    for (auto const* command : {"5", "{}", R"({"zz":1})", R"({"name":1,"version":1,"payload":{}})",
                                R"({"version":1,"name":"a","payload":{}})",
                                R"({"name":"a","version":1,"payload":[]})"}) {
        auto const line = opened_line(R"(,"command":)" + std::string{command});
        CHECK(caught([&] { to.import(line); }).code() == errc::invalid_json);
        CHECK(to.log->inner.head().position == 0);
    }
    refused(opened_line(R"(,"meta":{"colour":1})"), errc::invalid_json,
            "$.meta.colour: unknown field");
    refused(opened_line(R"(,"effective_at":"yesterday")"), errc::invalid_json, "yesterday");
}

TEST_CASE("a commit that was cut is not imported in part", "[transfer]") {
    world from;
    from.fill();
    recount::commit both;
    for (auto const* name : {"account-c", "account-d", "account-e"}) {
        both.events.push_back({recount::stream_name{name}, "account.opened", 1,
                               recount::json_text::trusted(R"({"account":"c"})"), {}});
    }
    from.log->append(both);
    auto const all = from.exported();
    auto const cut = all.substr(0, all.rfind('\n', all.size() - 2) + 1);
    world to;
    auto const failure = caught([&] { to.import(cut); });
    CHECK(failure.code() == errc::invalid_argument);
    CHECK_THAT(failure.what(), ContainsSubstring("line 6: the commit that begins here is not"));
    CHECK(to.log->inner.head().position == 5);  // what is whole is in
    auto const rest = to.import(all);
    CHECK(rest.known == 5);
    CHECK(rest.recorded == 3);
    // In the middle, too.
    world other;
    auto const lines_of_six = all.find('\n', all.find("account-c"));
    auto const hole = all.substr(0, lines_of_six + 1) + opened_line({}, "z");
    CHECK_THAT(caught([&] { other.import(hole); }).what(), ContainsSubstring("line 6: "));
}

TEST_CASE("white space of a line is not stored", "[transfer]") {
    world to;
    to.import("{ \"stream\" : \"account-x\" , \"type\":\"account.opened\", "
              "\"payload\" : { \"account\" :\t\"x \\\" y\" } , "
              "\"command\": { \"name\" : \"a b\", \"version\":1, \"payload\":{ } } }\n");
    auto const events = to.log->inner.read_feed(0).events;
    REQUIRE(events.size() == 1);
    CHECK(events[0].payload == R"({"account":"x \" y"})");
    CHECK(events[0].command == R"({"name":"a b","version":1,"payload":{}})");
}

TEST_CASE("a line without an end is refused before memory is", "[transfer]") {
    world to;
    auto const failure = caught([&] { to.import(std::string(5U << 20U, 'x')); });
    CHECK(failure.code() == errc::limit_exceeded);
    CHECK_THAT(failure.what(), ContainsSubstring("line 1: "));
}

TEST_CASE("a line that was imported before with other content is refused", "[transfer]") {
    world to;
    to.import(opened_line() + deposited_line(5, R"(,"key":"r1")"));
    auto const failure =
        caught([&] { to.import(opened_line() + deposited_line(6, R"(,"key":"r1")")); });
    CHECK(failure.code() == errc::command_id_taken);
    CHECK_THAT(failure.what(), ContainsSubstring("line 2: "));
    CHECK(to.log->inner.head().position == 2);
}

TEST_CASE("an export is known in the log that it is from, and a line that was changed is not",
          "[transfer]") {
    world w;
    w.fill();
    auto text = w.exported();
    CHECK(w.import(text).known == 5);
    // The same id, the same command, and another amount.
    auto const payload = text.find(R"("payload":{"account":"b","amount":{"minor":700)");
    REQUIRE(payload != std::string::npos);
    text.replace(text.find("700", payload), 3, "701");
    auto const failure = caught([&] { w.import(text); });
    CHECK(failure.code() == errc::command_id_taken);
    CHECK_THAT(failure.what(), ContainsSubstring("line 4: "));
}

TEST_CASE("an import that somebody else runs, too, records each line once", "[transfer]") {
    world to;
    std::string text;
    for (int i = 1; i <= 20; ++i) {
        constexpr auto* when = R"(,"effective_at":"2020-02-02T02:02:02.000000Z")";
        text += i == 1 ? opened_line(when) : deposited_line(i, when);
    }
    world other;
    other.import(text);
    bool once = false;
    to.log->before_append = [&] {
        if (std::exchange(once, true)) return;
        // The first seven, by the other one, between our question and our append.
        std::vector<recount::commit> theirs;
        for (auto const& e : other.log->inner.read_feed(0).events) {
            if (e.position > 7) break;
            recount::commit c;
            c.id = e.id;
            c.meta = recount::metadata_from_json(e.meta);
            c.events.push_back({recount::stream_name{e.stream}, e.type, e.schema_version,
                                recount::json_text::trusted(e.payload), e.effective_at});
            theirs.push_back(std::move(c));
        }
        static_cast<void>(to.log->inner.append_batch(theirs));
    };
    auto const done = to.import(text);
    CHECK(done.recorded == 13);
    CHECK(done.known == 7);
    CHECK(essence(*to.log) == essence(*other.log));
}

TEST_CASE("metadata that a newer program wrote is read for what is known of it", "[transfer]") {
    auto const meta = recount::metadata_from_json(
        R"({"actor":"ada","colour":{"of":"tomorrow"},"x":{"a":"b"},"basis":7})");
    CHECK(meta.actor == "ada");
    CHECK(meta.basis == 7);
    CHECK(meta.x->at("a") == "b");
    CHECK_FALSE(meta.app);
}
