// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/media.hpp"

#include <algorithm>

#include "http/api_routes.hpp"
#include "http/characters.hpp"

namespace recount::http {

using detail::lower;
using detail::trimmed;

namespace {

// Calls `each` with every part between the separators. (No media type that is of interest here has
// a quoted parameter.)
template <class Each>
void split(std::string_view text, char separator, Each each) {
    while (!text.empty()) {
        auto const end = std::min(text.find(separator), text.size());
        each(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

bool is_zero(std::string_view quality) {
    return !quality.empty() &&
           std::all_of(quality.begin(), quality.end(), [](char c) { return c == '0' || c == '.'; });
}

}  // namespace

accepted_media::accepted_media(request const& r) {
    for (auto const& [name, value] : r.headers) {
        if (name != "accept") continue;
        split(value, ',', [&](std::string_view range) {
            if (range.empty()) return;
            given_ = true;
            std::string type;
            bool refused = false;
            split(range, ';', [&](std::string_view part) {
                if (type.empty()) type = lower(part);
                if (lower(part).starts_with("q=")) refused = is_zero(part.substr(2));
            });
            if (!refused) types_.push_back(std::move(type));
        });
    }
}

bool accepted_media::names(std::string_view type) const noexcept {
    return std::find(types_.begin(), types_.end(), type) != types_.end();
}

bool accepted_media::takes(std::string_view type) const noexcept {
    return std::any_of(types_.begin(), types_.end(), [&](std::string const& range) {
        if (range == "*/*" || range == type) return true;
        return range.ends_with("/*") &&
               type.starts_with(std::string_view{range}.substr(0, range.size() - 1));
    });
}

bool accepted_media::any_of(route const& to) const noexcept {
    if (!given_ || takes(media_json) || takes(media_v1)) return true;
    return std::any_of(to.answers.begin(), to.answers.end(), [&](route_answer const& a) {
        return a.status == 200 && takes(a.media);
    });
}

std::string accepted_media::json() const {
    bool const by_version = names(media_v1) && !takes(media_json);
    return std::string{by_version ? media_v1 : media_json};
}

bool is_encoded(request const& r) {
    auto const* const coding = r.header("content-encoding");
    return coding != nullptr && lower(trimmed(*coding)) != "identity";
}

bool is_json_body(request const& r) {
    auto const* const value = r.header("content-type");
    if (value == nullptr || is_encoded(r)) return false;
    auto const semicolon = std::min(value->find(';'), value->size());
    auto const type = lower(trimmed(value->substr(0, semicolon)));
    auto const rest = lower(trimmed(value->substr(semicolon)));
    bool const plain = rest.find("charset") == std::string::npos ||
                       rest.find("charset=utf-8") != std::string::npos ||
                       rest.find("charset=\"utf-8\"") != std::string::npos;
    return plain && (type == media_json || type == media_v1);
}

}  // namespace recount::http
