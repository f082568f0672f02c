// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/raw_rows.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/restructure/payload.hpp>

#include "support/restructure/laws.hpp"

namespace recount::tests {

namespace {

// The oracle copies its whole state at each entry and walks a tree: it is asked about small logs.
constexpr std::size_t oracle_rows_max = 48;
constexpr std::size_t oracle_operations_max = 96;

std::string_view take_word(std::string_view& line) {
    auto const end = std::min(line.find(' '), line.size());
    auto const word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

template <class Integer> std::optional<Integer> number(std::string_view word) {
    Integer value{};
    auto const [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc{} || end != word.data() + word.size()) return {};
    return value;
}

uuid id_of(std::uint32_t commit, std::uint16_t ordinal) {
    uuid id;
    id.octets[0] = std::byte{0xC0};
    for (unsigned i = 0; i < 4; ++i) {
        id.octets[13 - i] = static_cast<std::byte>(commit >> (8 * i) & 0xFFU);
    }
    return event_id(id, ordinal);
}

std::optional<recorded_event> row_of(std::string_view line) {
    auto const at = number<position>(take_word(line));
    auto const last = number<position>(take_word(line));
    auto id = take_word(line);
    auto const point = std::min(id.find('.'), id.size());
    auto const commit = number<std::uint32_t>(id.substr(0, point));
    id.remove_prefix(std::min(point + 1, id.size()));
    auto const ordinal = number<std::uint16_t>(id);
    recorded_event row;
    row.stream = take_word(line);
    row.type = take_word(line);
    auto const schema = number<int>(take_word(line));
    if (!at || !last || !commit || !ordinal || !schema) return {};
    row.position = *at;
    row.commit_last = *last;
    row.id = id_of(*commit, *ordinal);
    row.schema_version = *schema;
    row.recorded_at = day(20);
    row.meta = "{}";
    row.payload = line;
    return row;
}

// What is read strictly can be written, and is read again as it was written.
std::string defect_of_payload(std::string const& text) {
    try {
        auto const once = history::to_json(history::payload_from_json(text, 7), 7).str();
        auto const again = history::to_json(history::payload_from_json(once, 7), 7).str();
        if (once != again) return fmt::format("written {}\nthen {}", once, again);
        if (!history::payload_from_log(text, 7)) return "what is valid is not read from a log";
    } catch (error const& refused) {
        if (refused.code() != errc::invalid_json && refused.code() != errc::limit_exceeded) {
            return fmt::format("refused as {}", refused.what());
        }
    }
    return {};
}

std::string unlike_oracle(std::vector<history::entry> const& entries, history::fold const& f) {
    oracle expected;
    std::set<position> ends{0, f.known_at()};
    std::size_t operations = 0;
    for (auto const& e : entries) {
        ends.insert({e.first, e.visible_at});
        auto const* const told = std::get_if<history::restructure_payload>(&e.what);
        if (told != nullptr) operations += told->ops.size();
    }
    if (entries.size() > oracle_rows_max || operations > oracle_operations_max) return {};
    for (auto const& e : entries) expected.advance(e);
    for (auto const k : ends) {
        auto failure = difference(fmt::format("at {}", k), shown(f.corrected(k)),
                                  expected.corrected(k));
        if (!failure.empty()) return failure;
    }
    return {};
}

// Each stream by itself, and what is asked of a fold beside its view.
std::string unlike_whole(std::vector<recorded_event> const& rows, history::fold const& f) {
    std::set<std::string> streams;
    for (auto const& r : rows) streams.insert(r.stream);
    for (auto const& stream : streams) {
        auto of_stream = rows;
        std::erase_if(of_stream, [&](auto const& r) { return r.stream != stream; });
        history::fold alone{stream};
        for (auto const& e : history::entries_of(std::move(of_stream))) alone.advance(e);
        for (auto const* const each : std::initializer_list<history::fold const*>{&alone, &f}) {
            auto const view = each->corrected(stream);
            auto const notes = each->annotated(stream);
            auto const here = std::count_if(notes.begin(), notes.end(), [](auto const& n) {
                return n.present && !n.left_to;
            });
            if (static_cast<std::size_t>(here) != view.size()) return "annotated and view differ";
        }
    }
    auto expected = f.corrected(0);
    if (!expected.empty()) return "something was known before the first position";
    std::size_t came = 0;
    for (auto const& change : f.delta(0, f.known_at())) came += change.weight == 1 ? 1U : 0U;
    return came == f.corrected().size() ? "" : "the delta from nothing is not the view";
}

// No two of one position and id: only then the order of storage can mean nothing.
bool rows_differ(std::vector<recorded_event> const& rows) {
    std::set<std::pair<position, uuid>> seen;
    return std::all_of(rows.begin(), rows.end(),
                       [&](auto const& r) { return seen.emplace(r.position, r.id).second; });
}

}  // namespace

std::vector<recorded_event> rows_of_bytes(std::string_view bytes) {
    std::vector<recorded_event> rows;
    while (!bytes.empty()) {
        auto const end = std::min(bytes.find('\n'), bytes.size());
        if (auto row = row_of(bytes.substr(0, end))) rows.push_back(*std::move(row));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return rows;
}

std::string bytes_of_rows(std::vector<recorded_event> const& rows) {
    std::string bytes;
    for (auto const& r : rows) {
        std::uint32_t commit = 0;
        for (unsigned i = 10; i < 14; ++i) {
            commit = commit << 8U | std::to_integer<std::uint32_t>(r.id.octets[i]);
        }
        bytes += fmt::format("{} {} {}.{} {} {} {} {}\n", r.position, r.commit_last, commit,
                             ordinal_of(r.id), r.stream, r.type, r.schema_version, r.payload);
    }
    return bytes;
}

std::string defect_of_bytes(std::string_view bytes) {
    auto const rows = rows_of_bytes(bytes);
    for (auto const& r : rows) {
        if (auto defect = defect_of_payload(r.payload); !defect.empty()) return defect;
    }
    auto const entries = history::entries_of(rows);
    auto const whole = folded(entries);
    auto defect = unlike_oracle(entries, whole);
    if (defect.empty()) defect = unlike_whole(rows, whole);
    if (!defect.empty() || !rows_differ(rows)) return defect;
    auto reversed = rows;
    std::reverse(reversed.begin(), reversed.end());
    auto const again = folded(history::entries_of(std::move(reversed)));
    return difference("in the other order", shown(again.corrected()), shown(whole.corrected()));
}

}  // namespace recount::tests
