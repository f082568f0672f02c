// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/verb_call.hpp"

#include <charconv>
#include <cstdio>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/describe/columns.hpp>
#include <recount/describe/print.hpp>

namespace recount {

std::optional<std::string> verb_call::get(std::string_view name) const {
    auto const found = self_->values.find(name);
    if (found == self_->values.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::string verb_call::require(std::string_view name) const {
    auto found = get(name);
    if (!found) throw error{errc::invalid_argument, fmt::format("expected {}", name)};
    return std::move(*found);
}

std::vector<std::string> const& verb_call::list(std::string_view name) const {
    static std::vector<std::string> const none;
    auto const found = self_->lists.find(name);
    return found == self_->lists.end() ? none : found->second;
}

bool verb_call::flag(std::string_view name) const {
    auto const found = self_->flags.find(name);
    return found != self_->flags.end() && found->second;
}

std::optional<std::int64_t> verb_call::number(std::string_view name) const {
    auto const text = get(name);
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    auto const [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failed != std::errc{} || end != text->data() + text->size() || value < 0) {
        throw error{errc::invalid_argument,
                    fmt::format("{}: expected a whole number, found '{}'", name, *text)};
    }
    return value;
}

std::optional<std::int64_t> verb_call::limit() const {
    auto const limit = number("--limit");
    if (!limit || *limit >= 1) return limit;
    throw error{errc::invalid_argument, fmt::format("--limit is 1 or more, found {}", *limit)};
}

recount::application& verb_call::application() {
    return application_of(store());
}

recount::application& verb_call::application_of(std::string const& store) {
    auto& opened = self_->opened[store];
    if (!opened) opened = self_->connect().open(*self_->parts, store);
    return *opened;
}

std::string const& verb_call::url() { return self_->connect().url(); }
application_parts const& verb_call::parts() const { return *self_->parts; }
std::string verb_call::program() const { return self_->database.program; }
std::string verb_call::store() const { return self_->database.store; }
std::vector<std::string> verb_call::stores() const {
    return self_->stores.size() > 1 ? self_->stores : std::vector{store()};
}
void verb_call::use_store(std::string_view name) {
    assert_that(self_->opened.empty(), "a store is chosen before the application is opened");
    if (self_->database.store == store_default) self_->database.store = name;
}
void verb_call::apply_migrations(bool yes) {
    assert_that(self_->opened.empty(), "migrations are applied before anything is opened");
    self_->database.pending = yes ? pending_migrations::apply : pending_migrations::refuse_serving;
}
bool verb_call::private_database() { return self_->connect().is_private(); }
bool verb_call::database_runs() { return self_->connect().runs(); }
void verb_call::revive_database() { self_->connect().revive(); }
bool verb_call::json() const { return self_->json; }
bool verb_call::quiet() const { return self_->quiet; }

progress::style verb_call::progress_style() const {
    if (quiet()) return progress::style::none;
    return json() ? progress::style::json : progress::style::automatic;
}

void verb_call::catch_up() {
    auto& app = application();
    app.catch_up([&](projection_descriptor const& p) {
        auto const head = static_cast<std::uint64_t>(app.log().head().position);
        auto const bar = std::make_shared<progress>(std::string{p.name}, head, progress_style());
        projection_run_hooks hooks;
        hooks.progress = [bar](position at) { bar->update(static_cast<std::uint64_t>(at)); };
        hooks.stop_wanted = &stop_wanted;
        return hooks;
    });
}

void verb_call::catch_up_or_note() {
    static_cast<void>(application());  // what is wrong with the store is a failure
    try {
        catch_up();
    } catch (error const& failure) {
        if (failure.code() == errc::database_unreachable) throw;
        note(fmt::format("warning: a table stands still: {}", failure.what()));
    }
}

void verb_call::line(std::string_view text) const { fmt::print("{}\n", text); }

void verb_call::note(std::string_view text) const {
    if (!self_->quiet) fmt::print(stderr, "{}\n", text);
}

namespace {

bool right_aligned(describe::kind k) {
    return k == describe::kind::money || k == describe::kind::decimal ||
           k == describe::kind::float64 ||
           (k >= describe::kind::int8 && k <= describe::kind::uint64);
}

describe::type_descriptor const& bare(describe::type_descriptor const& type) {
    return type.kind == describe::kind::optional ? type.optional->element() : type;
}

// A cell for a person: text without quotes, nothing for what is absent.
std::string cell_of(describe::type_descriptor const& type, void const* value) {
    if (type.kind == describe::kind::optional) {
        auto const* const inner = type.optional->get(value);
        return inner == nullptr ? std::string{} : cell_of(bare(type), inner);
    }
    if (type.kind == describe::kind::string) return *static_cast<std::string const*>(value);
    std::string text;
    describe::append_text(text, type, value);
    return text;
}

}  // namespace

void verb_call::print_rows(projection_descriptor const& p,
                           std::vector<stored_row> const& rows) const {
    auto const& shape = p.rows->shape();
    if (json()) {
        for (auto const& row : rows) {
            std::string text;
            describe::write_json(text, shape, row.object.get());
            line(text);
        }
        return;
    }
    std::vector<text_column> columns;
    for (auto const& field : shape.fields) {
        columns.push_back({std::string{field.name}, right_aligned(bare(field.type()).kind)});
    }
    text_table table{std::move(columns)};
    for (auto const& row : rows) {
        std::vector<std::string> cells;
        for (auto const& field : shape.fields) {
            cells.push_back(cell_of(field.type(), field.read(row.object.get())));
        }
        table.add(std::move(cells));
    }
    fmt::print("{}", table.text());
}

}  // namespace recount
