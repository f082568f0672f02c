// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/head_guard.hpp"

#include <algorithm>
#include <charconv>

#include <recount/core/plain_text.hpp>
#include <recount/core/text.hpp>

#include "http/characters.hpp"

namespace recount::http::detail {

namespace {

using verdict = std::optional<refusal>;  // nothing: go on

refusal malformed(std::string_view sentence) noexcept {
    return {400, "malformed_request", sentence};
}

// What is in front of `end`, which is taken away with it; all of it where there is no `end`.
std::string_view take_until(std::string_view& text, std::string_view end) noexcept {
    auto const at = text.find(end);
    auto const part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
    return part;
}

verdict read_version(std::string_view text, request_head& head) {
    bool const shaped = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                        text[6] == '.' && is_digit(text[7]);
    if (!shaped) return malformed("the request line does not end with a version of HTTP");
    if (text != "HTTP/1.1" && text != "HTTP/1.0") {
        return refusal{505, "unsupported_version", "this server speaks HTTP/1.1 and HTTP/1.0"};
    }
    head.minor_version = text[7] - '0';
    return {};
}

verdict read_request_line(std::string_view line, head_limits const& limits, request_head& head) {
    constexpr std::size_t method_bytes_max = 32;
    auto const method = take_until(line, " ");
    auto const target = take_until(line, " ");
    if (!is_token(method) || method.size() > method_bytes_max) {
        return malformed("the request does not begin with a method");
    }
    if (target.size() > limits.target_bytes_max) {
        return refusal{414, "target_too_long", "the target of the request is too long"};
    }
    if (target.empty()) return malformed("the request line has no target");
    head.method = method;
    head.target = target;
    return read_version(line, head);
}

verdict read_field(std::string_view line, request_head& head) {
    if (line.empty()) return malformed("the head goes on behind an empty line");
    if (line.front() == ' ' || line.front() == '\t') {
        return malformed("a header line is folded");
    }
    auto const colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return malformed("a header line does not begin with a name and a colon");
    }
    auto const value = trimmed(line.substr(colon + 1));
    if (!is_utf8(value)) return malformed("a header is not UTF-8");
    head.headers.emplace_back(lower(line.substr(0, colon)), value);
    return {};
}

verdict read_fields(std::string_view lines, head_limits const& limits, request_head& head) {
    while (!lines.empty()) {
        if (head.headers.size() == limits.fields_max) {
            return refusal{431, "head_too_large", "the request has too many headers"};
        }
        if (auto no = read_field(take_until(lines, "\r\n"), head)) return no;
    }
    return {};
}

std::vector<std::string_view> values_of(request_head const& head, std::string_view name) {
    std::vector<std::string_view> values;
    for (auto const& [known, value] : head.headers) {
        if (known == name) values.push_back(value);
    }
    return values;
}

bool is_authority(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view{"-._~%:[]"}.find(c) != std::string_view::npos;
    });
}

verdict judge_host(request_head const& head) {
    auto const hosts = values_of(head, "host");
    if (hosts.size() > 1) return malformed("the request has more than one Host");
    if (hosts.empty()) {
        if (head.minor_version == 0) return {};
        return malformed("the request has no Host");
    }
    if (!is_authority(hosts.front())) return malformed("the Host is not the name of a host");
    return {};
}

verdict judge_length(std::string_view value, head_limits const& limits, request_head& head) {
    if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) {
        return malformed("the Content-Length is not a number");
    }
    auto const end = value.data() + value.size();
    auto const read = std::from_chars(value.data(), end, head.content_length);
    if (read.ec != std::errc{} || head.content_length > limits.body_bytes_max) {
        return refusal{413, "body_too_large", "the body of the request is too large"};
    }
    head.framing = body_framing::length;
    return {};
}

verdict judge_framing(head_limits const& limits, request_head& head) {
    auto const encodings = values_of(head, "transfer-encoding");
    auto const lengths = values_of(head, "content-length");
    if (!values_of(head, "trailer").empty()) return malformed("trailers are not taken");
    if (lengths.size() > 1) return malformed("the request has more than one Content-Length");
    if (encodings.empty()) {
        return lengths.empty() ? verdict{} : judge_length(lengths.front(), limits, head);
    }
    if (!lengths.empty()) {
        return malformed("the request has both a Content-Length and a Transfer-Encoding");
    }
    if (head.minor_version == 0) return malformed("HTTP/1.0 has no Transfer-Encoding");
    if (encodings.size() > 1 || lower(encodings.front()) != "chunked") {
        return malformed("the only Transfer-Encoding that is taken is chunked");
    }
    head.framing = body_framing::chunked;
    return {};
}

void judge_persistence(request_head& head) {
    bool close = false;
    bool keep = false;
    for (auto value : values_of(head, "connection")) {
        while (!value.empty()) {
            auto const option = lower(trimmed(take_until(value, ",")));
            close = close || option == "close";
            keep = keep || option == "keep-alive";
        }
    }
    head.keep_alive = !close && (keep || head.minor_version == 1);
}

verdict judge_expectation(request_head& head) {
    if (head.minor_version == 0) return {};  // unknown to it: to be ignored
    for (auto const value : values_of(head, "expect")) {
        if (lower(value) != "100-continue") {
            return refusal{417, "unknown_expectation", "only 100-continue can be expected"};
        }
        head.expects_continue = head.framing != body_framing::none;
    }
    return {};
}

// origin-form as it is; absolute-form if it names the host that Host names; "*" for OPTIONS.
verdict judge_target(request_head& head) {
    std::string_view target = head.target;
    if (head.method == "CONNECT") {
        return refusal{501, "not_implemented", "this server is no proxy"};
    }
    if (target == "*" && head.method == "OPTIONS") return {};
    if (target.front() != '/') {
        auto const scheme = lower(take_until(target, "://"));
        auto const authority = target.substr(0, target.find_first_of("/?"));
        auto const hosts = values_of(head, "host");
        bool const ours = (scheme == "http" || scheme == "https") && is_authority(authority) &&
                          (hosts.empty() || lower(hosts.front()) == lower(authority));
        if (!ours) return malformed("the target is neither a path nor the address of this host");
        target.remove_prefix(authority.size());
    }
    std::string const path = target.starts_with('/') ? std::string{target}
                                                     : "/" + std::string{target};
    auto where = parse_target(path);
    if (!where) return malformed("the target is not a well-formed path");
    head.where = *std::move(where);
    return {};
}

}  // namespace

std::optional<refusal> offence_in(std::string_view head, std::size_t from) noexcept {
    for (auto at = from; at < head.size(); ++at) {
        auto const c = head[at];
        if (!is_control(c) || c == '\t') continue;
        if (c == '\r') {
            if (at + 1 == head.size() || head[at + 1] == '\n') continue;
            return malformed("a carriage return has no line feed behind it");
        }
        if (c != '\n') return malformed("the head holds a control character");
        if (at == 0 || head[at - 1] != '\r') {
            return malformed("a line feed has no carriage return before it");
        }
    }
    return {};
}

judged_head judge_head(std::string_view raw, head_limits const& limits) {
    if (auto no = offence_in(raw, 0)) return *no;
    if (!raw.ends_with("\r\n\r\n")) return malformed("the head does not end with an empty line");
    raw.remove_suffix(2);  // each line is left with its end
    request_head head;
    if (auto no = read_request_line(take_until(raw, "\r\n"), limits, head)) return *no;
    if (auto no = read_fields(raw, limits, head)) return *no;
    if (auto no = judge_host(head)) return *no;
    if (auto no = judge_framing(limits, head)) return *no;
    if (auto no = judge_target(head)) return *no;
    if (auto no = judge_expectation(head)) return *no;
    judge_persistence(head);
    return head;
}

}  // namespace recount::http::detail
