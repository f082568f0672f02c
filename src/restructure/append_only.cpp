// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/append_only.hpp>

#include <map>
#include <set>

#include <fmt/format.h>

#include <recount/restructure/changes.hpp>
#include <recount/restructure/read.hpp>

#include "restructure/commit_rows.hpp"
#include "restructure/told_slot.hpp"

namespace recount::history {

namespace detail {

class append_only_source {
public:
    append_only_source(log& from, change_options options) : rows_{from, std::move(options)} {}

    append_only_page next(std::size_t limit) {
        append_only_page page;
        rows_.next(page.events, page, limit,
                   [&](auto rows, auto& list) { tell(rows, list); });
        return page;
    }
    void set_aside() noexcept { rows_.forget(); }

private:
    commit_rows rows_;

    void tell(std::span<recorded_event> rows, std::vector<append_only_event>& to);
    void tell_rows(std::span<recorded_event> rows, std::vector<append_only_event>& to);
    void tell_corrected(std::vector<recorded_event> rows, std::vector<append_only_event>& to);
    [[nodiscard]] bool wanted(std::optional<slot_version> const& version) const {
        return version && passes(rows_.filter(), version->stream, version->content->type);
    }
};

namespace {

// A slot before a restructure and after it, told by the streams that it was and is in.
struct slot_story {
    std::optional<slot_version> was;
    std::optional<slot_version> is;
    int n = 0;   // of the first operation on it
};

bool said_the_same(content const& a, content const& b) { return &a == &b || a == b; }

std::vector<correction_kind> become_of(slot_story const& slot, uuid const& restructure) {
    if (!slot.was) {
        return {inserted_by(slot.is->event, restructure) ? correction_kind::inserted
                                                         : correction_kind::reinstated};
    }
    if (!slot.is) return {correction_kind::excluded};
    std::vector<correction_kind> what;
    if (!said_the_same(*slot.was->content, *slot.is->content)) {
        what.push_back(correction_kind::replaced);
    }
    if (slot.was->stream != slot.is->stream || slot.was->at != slot.is->at) {
        what.push_back(correction_kind::moved);
    }
    return what;
}

std::optional<event_corrected::said> said_by(std::optional<slot_version> const& version) {
    if (!version) return {};
    return event_corrected::said{event_of(*version), version->at};
}

event_corrected corrected_of(uuid const& event, slot_story const& slot, entry const& by) {
    auto const& restructure = std::get<restructure_payload>(by.what);
    event_corrected c;
    c.event = event;
    c.stream = (slot.is ? slot.is : slot.was)->stream;
    c.what = become_of(slot, restructure.restructure);
    c.before = said_by(slot.was);
    c.after = said_by(slot.is);
    c.restructure = restructure.restructure;
    c.title = restructure.title;
    c.because = restructure.because;
    c.by = metadata_from_json(by.rows.front()->meta).actor;
    c.undoes = restructure.undoes;
    c.recorded_at = by.rows.front()->recorded_at;
    return c;
}

}  // namespace

void append_only_source::tell(std::span<recorded_event> rows,
                              std::vector<append_only_event>& to) {
    auto const begin = static_cast<std::ptrdiff_t>(to.size());
    if (std::any_of(rows.begin(), rows.end(), is_restructure)) {
        tell_corrected(rows_.whole(rows), to);
    }
    tell_rows(rows, to);
    sort_by_ordinal(to, begin);
}

// Of a restructure those in its company.
void append_only_source::tell_rows(std::span<recorded_event> rows,
                                   std::vector<append_only_event>& to) {
    for (auto& row : rows) {
        if (is_restructure(row) || !passes(rows_.filter(), row.stream, row.type)) continue;
        make_told(row);
        to.push_back({row.commit_last, told_ordinal_of(row), false, recorded_event{}});
        std::get<recorded_event>(to.back().what) = std::move(row);
    }
}

void append_only_source::tell_corrected(std::vector<recorded_event> rows,
                                        std::vector<append_only_event>& to) {
    std::erase_if(rows, [](auto const& row) { return !is_restructure(row); });
    auto const k = rows.front().commit_last;
    std::map<uuid, slot_story> slots;
    for (auto const& row : rows) {
        for (auto& c : rows_.changed_in(row.stream, row)) {
            auto const [known, fresh] = slots.try_emplace(c.what.version.event);
            auto& slot = known->second;
            bool const retracted = c.what.weight < 0;
            if (fresh || retracted) slot.n = c.n;
            (retracted ? slot.was : slot.is) = std::move(c.what.version);
        }
    }
    auto const entries = entries_of(std::move(rows));
    for (auto const& [event, slot] : slots) {
        if (!wanted(slot.was) && !wanted(slot.is)) continue;
        auto const ordinal = static_cast<std::uint32_t>(std::max(slot.n, 0));
        to.push_back({k, ordinal, false, corrected_of(event, slot, entries.front())});
    }
}

}  // namespace detail

std::string_view name_of(correction_kind kind) noexcept {
    switch (kind) {
        case correction_kind::inserted: return "inserted";
        case correction_kind::excluded: return "excluded";
        case correction_kind::reinstated: return "reinstated";
        case correction_kind::replaced: return "replaced";
        case correction_kind::moved: break;
    }
    return "moved";
}

// --- JSON ----------------------------------------------------------------------------------------

namespace {

void member(std::string& to, std::string_view name, std::string_view text) {
    to += fmt::format(R"(,"{}":)", name);
    describe::append_quoted(to, text);
}

void member(std::string& to, std::string_view name,
            std::optional<event_corrected::said> const& said) {
    if (!said) return;
    to += fmt::format(R"(,"{}":{{"order":"{}","event":{}}})", name, order_text(said->at),
                      recount::to_json(said->event));
}

std::string to_json(event_corrected const& c) {
    auto text = fmt::format(R"({{"event":"{}")", to_string(c.event));
    member(text, "stream", c.stream);
    std::string what;
    for (auto const kind : c.what) {
        what += fmt::format(R"({}"{}")", what.empty() ? "" : ",", name_of(kind));
    }
    text += fmt::format(R"(,"what":[{}])", what);
    member(text, "before", c.before);
    member(text, "after", c.after);
    text += fmt::format(R"(,"restructure":"{}")", to_string(c.restructure));
    member(text, "title", c.title);
    member(text, "because", c.because);
    if (c.by) member(text, "by", *c.by);
    if (c.undoes) text += fmt::format(R"(,"undoes":"{}")", to_string(*c.undoes));
    return text + fmt::format(R"(,"recorded_at":"{}"}})", to_string(c.recorded_at));
}

}  // namespace

std::string to_json(append_only_event const& e) {
    auto const* const corrected = std::get_if<event_corrected>(&e.what);
    return fmt::format(R"({{"k":{},"ordinal":{},"{}":{}}})", e.k, e.ordinal,
                       corrected != nullptr ? "event_corrected" : "event",
                       corrected != nullptr ? to_json(*corrected)
                                            : recount::to_json(std::get<recorded_event>(e.what)));
}

append_only_reader::append_only_reader(log& from, change_options options)
    : source_{std::make_unique<detail::append_only_source>(from, std::move(options))} {}
append_only_reader::~append_only_reader() = default;
append_only_reader::append_only_reader(append_only_reader&& other) noexcept = default;
append_only_reader& append_only_reader::operator=(append_only_reader&& other) noexcept = default;

append_only_page append_only_reader::next(std::size_t limit) { return source_->next(limit); }
void append_only_reader::set_aside() noexcept { source_->set_aside(); }

}  // namespace recount::history
