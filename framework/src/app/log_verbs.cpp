// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <fmt/core.h>
#include <unistd.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>

#include "app/stream_view.hpp"
#include "app/summary_json.hpp"
#include "app/told_feed.hpp"
#include "app/verb_call.hpp"

namespace recount {

namespace {

int categories(verb_call& call) {
    auto const list = call.application().log().list_categories();
    text_table table{{{"category"}, {"streams", true}}};
    for (auto const& c : list) {
        if (call.json()) {
            call.line(summary_json(c));
        }
        table.add({c.name, grouped(c.streams) + (c.more ? "+" : "")});
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int streams(verb_call& call) {
    constexpr std::size_t limit_default = 100;
    auto const limit = call.limit();
    auto const list = call.application().log().list_streams(
        call.get("CATEGORY").value_or(""), call.get("--after").value_or(""),
        limit ? static_cast<std::size_t>(*limit) : limit_default);
    text_table table{{{"stream"}, {"version", true}, {"created at position", true}}};
    for (auto const& s : list) {
        if (call.json()) {
            call.line(summary_json(s));
        }
        table.add({s.name, grouped(s.version), grouped(s.created_position)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

void print_event(verb_call const& call, recorded_event const& e) {
    if (call.json()) {
        call.line(to_json(e));
        return;
    }
    fmt::print("{:>8}  {}  {:<24} {:>5}  {:<26} {}\n", e.position,
               to_string(e.effective()).substr(0, 10), e.stream, e.version, e.type, e.payload);
}

// A mistyped filter finds nothing, which looks like a log without such events.
void note_unknown(verb_call const& call, log& in, feed_filter const& filter) {
    auto const types = filter.types.empty() ? std::vector<type_summary>{} : in.list_types();
    for (auto const& type : filter.types) {
        auto const is_it = [&](type_summary const& t) { return t.type == type; };
        if (std::ranges::none_of(types, is_it)) {
            call.note(fmt::format("note: no event of type '{}' was ever recorded", type));
        }
    }
    for (auto const& category : filter.categories) {
        if (in.list_streams(category, {}, 1).empty()) {
            call.note(fmt::format("note: no stream of category '{}' exists", category));
        }
    }
    if (filter.stream && in.read_stream(*filter.stream, {.limit = 1}).events.empty()) {
        call.note(fmt::format("note: no stream '{}' exists", filter.stream->str()));
    }
}

history::read_cut cut_of(verb_call const& call) {
    history::read_cut cut;
    cut.known_at = call.number("--at");
    cut.version = call.number("--version");
    if (auto const until = call.get("--as-of")) cut.effective_until = end_of_time_named(*until);
    return cut;
}

bool colours_wanted() {
    auto const* const no = std::getenv("NO_COLOR");
    auto const* const terminal = std::getenv("TERM");
    return isatty(STDOUT_FILENO) != 0 && (no == nullptr || *no == '\0') &&
           (terminal == nullptr || std::string_view{terminal} != "dumb");
}

// One stream as it is told now, or was known at a position; each line an event or a slot.
int stream_events(verb_call& call, stream_name const& stream, stream_as how) {
    for (auto const* of_the_log : {"--from", "--category"}) {
        if (!call.get(of_the_log)) continue;
        throw error{errc::invalid_argument,
                    fmt::format("{} is of the log as recorded: it goes with --as recorded",
                                of_the_log)};
    }
    if (call.flag("--follow")) {
        throw error{errc::invalid_argument, "--follow goes with --as recorded: what a restructure "
                                            "changes is behind whoever follows"};
    }
    auto const cut = cut_of(call);
    check(how, cut);
    auto& log = call.application().log();
    auto const view = view_of(log, stream, how, cut);
    auto const type = call.get("--type");
    note_unknown(call, log, {.types = type ? std::vector{*type} : std::vector<std::string>{},
                             .stream = stream});
    auto left = call.limit().value_or(std::numeric_limits<std::int64_t>::max());
    for (auto const& e : view.events) {
        if (type && e.type != *type) continue;
        if (left-- <= 0) break;
        print_event(call, e);
    }
    bool const colours = colours_wanted();
    for (auto const& slot : view.slots) {
        if (type && slot.content->type != *type && slot.original->type != *type) continue;
        if (left-- <= 0) break;
        if (call.json()) {
            call.line(slot_json(slot, stream.str()));
        } else {
            fmt::print("{}", slot_text(slot, stream.str(), colours));
        }
    }
    if (view.restructured || !cut.empty() || how == stream_as::annotated) {
        std::fflush(stdout);
        call.note(fmt::format("known at position {}, version {} of {}", view.known_at,
                              view.version, stream.str()));
    }
    return exit_code::ok;
}

// A stream that is asked for by itself is told as it is corrected. What speaks of the log, its
// positions or its end, is told as it was recorded.
stream_as view_wanted(verb_call const& call) {
    if (auto const as = call.get("--as")) {
        auto const known = {"recorded", "corrected", "annotated"};
        if (std::ranges::find(known, *as) == known.end()) {
            throw error{errc::invalid_argument,
                        fmt::format("--as: expected recorded, corrected, annotated, changes or "
                                    "append_only, found '{}'",
                                    excerpt(*as))};
        }
        auto const how = stream_as_named(*as);
        if (how != stream_as::recorded && !call.get("--stream")) {
            throw error{errc::invalid_argument,
                        fmt::format("--as {} is told of one stream: --stream NAME", *as)};
        }
        return how;
    }
    bool const of_the_log = !call.get("--stream") || call.get("--from") ||
                            call.get("--category") || call.flag("--follow");
    return of_the_log ? stream_as::recorded : stream_as::corrected;
}

// True for the forms in which subscribers are told of corrections.
bool told_to_subscribers(verb_call const& call) {
    auto const as = call.get("--as").value_or("recorded");
    if (as != "changes" && as != "append_only") return false;
    if (call.get("--as-of")) {
        throw error{errc::invalid_argument,
                    fmt::format("--as-of does not go with --as {}, which tells of corrections in "
                                "the order in which they were made",
                                as)};
    }
    return true;
}

int events(verb_call& call) {
    bool const told = told_to_subscribers(call);
    auto const how = told ? stream_as::recorded : view_wanted(call);
    if (how != stream_as::recorded) {
        return stream_events(call, stream_name{call.require("--stream")}, how);
    }
    feed_filter filter;
    if (auto const stream = call.get("--stream")) filter.stream = stream_name{*stream};
    if (auto const category = call.get("--category")) filter.categories = {*category};
    if (auto const type = call.get("--type")) filter.types = {*type};
    auto after = std::max<position>(call.number("--from").value_or(1), 1) - 1;
    auto left = call.limit().value_or(std::numeric_limits<std::int64_t>::max());
    auto const cut = cut_of(call);
    bool const follow = call.flag("--follow");
    if (follow && cut.known_at) {
        throw error{errc::invalid_argument, "--at is an end, and --follow has none"};
    }
    auto& log = call.application().log();
    auto const end = cut.known_at ? history::round_down(log, *cut.known_at)
                                  : std::numeric_limits<position>::max();
    note_unknown(call, log, filter);
    if (told) {
        told_feed const wanted{{{after}, filter, cut.known_at}, left, follow, colours_wanted()};
        return *call.get("--as") == "changes" ? tell_changes(call, wanted)
                                              : tell_append_only(call, wanted);
    }
    while (left > 0 && after < end && !verb_call::stop_wanted()) {
        auto const page = log.read_feed(after, filter);
        for (auto const& e : page.events) {
            if (cut.effective_until && e.effective() > *cut.effective_until) continue;
            if (e.position > end || left-- <= 0) break;
            print_event(call, e);
        }
        after = page.through;
        if (!page.caught_up) continue;
        if (!follow) break;
        std::fflush(stdout);
        static_cast<void>(log.wait(after, std::chrono::milliseconds{500}));
    }
    if (cut.known_at) {
        std::fflush(stdout);
        call.note(fmt::format("known at position {}", end));
    }
    return exit_code::ok;
}

// An event's id; or its position, which is what a list on a terminal shows.
uuid id_named(verb_call& call, std::string const& text) {
    if (text.find_first_not_of("0123456789") != std::string::npos || text.size() > 18) {
        if (is_uuid(text)) return uuid_from_string(text);
        throw error{errc::invalid_argument,
                    fmt::format("ID: expected an event's id, a UUID, or its position, found '{}'",
                                excerpt(text))};
    }
    auto const at = std::stoll(text);
    auto const page =
        at > 0 ? call.application().log().read_feed(at - 1, {}, 1) : feed_page{};
    if (page.events.empty()) {
        throw error{errc::not_found, fmt::format("no event at position {}", at)};
    }
    return page.events.front().id;
}

int event(verb_call& call) {
    auto const id = id_named(call, call.require("ID"));
    auto const story = story_of(call.application().log(), id);
    if (call.json()) {
        call.line(story_json(story));
        return exit_code::ok;
    }
    auto const& e = story.event;
    text_table table{{{"event"}, {to_string(e.id)}}};
    table.add({"position", std::to_string(e.position)});
    table.add({"stream", fmt::format("{} version {}", e.stream, e.version)});
    table.add({"type", fmt::format("{} version {}", e.type, e.schema_version)});
    table.add({"recorded at", to_string(e.recorded_at)});
    table.add({"effective at", to_string(e.effective())});
    table.add({"commit", fmt::format("up to position {}", e.commit_last)});
    table.add({"payload", e.payload});
    table.add({"meta", e.meta});
    if (story.command) table.add({"command", *story.command});
    if (auto const& cause = story.cause) {
        table.add({"caused by", fmt::format("{} {} at position {}, {} version {}", cause->type,
                                            to_string(cause->id), cause->position, cause->stream,
                                            cause->version)});
    }
    table.add({"hash", to_hex(e.hash)});
    fmt::print("{}", table.text());
    return exit_code::ok;
}

int state(verb_call& call) {
    stream_name const stream{call.require("STREAM")};
    auto const cut = cut_of(call);
    auto& app = call.application();
    auto const& aggregate = app.aggregate(stream.category());
    call.line(state_json(aggregate, stream, known_state(app, stream, cut)));
    return exit_code::ok;
}

int list_commands(verb_call& call) {
    text_table table{{{"command"}, {"aggregate"}, {"fields"}}};
    for (auto const* a : call.parts().aggregates) {
        for (auto const& c : a->commands) {
            std::string fields;
            for (auto const& f : c.shape().fields) {
                fields += (fields.empty() ? "" : ", ") + std::string{f.name};
            }
            if (call.json()) {
                call.line(fmt::format(R"({{"command":"{}","aggregate":"{}"}})", c.command.name,
                                      a->category));
            }
            table.add({std::string{c.command.name}, std::string{a->category}, fields});
        }
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

int send_command(verb_call& call) {
    auto const& descriptor = call.application().command(call.require("NAME"));
    auto const object = descriptor.create();
    describe::read_json(call.require("JSON"), descriptor.shape(), object.get());
    command_options options;
    if (auto const key = call.get("--id")) options.identify_by(*key);
    options.expected = call.number("--expect");
    auto const outcome = call.application().dispatch(
        call.application().call(descriptor.command.name, object.get(), options));
    if (!outcome) {
        auto const& no = outcome.rejected();
        std::string text = R"({"accepted":false,"code":)";
        describe::append_quoted(text, no.code);
        text += R"(,"text":)";
        describe::append_quoted(text, no.text);
        if (call.json()) {
            call.line(text + "}");
        } else {
            fmt::print(stderr, "rejected: {}{}{}\n", no.code, no.text.empty() ? "" : ": ", no.text);
        }
        return exit_code::refused;
    }
    auto const& yes = outcome.value();
    if (call.json()) {
        call.line(to_json(yes));
    } else {
        call.line(fmt::format("{} is at version {}, the log at {}{}", yes.stream, yes.version,
                              yes.position,
                              yes.repeated         ? " (known before: the first result)"
                              : yes.events.empty() ? " (nothing to record)"
                                                   : ""));
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> log_verbs() {
    using o = verb_option;
    return {
        {"commands list", "the commands this application takes", {}, &list_commands},
        {"commands send",
         "send one command",
         {o::place("NAME", "its name, such as account.deposit"),
          o::place("JSON", "its fields as a JSON object"),
          o::value("--id", "a key of yours: the same key again has the first result"),
          o::value("--expect", "the version the stream must have; 0: no stream")},
         &send_command},
        {"categories", "the categories of streams", {}, &categories},
        {"streams",
         "the streams, in order of names",
         {o::maybe("CATEGORY", "of this category only"), o::value("--after", "after this name"),
          o::value("--limit", "at most so many (100)")},
         &streams},
        {"events",
         "the events, in order of position; of one stream as they are corrected",
         {o::value("--stream", "of this stream only"),
          o::value("--category", "of this category only"), o::value("--type", "of this type only"),
          o::value("--from", "from this position on"), o::value("--limit", "at most so many"),
          o::flag("--follow", "go on as events come in"),
          o::value("--as", "recorded, corrected (what --stream alone shows) or annotated; for "
                           "subscribers: changes or append_only"),
          o::value("--at", "as known at this position"),
          o::value("--as-of", "what had happened by then: a day or a moment")},
         &events},
        {"event",
         "one event, with its cause",
         {o::place("ID", "the event's id, or its position")},
         &event},
        {"state",
         "the state of an aggregate",
         {o::place("STREAM", "such as account-17"), o::value("--version", "as of this version"),
          o::value("--at", "as known at this position"),
          o::value("--as-of", "of what had happened by then: a day or a moment")},
         &state},
    };
}

}  // namespace recount
