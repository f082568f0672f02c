// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/correction/restructured.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <recount/command/outcome.hpp>
#include <recount/describe/json_members.hpp>
#include <recount/restructure/payload.hpp>

#include "correction/undone.hpp"

namespace recount {

namespace {

using detail::json_id_member;
using detail::json_list_member;
using detail::json_text_member;
using detail::json_texts_member;

std::string sentence_of(std::vector<std::string> const& names) {
    return fmt::format("the restructure breaks {}, which was not broken before; a plan that is to "
                       "do so acknowledges it by name",
                       fmt::join(names, ", "));
}

recorded_restructure recorded(history::entry e) {
    recorded_restructure r;
    r.what = std::get<history::restructure_payload>(std::move(e.what));
    r.first = e.first;
    r.last = e.visible_at;
    r.recorded_at = e.rows.front()->recorded_at;
    for (auto const& row : e.rows) r.streams.push_back(row->stream);
    try {
        r.actor = metadata_from_json(e.rows.front()->meta).actor.value_or("");
    } catch (error const&) {   // metadata of another make names nobody
    }
    return r;
}

// Calls `take` with each restructure behind `after`, until it returns false. `rows_at_once`: the
// log passes over what lies between such rows.
template <class Take>
void each_restructure(log& of, position after, std::size_t rows_at_once, Take const& take) {
    feed_filter const only{.types = {std::string{history::restructured_type}}};
    for (;;) {
        auto page = of.read_feed(after, only, rows_at_once);
        for (auto& e : history::entries_of(std::move(page.events))) {
            bool const restructures =
                std::holds_alternative<history::restructure_payload>(e.what);
            if (restructures && !take(recorded(std::move(e)))) return;
        }
        if (page.caught_up) return;
        after = page.through;
    }
}

}  // namespace

void restructure_options::identify_by(std::string text) {
    command_options as_command;
    as_command.identify_by(std::move(text));
    id = as_command.id;
    key = std::move(as_command.key);
}

std::string to_json(restructured const& done) {
    auto text = fmt::format(R"({{"restructure":"{}")", to_string(done.id));
    json_text_member(text, "title", done.title);
    text += fmt::format(R"(,"position":{},"token":"{}")", done.position, done.token());
    json_texts_member(text, "streams", done.streams);
    json_list_member(text, "inserted", done.inserted,
           [&](uuid const& id) { text += fmt::format(R"("{}")", to_string(id)); });
    return text + fmt::format(R"(,"repeated":{}}})", done.repeated);
}

invariants_broken::invariants_broken(std::vector<std::string> names)
    : error{errc::refused, sentence_of(names)}, names_{std::move(names)} {}

std::string summary_json(recorded_restructure const& r) {
    auto text = fmt::format(R"({{"restructure":"{}")", to_string(r.what.restructure));
    json_text_member(text, "title", r.what.title);
    json_text_member(text, "because", r.what.because);
    text += fmt::format(R"(,"position":{},"recorded_at":"{}")", r.last, to_string(r.recorded_at));
    if (!r.actor.empty()) json_text_member(text, "actor", r.actor);
    json_texts_member(text, "streams", r.streams);
    text += fmt::format(R"(,"operations":{})", r.what.ops.size());
    if (r.what.undoes) json_id_member(text, "undoes", *r.what.undoes);
    if (r.undone_by) json_id_member(text, "undone_by", *r.undone_by);
    return text + "}";
}

std::string to_json(recorded_restructure const& r) {
    auto text = summary_json(r);
    text.pop_back();
    json_texts_member(text, "evidence", r.what.evidence);
    if (r.what.preview) json_text_member(text, "preview", *r.what.preview);
    if (!r.what.acknowledged.empty()) json_texts_member(text, "acknowledged", r.what.acknowledged);
    return text + fmt::format(R"(,"ops":{}}})", history::operations_json(r.what, r.first));
}

namespace detail {

std::optional<recorded_restructure> restructure_alone(log& of, uuid const& id) {
    for (auto& [known, commit] : of.find_commits(std::span{&id, 1})) {
        for (auto& e : history::entries_of(std::move(commit.rows))) {
            bool const restructures =
                std::holds_alternative<history::restructure_payload>(e.what);
            if (restructures) return recorded(std::move(e));
        }
    }
    return {};
}

}  // namespace detail

restructure_page list_restructures(log& of, position after, std::size_t limit) {
    constexpr std::size_t rows_min = 100;
    auto const wanted = std::max<std::size_t>(limit, 1);
    restructure_page page;
    std::vector<detail::undo_line> all;
    each_restructure(of, after, std::max(wanted + 1, rows_min), [&](recorded_restructure r) {
        if (page.restructures.size() == wanted) {
            page.next = page.restructures.back().last;
            return false;
        }
        all.push_back({r.what.restructure, r.what.undoes});
        page.restructures.push_back(std::move(r));
        return true;
    });
    // Without a next page that is all there is.
    auto const undone = page.next ? detail::undone_ids{} : detail::undone_in(all);
    for (auto& r : page.restructures) {
        auto const& id = r.what.restructure;
        r.undone_by = page.next ? detail::undoer_of(of, id) : detail::found_in(undone, id);
    }
    return page;
}

std::optional<recorded_restructure> find_restructure(log& of, uuid const& id) {
    auto known = detail::restructure_alone(of, id);
    if (known) known->undone_by = detail::undoer_of(of, id);
    return known;
}

}  // namespace recount
