// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/examination.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/correction/restructured.hpp>
#include <recount/restructure/payload.hpp>

#include "correction/retelling.hpp"

namespace recount::detail {

namespace {

aggregate_descriptor const* aggregate_of_stream(application_parts const& parts,
                                                std::string_view stream) {
    auto const category = stream.substr(0, stream.find('-'));
    for (auto const* a : parts.aggregates) {
        if (a->category == category) return a;
    }
    return nullptr;
}

std::string content_problem(application_parts const& parts, history::content const& c,
                            std::string const& stream) {
    auto const* const a = aggregate_of_stream(parts, stream);
    if (a == nullptr) {
        return fmt::format("no aggregate of this program has the category of {}", stream);
    }
    for (auto const& known : a->events) {
        auto const index = index_of_version(known.versions, c.type, c.schema_version);
        if (!index) continue;
        try {
            static_cast<void>(known.decode(*index, c.payload));
            return {};
        } catch (error const& e) {
            return fmt::format("{} version {}: {}", c.type, c.schema_version, e.what());
        }
    }
    return fmt::format("the aggregate {} does not know {} version {}", a->category, c.type,
                       c.schema_version);
}

// The first row of a commit has its command, wherever its slot is now.
known_commands commands_in(history::gathered const& seen) {
    known_commands all;
    for (auto const& [stream, rows] : seen.rows) {
        for (auto const& row : rows) {
            if (row.command && !row.type.starts_with('$')) all.emplace(row.id, &*row.command);
        }
    }
    return all;
}

std::vector<history::slot_version> slots_of(std::vector<preview_line> const& lines) {
    std::vector<history::slot_version> slots;
    slots.reserve(lines.size());
    for (auto const& line : lines) slots.push_back(line.slot);
    return slots;
}

// The events behind the first change that stay what they are. (A command whose event was replaced
// is not what led to it.)
std::set<uuid> behind_the_change(stream_lines const& lines) {
    std::optional<history::place> first;
    for (auto const* const side : {&lines.before, &lines.after}) {
        auto const changed = std::find_if(side->begin(), side->end(), [](auto const& line) {
            return line.mark != line_mark::kept;
        });
        if (changed == side->end()) continue;
        if (!first || changed->slot.at < *first) first = changed->slot.at;
    }
    std::set<uuid> behind;
    for (auto const& line : lines.after) {
        bool const stays = line.mark == line_mark::kept || line.mark == line_mark::moved;
        if (first && stays && line.slot.at >= *first) behind.insert(line.slot.event);
    }
    return behind;
}

std::string state_text(aggregate_descriptor const& a, retold_stream& told) {
    std::string text;
    try {
        describe::write_json(text, a.state(), told.state.get());
    } catch (error const& e) {
        if (told.problem.empty()) told.problem = e.what();
        return "null";
    }
    return text;
}

std::string field_text(describe::field_descriptor const& field, void const* state) {
    auto const& type = field.type();
    auto const* const inside = field.read(state);
    if (type.kind == describe::kind::optional && type.optional->get(inside) == nullptr) {
        return "null";
    }
    std::string text;
    describe::write_json(text, type, inside);
    return text;
}

std::vector<field_difference> differences_of(aggregate_descriptor const& a,
                                             retold_stream const& before,
                                             retold_stream const& after) {
    std::vector<field_difference> list;
    for (auto const& field : a.state().fields) {
        field_difference one{std::string{field.name}, field_text(field, before.state.get()),
                             field_text(field, after.state.get())};
        if (one.before != one.after) list.push_back(std::move(one));
    }
    return list;
}

preview_state state_of(aggregate_descriptor const& a, retold_stream& before,
                       retold_stream& after) {
    preview_state state{state_text(a, before), state_text(a, after), {}, {}};
    // What could not be told before either is no doing of the plan.
    if (!after.problem.empty() && before.problem.empty()) state.problem = after.problem;
    if (before.problem.empty() && after.problem.empty()) {
        state.differences = differences_of(a, before, after);
    }
    return state;
}

std::vector<preview_invariant> invariants_of(retold_stream const& before,
                                             retold_stream const& after,
                                             std::vector<std::string> const& acknowledged) {
    std::vector<preview_invariant> list;
    auto const of = [&](std::string const& name) -> preview_invariant& {
        for (auto& one : list) {
            if (one.name == name) return one;
        }
        bool const known = std::find(acknowledged.begin(), acknowledged.end(), name) !=
                           acknowledged.end();
        return list.emplace_back(preview_invariant{name, {}, {}, known});
    };
    for (auto const& [name, event] : before.broken) of(name).before = event;
    for (auto const& [name, event] : after.broken) of(name).after = event;
    return list;
}

std::vector<preview_command> commands_of(retold_stream const& before, retold_stream& after,
                                         std::vector<preview_line> const& order) {
    std::vector<preview_command> list;
    for (auto const& line : order) {
        auto const found = after.refused.find(line.slot.event);
        if (found == after.refused.end() || before.refused.contains(found->first)) continue;
        auto& one = found->second;
        list.push_back({found->first, std::move(one.name), std::move(one.payload),
                        std::move(one.refused)});
    }
    return list;
}

}  // namespace

history::plan_rules rules_of(application_parts const& parts) {
    history::plan_rules rules;
    rules.content_problem = [&parts](history::content const& c, std::string const& stream) {
        return content_problem(parts, c, stream);
    };
    return rules;
}

std::vector<preview_stream> examine(application_parts const& parts,
                                    history::judged_plan const& judged, imagined const& history,
                                    examined what) {
    std::vector<preview_stream> all;
    auto const commands = commands_in(judged.seen);
    auto const& payload = judged.resolved.payload;
    for (auto& stream : history::streams_of(payload)) {
        auto lines = lines_of(history, stream);
        preview_stream one{stream, 0, {}, {}};
        auto const rows = judged.seen.rows.find(stream);
        if (rows != judged.seen.rows.end() && !rows->second.empty()) {
            one.version = rows->second.back().version;
        }
        if (auto const* const a = aggregate_of_stream(parts, stream)) {
            retelling how{a, stream, &commands};
            if (what == examined::all) how.again = behind_the_change(lines);
            auto before = retell(how, slots_of(lines.before));
            auto after = retell(how, slots_of(lines.after));
            one.state = state_of(*a, before, after);
            one.invariants = invariants_of(before, after, payload.acknowledged);
            one.commands = commands_of(before, after, lines.after);
            one.commands_unknown = after.unknown;
        }
        one.before = std::move(lines.before);
        one.after = std::move(lines.after);
        all.push_back(std::move(one));
    }
    return all;
}

void check_examined(std::vector<preview_stream> const& streams) {
    for (auto const& one : streams) {
        if (!one.state || one.state->problem.empty()) continue;
        throw error{errc::refused, fmt::format("the state of {} could not be told any more: {}",
                                               one.stream, one.state->problem)};
    }
    if (auto names = unacknowledged_in(streams); !names.empty()) {
        throw invariants_broken{std::move(names)};
    }
}

void check_judged(application_parts const& parts, history::judged_plan const& judged) {
    check_examined(examine(parts, judged, imagine(judged), examined::without_commands));
}

}  // namespace recount::detail
