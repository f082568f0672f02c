// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the framework does, as structured lines for one callback of the program's. (`recount::log`
// is the event log; this is the other kind.)
//
//     recount::logging::set_sink([](recount::logging::line const& l) {
//         my_logger(l.level, l.event, l.text, l.fields);
//     }, recount::logging::level::info);
//
//     auto const scope = recount::logging::correlate(to_string(request_id));   // this thread
//     recount::logging::write(recount::logging::level::info, "import.done",
//                             "imported 28,205 rows", {{"rows", "28205"}});
//
// `RECOUNT_LOG=trace` (debug, info, warning, error, off) gives an application lines of text on
// stderr, `RECOUNT_LOG=trace,json` one JSON object a line. Every event name is in
// docs/reference/logging.md.
// Thread safety: every function from any thread; a sink is called by one thread at a time and must
// not write lines itself. Cost: one relaxed load where the level is not wanted.
// Errors: none; a sink that throws is not asked again for that line.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <recount/core/time.hpp>

namespace recount::logging {

enum class level : std::uint8_t { trace, debug, info, warning, error, off };
[[nodiscard]] std::string_view to_string(level l) noexcept;
// Nothing for a word that is no level.
[[nodiscard]] std::optional<level> level_from(std::string_view word) noexcept;

struct field {
    std::string_view name;       // "query", "rows", "elapsed_us"
    std::string value;
};

struct line {
    recount::timestamp at;
    logging::level level = level::info;
    std::string_view event;          // a stable name: "command.rejected"
    std::string_view text;           // a sentence for a person
    std::string_view correlation;    // of the thread's scope; empty outside of one
    std::span<field const> fields;
};

using sink = std::function<void(line const&)>;
// Takes the place of the one before; an empty one switches logging off.
void set_sink(sink to, level least = level::info);
// One line of text, or one JSON object, a line on stderr.
[[nodiscard]] sink text_sink();
[[nodiscard]] sink json_sink();
// Sets one of those as the variable RECOUNT_LOG says; leaves a sink that is set alone when it is
// not. Throws errc::invalid_argument for words it does not know.
void set_sink_from_environment();

[[nodiscard]] bool enabled(level l) noexcept;
void write(level l, std::string_view event, std::string_view text,
           std::initializer_list<field> fields = {}) noexcept;

// While it lives, lines of this thread carry the correlation; scopes nest.
class correlation_scope {
public:
    explicit correlation_scope(std::string id);
    ~correlation_scope();
    correlation_scope(correlation_scope const&) = delete;
    correlation_scope& operator=(correlation_scope const&) = delete;

private:
    std::string before_;
};
[[nodiscard]] inline correlation_scope correlate(std::string id) {
    return correlation_scope{std::move(id)};
}

}  // namespace recount::logging
