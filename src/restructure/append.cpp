// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/append_with.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <recount/core/hex.hpp>
#include <recount/restructure/payload.hpp>

namespace recount::history {

namespace {

constexpr std::string_view command_name = "$restructure";
constexpr std::size_t plan_bytes_kept = 256 * 1024;

// What a row says beside what is done, so that its stream can be read alone, follows from registers
// that others may write meanwhile: it is no part of what was previewed.
restructure_payload without_surroundings(restructure_payload payload) {
    for (auto& o : payload.ops) {
        if (auto* const m = std::get_if<op::move>(&o.what)) m->brought.reset();
        if (auto* const r = std::get_if<op::reinstate>(&o.what)) {
            r->brought.reset();
            if (!r->which.has(registers::place)) r->from = r->to = {};
        }
    }
    return payload;
}

std::string hash_of(resolved_plan const& r) {
    hasher h;
    h.raw("recount/preview/1")
        .field(to_json(without_surroundings(r.payload)).str())
        .field(r.footprint);
    return to_hex(h.finish());
}

// The plan as it was given, so that the same one again is known from another under its id. Of a
// plan that is too large for that, its hash.
json_text command_of(recount::restructure const& plan) {
    auto payload = plan.to_json().str();
    if (payload.size() > plan_bytes_kept) {
        payload = fmt::format(R"({{"sha256":"{}"}})", to_hex(sha256(payload)));
    }
    return json_text::checked(
        fmt::format(R"({{"name":"{}","version":1,"payload":{}}})", command_name, payload));
}

metadata metadata_of(recount::restructure const& plan, append_options const& options) {
    auto meta = options.meta;
    if (!meta.actor && !plan.actor().empty()) meta.actor = plan.actor();
    return meta;
}

bool has_company(std::vector<recorded_event> const& rows, plan_company const& company) {
    return std::all_of(company.events.begin(), company.events.end(), [&](auto const& event) {
        return std::any_of(rows.begin(), rows.end(), [&](auto const& row) {
            return row.stream == event.stream.str() && row.type == event.type;
        });
    });
}

// The same plan without the company is somebody else's, and no first result of this.
std::optional<remembered_commit> remembered(log& of, commit const& attempt,
                                            plan_company const& company) {
    auto found = of.find_commits(std::span{&attempt.id, 1});
    if (found.empty()) return {};
    auto& known = found.begin()->second;
    if (same_commit(attempt, known.rows) && has_company(known.rows, company)) {
        return std::move(known);
    }
    throw error{errc::command_id_taken,
                fmt::format("the command id {} is taken", to_string(attempt.id))};
}

void add_row(commit& to, std::string const& stream, json_text payload) {
    to.events.push_back(
        {stream_name{stream}, std::string{restructured_type}, 1, std::move(payload), {}});
}

void add_as_known(commit& to, remembered_commit const& known) {
    for (auto const& row : known.rows) {
        to.events.push_back({stream_name{row.stream}, row.type, row.schema_version,
                             json_text::checked(row.payload), row.effective_at});
    }
}

// What a check said is true of the streams as it saw them.
void expect_as_seen(commit& made, judged_plan const& judged) {
    for (auto const& stream : streams_of(judged.resolved.payload)) {
        auto const rows = judged.seen.rows.find(stream);
        bool const none = rows == judged.seen.rows.end() || rows->second.empty();
        auto const last = none ? version{0} : rows->second.back().version;
        made.expectations.push_back({stream_name{stream}, expectation::exactly(last)});
    }
}

plan_rules with_seals(plan_rules rules, seals_in_force const& seals) {
    for (auto const& [category, until] : seals.until) {
        auto const [known, fresh] = rules.sealed_until.try_emplace(category, until);
        if (!fresh) known->second = std::max(known->second, until);
    }
    rules.sealed_through = std::max(rules.sealed_through, seals.through);
    return rules;
}

}  // namespace

judged_plan judge(log& from, recount::restructure const& plan, plan_rules const& rules,
                  uuid const& id) {
    judged_plan judged{gather(from, plan), {}, {}};
    auto const held = with_seals(rules, seals_in_force{from.list_seals()});
    judged.resolved = resolve(plan, judged.seen.history, uuid{}, held);
    judged.hash = hash_of(judged.resolved);
    if (!id.is_nil()) judged.resolved = resolve(plan, judged.seen.history, id, held);
    return judged;
}

appended append_plan(log& to, recount::restructure const& plan, append_options const& options) {
    return append_plan_with(to, plan, options, {});
}

appended append_plan_with(log& to, recount::restructure const& plan, append_options const& options,
                          plan_company const& company) {
    commit attempt;
    attempt.id = options.id;
    attempt.meta = metadata_of(plan, options);
    attempt.command = command_of(plan);
    attempt.of_framework = true;
    if (auto known = remembered(to, attempt, company)) return std::move(known->result);
    auto const make = [&] {
        auto made = attempt;
        // Another process, or our own attempt of which nothing was heard, may have been faster;
        // then the log answers with its first result.
        if (auto const known = remembered(to, attempt, company)) {
            add_as_known(made, *known);
            return made;
        }
        auto judged = judge(to, plan, options.rules, options.id);
        if (options.preview && *options.preview != judged.hash) {
            throw error{errc::conflict,
                        fmt::format("what was previewed as {} is {} by now: another restructure "
                                    "came between, or events for a step that says which by a "
                                    "rule; preview it again",
                                    options.preview->substr(0, 16), judged.hash.substr(0, 16))};
        }
        if (options.check) options.check(judged);
        judged.resolved.payload.preview = judged.hash;
        made.meta.basis = judged.seen.as_of;
        for (auto& row : rows_for(judged.resolved.payload)) {
            add_row(made, row.stream, std::move(row.payload));
        }
        made.events.insert(made.events.end(), company.events.begin(), company.events.end());
        made.expectations = company.expectations;
        if (options.check) expect_as_seen(made, judged);
        return made;
    };
    return to.append_restructure(make);
}

}  // namespace recount::history
