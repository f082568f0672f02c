// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/logging.hpp>

#include <array>
#include <atomic>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

namespace recount::logging {

namespace {

constexpr std::array<std::string_view, 6> level_words{"trace",   "debug", "info",
                                                      "warning", "error", "off"};

constinit std::atomic<level> least_wanted{level::off};

struct receiver {
    std::mutex mutex;
    sink to;
};

// Never destroyed: lines are written until the very end of the program.
receiver& the_receiver() {
    static auto* const only = new receiver;
    return *only;
}

// A sink that writes a line itself would wait for itself for ever; its line is dropped.
thread_local bool in_sink = false;
thread_local std::string thread_correlation;

struct sink_mark {
    sink_mark() noexcept { in_sink = true; }
    ~sink_mark() { in_sink = false; }
};

// One call, so that lines of several processes on one stderr are not mixed.
void put_line(std::string& text) {
    text += '\n';
    std::fwrite(text.data(), 1, text.size(), stderr);
}

bool is_plain(std::string_view value) noexcept {
    for (char const c : value) {
        if (c <= ' ' || c == '"' || c == '\\' || c > '~') return false;
    }
    return !value.empty();
}

void append_value(std::string& to, std::string_view value) {
    if (is_plain(value)) {
        to += value;
    } else {
        describe::append_quoted(to, value);
    }
}

void put_text(line const& l) {
    auto text = fmt::format("{} {:7} {:20} {}", recount::to_string(l.at), to_string(l.level),
                            l.event, printable_utf8(l.text));
    for (auto const& f : l.fields) {
        text += fmt::format(" {}=", f.name);
        append_value(text, f.value);
    }
    if (!l.correlation.empty()) {
        text += " correlation=";
        append_value(text, l.correlation);
    }
    put_line(text);
}

void put_json(line const& l) {
    auto text = fmt::format(R"({{"at":"{}","level":"{}","event":)", recount::to_string(l.at),
                            to_string(l.level));
    describe::append_quoted(text, l.event);
    text += R"(,"text":)";
    describe::append_quoted(text, l.text);
    if (!l.correlation.empty()) {
        text += R"(,"correlation":)";
        describe::append_quoted(text, l.correlation);
    }
    text += R"(,"fields":{)";
    for (auto const& f : l.fields) {
        if (&f != l.fields.data()) text += ',';
        describe::append_quoted(text, f.name);
        text += ':';
        describe::append_quoted(text, f.value);
    }
    text += "}}";
    put_line(text);
}

}  // namespace

std::string_view to_string(level l) noexcept {
    auto const index = static_cast<std::size_t>(l);
    return index < level_words.size() ? level_words[index] : "unknown";
}

std::optional<level> level_from(std::string_view word) noexcept {
    for (std::size_t i = 0; i < level_words.size(); ++i) {
        if (level_words[i] == word) return static_cast<level>(i);
    }
    return std::nullopt;
}

void set_sink(sink to, level least) {
    auto& receiver = the_receiver();
    std::lock_guard const hold{receiver.mutex};
    least_wanted.store(to ? least : level::off, std::memory_order_relaxed);
    std::swap(receiver.to, to);
}

sink text_sink() { return &put_text; }
sink json_sink() { return &put_json; }

void set_sink_from_environment() {
    char const* const value = std::getenv("RECOUNT_LOG");
    if (value == nullptr || *value == '\0') return;
    std::string_view const words = value;
    auto const comma = words.find(',');
    auto const wanted = level_from(words.substr(0, comma));
    auto const form = comma == std::string_view::npos ? "text" : words.substr(comma + 1);
    if (!wanted || (form != "text" && form != "json")) {
        throw error{errc::invalid_argument,
                    fmt::format("RECOUNT_LOG is '{}': expected trace, debug, info, warning, error "
                                "or off, and perhaps ,json behind it",
                                excerpt(words))};
    }
    set_sink(form == "json" ? json_sink() : text_sink(), *wanted);
}

bool enabled(level l) noexcept {
    return l >= least_wanted.load(std::memory_order_relaxed) && l != level::off;
}

void write(level l, std::string_view event, std::string_view text,
           std::initializer_list<field> fields) noexcept {
    assert(find_event(event) != nullptr || !is_reserved(event));
    if (!enabled(l) || in_sink) return;
    try {
        auto& receiver = the_receiver();
        std::lock_guard const hold{receiver.mutex};
        if (!receiver.to) return;
        sink_mark const mark;
        receiver.to({now(), l, event, text, thread_correlation,
                     std::span{fields.begin(), fields.size()}});
    } catch (...) {
        // Whoever cannot log has nobody to tell.
    }
}

correlation_scope::correlation_scope(std::string id)
    : before_{std::exchange(thread_correlation, std::move(id))} {}
correlation_scope::~correlation_scope() { thread_correlation = std::move(before_); }

}  // namespace recount::logging
