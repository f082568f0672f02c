// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/stream_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/restructure/payload.hpp>

namespace recount {

stream_as stream_as_named(std::string_view word) {
    if (word == "recorded") return stream_as::recorded;
    if (word == "corrected") return stream_as::corrected;
    if (word == "annotated") return stream_as::annotated;
    throw error{errc::invalid_argument,
                fmt::format("expected recorded, corrected or annotated, found '{}'",
                            excerpt(word))};
}

timestamp end_of_time_named(std::string_view text) {
    constexpr std::size_t size_of_a_day = 10;
    if (text.size() != size_of_a_day) return timestamp_from_string(text);
    return timestamp{date_from_string(text) + std::chrono::days{1}} - duration{1};
}

namespace {

stream_view recorded_view(log& from, stream_name const& stream, history::read_cut const& cut) {
    auto read = history::read_rows(from, stream);
    stream_view view{std::move(read.rows), {}, read.as_of};
    if (cut.known_at && *cut.known_at < view.known_at) {
        view.known_at = history::round_down(from, *cut.known_at);
    }
    std::erase_if(view.events, [&](auto const& e) { return e.commit_last > view.known_at; });
    if (!view.events.empty()) view.version = view.events.back().version;
    view.restructured = std::ranges::any_of(view.events, history::is_restructure);
    if (cut.effective_until) {
        std::erase_if(view.events,
                      [&](auto const& e) { return e.effective() > *cut.effective_until; });
    }
    return view;
}

}  // namespace

void check(stream_as how, history::read_cut const& cut) {
    if (how != stream_as::annotated || !cut.effective_until) return;
    throw error{errc::invalid_argument,
                "an annotated stream shows every slot, whenever it happened: a time cuts recorded "
                "and corrected ones"};
}

stream_view view_of(log& from, stream_name const& stream, stream_as how,
                    history::read_cut const& cut) {
    if (how == stream_as::recorded) return recorded_view(from, stream, cut);
    if (how == stream_as::corrected) {
        auto read = history::read_corrected(from, stream, cut);
        return {std::move(read.events), {}, read.known_at, read.version, read.restructured};
    }
    check(how, cut);
    auto read = history::read_annotated(from, stream, cut);
    bool const noted = std::ranges::any_of(read.slots, [](auto const& s) {
        return !s.notes.empty();
    });
    return {{}, std::move(read.slots), read.known_at, read.version, noted};
}

// --- annotated slots -----------------------------------------------------------------------------

namespace {

using history::annotated_slot;
using history::registers;

bool is_inserted(annotated_slot const& slot) {
    return std::ranges::any_of(slot.notes, [&](auto const& note) {
        return history::inserted_id(note.restructure, note.n) == slot.event;
    });
}

bool has_moved(annotated_slot const& slot) {
    return std::ranges::any_of(slot.notes, [&](auto const& note) {
        return note.which.has(registers::place) &&
               history::inserted_id(note.restructure, note.n) != slot.event;
    });
}

std::string list_of(std::vector<std::string_view> const& words) {
    std::string list;
    for (auto const word : words) list += fmt::format(R"({}"{}")", list.empty() ? "" : ",", word);
    return list;
}

std::string registers_json(registers which) {
    std::vector<std::string_view> names;
    if (which.has(registers::presence)) names.emplace_back("presence");
    if (which.has(registers::contents)) names.emplace_back("content");
    if (which.has(registers::place)) names.emplace_back("place");
    return list_of(names);
}

std::string origin_json(history::origin const& o) {
    std::string text = fmt::format(R"({{"position":{},"recorded_at":"{}","version":{},"stream":)",
                                   o.position, to_string(o.recorded_at), o.version);
    describe::append_quoted(text, o.stream);
    return text + fmt::format(R"(,"commit_last":{},"meta":{},"hash":"{}"}})", o.commit_last,
                              o.meta.empty() ? "{}" : o.meta, to_hex(o.hash));
}

}  // namespace

std::vector<std::string_view> words_of(annotated_slot const& slot, std::string_view stream) {
    std::vector<std::string_view> words;
    if (!slot.present) words.emplace_back("excluded");
    if (slot.left_to) words.emplace_back("left");
    if (is_inserted(slot)) words.emplace_back("inserted");
    bool const arrived = slot.origin && slot.origin->stream != stream;
    if (arrived) words.emplace_back("arrived");
    if (!arrived && !slot.left_to && has_moved(slot)) words.emplace_back("moved");
    if (*slot.content != *slot.original) words.emplace_back("changed");
    return words;
}

std::string slot_json(annotated_slot const& slot, std::string_view stream) {
    std::string text = fmt::format(R"({{"id":"{}","stream":)", to_string(slot.event));
    describe::append_quoted(text, stream);
    text += fmt::format(R"(,"position":{},"status":[{}],"present":{},"place":"{}")",
                        slot.origin ? slot.origin->position : 0, list_of(words_of(slot, stream)),
                        slot.present, slot.at.text());
    if (slot.left_to) {
        text += R"(,"left_to":)";
        describe::append_quoted(text, *slot.left_to);
    }
    text += fmt::format(R"(,"original":{},"content":{})", history::to_json(*slot.original),
                        history::to_json(*slot.content));
    if (slot.origin) text += R"(,"origin":)" + origin_json(*slot.origin);
    text += R"(,"restructures":[)";
    for (auto const& note : slot.notes) {
        if (text.back() != '[') text += ',';
        text += fmt::format(R"({{"id":"{}","position":{},"n":{},"registers":[{}]}})",
                            to_string(note.restructure), note.first, note.n,
                            registers_json(note.which));
    }
    return text + "]}";
}

namespace {

struct slot_style {
    char mark;
    std::string_view colour;   // of a terminal
};

// The mark alone says what there is to see; colours only repeat it.
slot_style style_of(std::vector<std::string_view> const& words) {
    auto const is = [&](std::string_view word) {
        return std::ranges::find(words, word) != words.end();
    };
    if (is("excluded")) return {'-', "\x1b[9;31m"};
    if (is("left")) return {'<', "\x1b[9;36m"};
    if (is("inserted")) return {'+', "\x1b[32m"};
    if (is("changed")) return {'~', "\x1b[33m"};
    if (is("arrived") || is("moved")) return {'>', "\x1b[36m"};
    return {' ', {}};
}

std::string remarks_on(annotated_slot const& slot, std::vector<std::string_view> const& words) {
    std::string text;
    auto const add = [&](std::string const& remark) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", remark);
    };
    for (auto const word : words) {
        if (word == "left") {
            add("left to " + *slot.left_to);
        } else if (word == "arrived") {
            add("from " + slot.origin->stream);
        } else if (word == "changed") {
            auto const& was = *slot.original;
            std::string before;
            if (was.type != slot.content->type) before += was.type + ' ';
            if (was.payload != slot.content->payload) before += was.payload + ' ';
            if (was.effective_at != slot.content->effective_at) {
                before += "effective " + to_string(was.effective_at) + ' ';
            }
            if (before.empty()) before = fmt::format("schema version {} ", was.schema_version);
            before.pop_back();
            add("was " + before);
        } else {
            add(std::string{word});
        }
    }
    if (text.empty()) text = "as recorded, again";
    std::vector<position> at;
    for (auto const& note : slot.notes) at.push_back(note.first);
    at.erase(std::unique(at.begin(), at.end()), at.end());
    return fmt::format("{}; by the restructure{} at {}", text, at.size() == 1 ? "" : "s",
                       fmt::join(at, ", "));
}

}  // namespace

std::string slot_text(annotated_slot const& slot, std::string_view stream, bool colours) {
    auto const words = words_of(slot, stream);
    auto const style = style_of(words);
    auto const& shown = *slot.content;
    auto line = fmt::format("{:>8}  {}  {:<26} {}", slot.origin ? slot.origin->position : 0,
                            to_string(shown.effective_at).substr(0, 10), shown.type,
                            shown.payload);
    if (colours && !style.colour.empty()) line = fmt::format("{}{}\x1b[0m", style.colour, line);
    auto text = fmt::format("{} {}\n", style.mark, line);
    if (!slot.notes.empty()) text += fmt::format("{:>12}{}\n", "", remarks_on(slot, words));
    return text;
}

}  // namespace recount
