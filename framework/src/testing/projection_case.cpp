// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/projection_case.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

#include <fmt/format.h>

#include <recount/memory/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/projection/runner.hpp>
#include <recount/testing/database.hpp>

namespace recount::testing {

namespace {

constexpr std::size_t splits_max_memory = 128;
constexpr std::size_t splits_max_postgres = 16;   // each makes a table

using split = std::vector<std::size_t>;           // sizes of batches

std::string name_of(split const& sizes) {
    if (sizes.size() <= 1) return "in one batch";
    if (std::all_of(sizes.begin(), sizes.end(), [](auto n) { return n == 1; })) {
        return "event by event";
    }
    return fmt::format("in batches of {} events", fmt::join(sizes, " + "));
}

// A batch ends behind event i where `ends_behind(i)`, and at the last one.
template <class EndsBehind>
split split_of(std::size_t events, EndsBehind const& ends_behind) {
    split sizes;
    std::size_t size = 0;
    for (std::size_t i = 0; i < events; ++i) {
        ++size;
        if (i + 1 < events && !ends_behind(i)) continue;
        sizes.push_back(size);
        size = 0;
    }
    return sizes;
}

struct splits {
    std::vector<split> list;
    bool random = false;

    splits(std::size_t events, std::size_t max, std::uint64_t seed) {
        auto const ends = events == 0 ? 0 : events - 1;
        if (ends < 32 && (std::size_t{1} << ends) <= max) {
            for (std::size_t mask = 0; mask < std::size_t{1} << ends; ++mask) {
                list.push_back(split_of(events, [&](auto i) { return (mask >> i & 1U) != 0; }));
            }
            return;
        }
        random = true;
        std::mt19937_64 source{seed};
        list.push_back(split_of(events, [](auto) { return false; }));
        list.push_back(split_of(events, [](auto) { return true; }));
        while (list.size() < max) {
            // By hand: the distributions of the library differ from one to the next.
            list.push_back(split_of(events, [&](auto) { return (source() >> 32U & 1U) != 0; }));
        }
    }
};

std::string text_of(row_descriptor const& rows, void const* row) {
    return testing::text_of({&rows.shape(), {row, [](void const*) {}}, {}});
}

std::string key_text(row_descriptor const& rows, void const* row) {
    std::vector<std::string> parts;
    for (auto const index : rows.key_fields) {
        auto const& field = rows.shape().fields[index];
        parts.push_back(fmt::format(
            "{} {}", field.name,
            testing::text_of({&field.type(), {field.read(row), [](void const*) {}}, {}})));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

using row_list = std::vector<void const*>;

// Empty when they are the same. Both in order of keys.
std::string row_differences(row_descriptor const& rows, row_list const& expected,
                            row_list const& got) {
    std::string text;
    auto e = expected.begin();
    auto g = got.begin();
    while (e != expected.end() || g != got.end()) {
        if (g == got.end() || (e != expected.end() && rows.key_less(*e, *g))) {
            text += fmt::format("\n  missing       {}", text_of(rows, *e++));
        } else if (e == expected.end() || rows.key_less(*g, *e)) {
            text += fmt::format("\n  not expected  {}", text_of(rows, *g++));
        } else {
            auto const lines = field_differences(rows.shape(), *e, *g);
            if (!lines.empty()) {
                text += fmt::format("\n  other row of  {}\n    {}", key_text(rows, *e),
                                    fmt::join(lines, "\n    "));
            }
            ++e;
            ++g;
        }
    }
    return text;
}

row_list pointers(std::vector<stored_row> const& rows) {
    row_list list;
    for (auto const& row : rows) list.push_back(row.object.get());
    return list;
}

struct failed {
    std::string text;
};

// The table of one projection on one row store, told the history in one way after another.
class telling {
public:
    telling(projection_case const& told, std::vector<recorded_event> const& events,
            row_list const& expected, row_store& rows)
        : projection_{*told.projection}, events_{events}, expected_{expected}, rows_{rows} {
        rows_.prepare(projection_);
    }

    void tell(split const& sizes) {
        auto const how = name_of(sizes);
        rows_.begin_rebuild(projection_);
        checkpoint at = rows_.read_checkpoint(projection_, table_build::rebuild);
        std::size_t begin = 0;
        for (auto const size : sizes) {
            std::vector<recorded_event> const page{events_.begin() + std::ptrdiff_t(begin),
                                                   events_.begin() + std::ptrdiff_t(begin + size)};
            checkpoint const next{page.back().position, page.back().hash, at.epoch};
            deliver(how, at, next, page);
            at = next;
            begin += size;
        }
        if (!rows_.swap(projection_)) throw failed{how + ": somebody else moved the table on"};
        compare(how, expected_);
    }

    // Any event once more, and taken back again: the rows are what they were.
    void tell_and_take_back() {
        auto const at = rows_.read_checkpoint(projection_, table_build::live);
        auto const before = rows_.query(projection_, {});
        for (auto const& e : events_) {
            for (auto const& handler : projection_.handlers) {
                auto const index = index_of_version(handler.versions, e.type, e.schema_version);
                if (!index) continue;
                auto const object = handler.decode(*index, e.payload);
                auto const how = fmt::format("told {} at position {} once more", e.type,
                                             e.position);
                weigh(how, handler, e, object.get(), +1, at);
                weigh(how + ", then taken back", handler, e, object.get(), -1, at);
                compare(how + ", then taken back", pointers(before));
            }
        }
    }

private:
    projection_descriptor const& projection_;
    std::vector<recorded_event> const& events_;
    row_list const& expected_;
    row_store& rows_;

    void compare(std::string const& how, row_list const& expected) {
        auto const got = rows_.query(projection_, {});
        auto const text = row_differences(*projection_.rows, expected, pointers(got));
        if (!text.empty()) throw failed{how + ": other rows than expected" + text};
    }

    static bool of_database(error const& e) {
        return !e.sqlstate().empty() || e.retryable() || e.code() == errc::database_unreachable ||
               e.code() == errc::in_doubt;
    }

    void deliver(std::string const& how, checkpoint const& from, checkpoint const& to,
                 std::vector<recorded_event> const& page) {
        try {
            if (!apply_page(projection_, rows_, table_build::rebuild, from, to, page)) {
                throw failed{how + ": somebody else moved the checkpoint on"};
            }
        } catch (error const& e) {
            if (of_database(e)) throw;
            throw failed{fmt::format("{}: {}", how, e.what())};
        }
        bool again = false;
        try {
            again = apply_page(projection_, rows_, table_build::rebuild, from, to, page);
        } catch (error const& e) {
            // A handler may well stumble over rows that have it all already; nothing is written.
            if (of_database(e)) throw;
        }
        if (again) throw failed{how + ": a batch that was delivered twice was written twice"};
    }

    void weigh(std::string const& how, handler_descriptor const& handler, recorded_event const& e,
               void const* event, int weight, checkpoint const& at) {
        info const about{e.position, e.stream, e.version, e.id, e.recorded_at, e.effective()};
        auto const source = rows_.source(projection_, table_build::live);
        unit_of_work unit{projection_, *source};
        auto const handle = [&] {
            unit.event(about, handler.group(event, about));
            handler.on(unit, event, about, weight);
        };
        unit.begin_collecting();
        try {
            handle();
        } catch (std::exception const&) {
            // It saw a scratch row.
        }
        unit.begin_applying();
        try {
            handle();
        } catch (error const& failure) {
            if (of_database(failure)) throw;
            throw failed{fmt::format("{}: {}", how, failure.what())};
        }
        if (!rows_.write(projection_, table_build::live, at, at, unit.changes())) {
            throw failed{how + ": somebody else moved the checkpoint on"};
        }
    }
};

std::vector<recorded_event> recorded(projection_case const& told) {
    memory::log log{"main", [&] { return told.recorded_at; }};
    for (auto const& event : told.events) {
        commit one;   // an event each, so that a batch may end behind any of them
        one.id = command_id_from_key(std::to_string(log.head().position));
        one.events.push_back(event);
        log.append(one);
    }
    std::vector<recorded_event> all;
    while (all.size() < told.events.size()) {
        auto page = log.read_feed(static_cast<position>(all.size()));
        for (auto& e : page.events) all.push_back(std::move(e));
    }
    return all;
}

std::uint64_t seed_of(projection_case const& told) {
    if (told.seed != 0) return told.seed;
    if (auto const* const given = std::getenv("RECOUNT_SEED")) {
        return std::strtoull(given, nullptr, 10);
    }
    return std::random_device{}();
}

}  // namespace

std::string failure_on(row_store& store, projection_case const& told, std::size_t splits_max) {
    auto const& rows = *told.projection->rows;
    row_list expected;
    for (auto const& row : told.rows) expected.push_back(row.object.get());
    std::sort(expected.begin(), expected.end(), rows.key_less);
    auto const twice = std::adjacent_find(expected.begin(), expected.end(),
                                          [&](auto a, auto b) { return !rows.key_less(a, b); });
    if (twice != expected.end()) {
        return fmt::format("two rows of one key are expected: {}", key_text(rows, *twice));
    }
    auto const events = recorded(told);
    auto const seed = seed_of(told);
    splits const ways{events.size(), splits_max, seed};
    try {
        telling table{told, events, expected, store};
        for (auto const& sizes : ways.list) table.tell(sizes);
        if (told.projection->invertible) table.tell_and_take_back();
    } catch (failed const& f) {
        return ways.random ? fmt::format("{}\nRECOUNT_SEED={} tells it the same way again", f.text,
                                         seed)
                           : f.text;
    }
    return {};
}

std::string failure_of(projection_case const& told) {
    auto const named = [&](char const* place, std::string const& failure) {
        return fmt::format("projection {} {}, {}", told.projection->name, place, failure);
    };
    memory_row_store memory;
    if (auto const failure = failure_on(memory, told, splits_max_memory); !failure.empty()) {
        return named("in memory", failure);
    }
    if (!told.on_postgres) return {};
    scratch_database const database;
    postgres::migrate({.url = database.url()});
    postgres_row_store rows{database.url(), postgres::names_of("main", database.name()),
                            "given_projection"};
    auto const failure = failure_on(rows, told, splits_max_postgres);
    return failure.empty() ? failure : named("on PostgreSQL", failure);
}

}  // namespace recount::testing
