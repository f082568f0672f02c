// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/raw_json.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

namespace recount::describe {

// At the first quote with an even number of backslashes before it.
std::size_t end_of_string(std::string_view json, std::size_t at) {
    for (auto quote = json.find('"', at + 1);; quote = json.find('"', quote + 1)) {
        if (quote == std::string_view::npos) return json.size();
        auto text = quote;
        while (json[text - 1] == '\\') --text;
        if ((quote - text) % 2 == 0) return quote + 1;
    }
}

namespace {

// The text is known to be well-formed, so a scanner needs no more than strings and depth.
std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' ||
                                text[at] == '\r')) {
        ++at;
    }
    return at;
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') return end_of_string(text, at);
    if (text[at] != '{' && text[at] != '[') {
        return std::min(text.size(), text.find_first_of(",]} \t\r\n", at));
    }
    for (std::size_t depth = 0;;) {
        switch (text[at]) {
            case '"': at = end_of_string(text, at); continue;
            case '{':
            case '[': ++depth; break;
            case '}':
            case ']':
                if (--depth == 0) return at + 1;
                break;
            default: break;
        }
        ++at;
    }
}

std::string unquoted(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) {
        return std::string{text.substr(1, text.size() - 2)};
    }
    return nlohmann::json::parse(text).get<std::string>();
}

}  // namespace

raw_json raw_json::of(std::string_view text) {
    static_cast<void>(json_text::checked(std::string{text}));
    auto const begin = skip_space(text, 0);
    return {text.substr(begin, end_of_value(text, begin) - begin), "$"};
}

std::string raw_json::compact() const {
    std::string made;
    made.reserve(text_.size());
    for (std::size_t at = 0; at < text_.size(); at = skip_space(text_, at)) {
        auto const end = text_[at] == '"' ? end_of_string(text_, at) : at + 1;
        made += text_.substr(at, end - at);
        at = end;
    }
    return made;
}

void raw_json::expected(std::string_view what) const {
    throw error{errc::invalid_json,
                fmt::format("{}: expected {}, found {}", path_, what, excerpt(text_))};
}

std::vector<std::pair<std::string, raw_json>> raw_json::members() const {
    if (text_.front() != '{') expected("an object");
    std::vector<std::pair<std::string, raw_json>> found;
    for (auto at = skip_space(text_, 1); text_[at] != '}';) {
        auto const key_end = end_of_string(text_, at);
        auto key = unquoted(text_.substr(at, key_end - at));
        auto const begin = skip_space(text_, skip_space(text_, key_end) + 1);
        auto const end = end_of_value(text_, begin);
        auto path = fmt::format("{}.{}", path_, excerpt(key));
        found.emplace_back(std::move(key),
                           raw_json{text_.substr(begin, end - begin), std::move(path)});
        at = skip_space(text_, end);
        if (text_[at] == ',') at = skip_space(text_, at + 1);
    }
    return found;
}

std::vector<raw_json> raw_json::elements() const {
    if (text_.front() != '[') expected("an array");
    std::vector<raw_json> found;
    for (auto at = skip_space(text_, 1); text_[at] != ']';) {
        auto const end = end_of_value(text_, at);
        found.push_back({text_.substr(at, end - at), fmt::format("{}[{}]", path_, found.size())});
        at = skip_space(text_, end);
        if (text_[at] == ',') at = skip_space(text_, at + 1);
    }
    return found;
}

std::string raw_json::string() const {
    if (!is_string()) expected("a string");
    return unquoted(text_);
}

std::int64_t raw_json::integer(std::int64_t min, std::int64_t max) const {
    std::int64_t value{};
    auto const* const last = text_.data() + text_.size();
    auto const [end, failure] = std::from_chars(text_.data(), last, value);
    if (failure != std::errc{} || end != last || value < min || value > max) {
        expected(fmt::format("an integer from {} to {}", min, max));
    }
    return value;
}

bool raw_json::boolean() const {
    if (text_ != "true" && text_ != "false") expected("true or false");
    return text_ == "true";
}

uuid raw_json::id() const {
    if (!is_string() || !is_uuid(unquoted(text_))) expected("a UUID");
    return uuid_from_string(unquoted(text_));
}

timestamp raw_json::time() const {
    try {
        return timestamp_from_string(string());
    } catch (error const& e) {
        if (e.code() == errc::invalid_json) throw;
        expected("a timestamp like \"2026-01-31T23:59:59.123456Z\"");
    }
}

std::optional<raw_json> raw_object::take(std::string_view name) {
    if (!tolerant_) asked_.push_back(name);
    auto const found = std::find_if(members_.begin(), members_.end(),
                                    [&](auto const& m) { return m.first == name; });
    if (found == members_.end()) return {};
    auto value = std::move(found->second);
    members_.erase(found);
    return value;
}

raw_json raw_object::need(std::string_view name) {
    auto value = take(name);
    if (!value) throw error{errc::invalid_json, fmt::format("{}.{}: missing field", path_, name)};
    return *std::move(value);
}

void raw_object::finish() const {
    if (tolerant_ || members_.empty()) return;
    throw error{errc::invalid_json,
                fmt::format("{}: unknown field, expected {}", members_.front().second.path(),
                            asked_.empty() ? "none" : fmt::to_string(fmt::join(asked_, ", ")))};
}

}  // namespace recount::describe
