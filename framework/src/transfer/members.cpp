// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer/members.hpp"

#include <nlohmann/json.hpp>

#include <recount/describe/json.hpp>

namespace recount::detail {

namespace {

// Walks text that is known to be well-formed.
class scanner {
public:
    explicit scanner(std::string_view text) : text_{text} {}

    void space() {
        while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) !=
                                         std::string_view::npos) {
            ++at_;
        }
    }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip() { ++at_; }

    std::string_view value() {
        auto const begin = at_;
        std::size_t depth = 0;
        do {
            auto const c = peek();
            if (c == '"') {
                string();
            } else {
                if (c == '{' || c == '[') ++depth;
                if (c == '}' || c == ']') --depth;
                ++at_;
                if (depth == 0 && c != '}' && c != ']') plain();
            }
        } while (depth > 0);
        return text_.substr(begin, at_ - begin);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;

    void string() {
        for (++at_; peek() != '"'; ++at_) {
            if (peek() == '\\') ++at_;
        }
        ++at_;
    }
    // The rest of a number or a word.
    void plain() {
        while (at_ < text_.size() &&
               std::string_view{",]} \t\r\n"}.find(peek()) == std::string_view::npos) {
            ++at_;
        }
    }
};

}  // namespace

std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view object) {
    static_cast<void>(json_text::checked(std::string{object}));
    scanner scan{object};
    scan.space();
    if (scan.peek() != '{') throw error{errc::invalid_json, "$: expected an object"};
    scan.skip();
    std::vector<std::pair<std::string, std::string_view>> members;
    for (scan.space(); scan.peek() != '}'; scan.space()) {
        if (scan.peek() == ',') {
            scan.skip();
            scan.space();
        }
        auto name = nlohmann::json::parse(scan.value()).get<std::string>();
        scan.space();
        scan.skip();  // the colon
        scan.space();
        members.emplace_back(std::move(name), scan.value());
    }
    return members;
}

std::string without_spaces(std::string_view json) {
    std::string text;
    text.reserve(json.size());
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        auto const c = json[i];
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
        text += c;
        if (quoted && c == '\\') text += json[++i];
    }
    return text;
}

}  // namespace recount::detail
