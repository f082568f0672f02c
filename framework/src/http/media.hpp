// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Media types of a request: what it accepts, and what its body is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recount/http/message.hpp>

namespace recount::http {

struct route;

inline constexpr std::string_view media_json = "application/json";
inline constexpr std::string_view media_v1 = "application/vnd.recount.v1+json";
inline constexpr std::string_view media_events = "text/event-stream";

class accepted_media {
public:
    explicit accepted_media(request const& r);
    [[nodiscard]] bool names(std::string_view type) const noexcept;   // without wildcards
    [[nodiscard]] bool any_of(route const& to) const noexcept;
    // The name under which JSON goes out: that of the version, if it was asked for by it alone.
    [[nodiscard]] std::string json() const;

private:
    bool given_ = false;                 // without the header anything will do
    std::vector<std::string> types_;     // in lower case, those with q=0 left out

    [[nodiscard]] bool takes(std::string_view type) const noexcept;
};

// True for a body with a Content-Encoding that is to be undone.
[[nodiscard]] bool is_encoded(request const& r);
// True for a body of JSON: by its Content-Type, or without one.
[[nodiscard]] bool is_json_body(request const& r);

}  // namespace recount::http
