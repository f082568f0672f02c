// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Values of a JSON text by the bytes they are written in, for what is kept as it came: a payload
// inside a restructure, a line of an import. (What is read into described types goes by json.hpp.)
//
//     describe::raw_object o{describe::raw_json::of(text)};  // checked: well-formed, <= 64 levels
//     auto const id = o.need("event").id();
//     auto const payload = o.need("payload").compact();
//     o.finish();                                            // refuses what was not asked for
//
// Thread safety: values. Lifetimes: they are views into the text. Errors: errc::invalid_json with
// the path of the value. Cost: the text is parsed once to check it and scanned once a level asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>

namespace recount::describe {

class raw_json {
public:
    // `text` must outlive the values.
    [[nodiscard]] static raw_json of(std::string_view text);

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::string compact() const;   // without white space between its parts
    [[nodiscard]] std::string const& path() const noexcept { return path_; }
    [[nodiscard]] std::vector<std::pair<std::string, raw_json>> members() const;
    [[nodiscard]] std::vector<raw_json> elements() const;
    [[nodiscard]] std::string string() const;
    [[nodiscard]] std::int64_t integer(std::int64_t min, std::int64_t max) const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] uuid id() const;
    [[nodiscard]] timestamp time() const;
    [[nodiscard]] bool is_string() const noexcept { return text_.front() == '"'; }
    [[noreturn]] void expected(std::string_view what) const;

private:
    raw_json(std::string_view text, std::string path) : text_{text}, path_{std::move(path)} {}
    std::string_view text_;
    std::string path_;
};

class raw_object {
public:
    // A tolerant reader ignores members that it does not know.
    explicit raw_object(raw_json const& value, bool tolerant = false)
        : path_{value.path()}, members_{value.members()}, tolerant_{tolerant} {}
    // The names outlive the reader: they are literals.
    [[nodiscard]] std::optional<raw_json> take(std::string_view name);
    [[nodiscard]] raw_json need(std::string_view name);
    // Refuses what nobody asked for, and says what was: so ask for all that may be there.
    void finish() const;

private:
    std::string path_;
    std::vector<std::pair<std::string, raw_json>> members_;
    bool tolerant_;
    std::vector<std::string_view> asked_;  // of a strict reader
};

// For a scan of text that is known to be well-formed: behind the string that begins at `at`.
[[nodiscard]] std::size_t end_of_string(std::string_view json, std::size_t at);

}  // namespace recount::describe
