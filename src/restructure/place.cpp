// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The key of a place: the root's position (8 bytes big-endian) and index (2), then for each step a
// sign and the same ten bytes, then the sign for "here". The signs sort left of a node, the node,
// right of it; right of it the ten bytes are inverted, since the newest comes first there.
#include <recount/restructure/place.hpp>

#include <charconv>

#include <fmt/format.h>

#include <recount/core/error.hpp>

namespace recount::history {

namespace {

constexpr char left = 0;
constexpr char here = 1;
constexpr char right = 2;
constexpr std::size_t number_bytes = 10;
constexpr std::size_t step_bytes = 1 + number_bytes;

void append_number(std::string& key, position p, std::uint16_t n, bool inverted) {
    auto const flip = inverted ? 0xFFU : 0U;
    auto const high = static_cast<std::uint64_t>(p);
    for (int shift = 56; shift >= 0; shift -= 8) {
        key += static_cast<char>(((high >> static_cast<unsigned>(shift)) & 0xFFU) ^ flip);
    }
    key += static_cast<char>((n >> 8U) ^ flip);
    key += static_cast<char>((n & 0xFFU) ^ flip);
}

struct number {
    position p;
    std::uint16_t n;
};

number number_at(std::string const& key, std::size_t at, bool inverted) {
    auto const flip = inverted ? 0xFFU : 0U;
    auto const octet = [&](std::size_t i) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(key[at + i]) ^ flip);
    };
    std::uint64_t high = 0;
    for (std::size_t i = 0; i < 8; ++i) high = high << 8U | octet(i);
    return {static_cast<position>(high), static_cast<std::uint16_t>(octet(8) << 8U | octet(9))};
}

// A number without sign and leading zeros, taken off the front of `text`.
template <class Integer> std::optional<Integer> take_number(std::string_view& text) {
    Integer value{};
    if (text.empty() || text.front() < '0' || text.front() > '9') return {};
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{}) return {};
    auto const length = static_cast<std::size_t>(end - text.data());
    if (text.front() == '0' && length > 1) return {};
    text.remove_prefix(length);
    return value;
}

std::optional<number> take_pair(std::string_view& text, position own) {
    auto const p = take_number<position>(text);
    if (!p || *p == own_position || !text.starts_with('.')) return {};
    text.remove_prefix(1);
    auto const n = take_number<std::uint16_t>(text);
    if (!n) return {};
    return number{*p == 0 ? own : *p, *n};
}

}  // namespace

place place::root(position p, std::uint16_t index) {
    place made;
    append_number(made.key_, p, index, false);
    made.key_ += here;
    return made;
}

place place::child(side s, position p, std::uint16_t operation) const {
    if (steps() >= limits::place_steps_max) {
        throw error{errc::limit_exceeded,
                    fmt::format("a place of {} steps has no room for another; put the slot beside "
                                "one that is less deep",
                                limits::place_steps_max)};
    }
    place made;
    made.key_.reserve(key_.size() + step_bytes);
    made.key_ = key_;
    made.key_.back() = s == side::before ? left : right;
    append_number(made.key_, p, operation, s == side::after);
    made.key_ += here;
    return made;
}

std::size_t place::steps() const noexcept {
    return key_.empty() ? 0 : key_.size() / step_bytes - 1;
}

position place::made_at() const {
    if (nowhere()) return 0;
    if (steps() == 0) return number_at(key_, 0, false).p;
    auto const last = key_.size() - 1 - step_bytes;
    return number_at(key_, last + 1, key_[last] == right).p;
}

std::optional<place> place::parent() const {
    if (steps() == 0) return {};
    place above;
    above.key_ = key_.substr(0, key_.size() - step_bytes);
    above.key_.back() = here;
    return above;
}

std::string place::text(position own) const {
    if (nowhere()) return {};
    std::string written;
    auto const write = [&](number const& at) {
        bool const itself = at.p == own || at.p == own_position;
        fmt::format_to(std::back_inserter(written), "{}.{}", itself ? 0 : at.p, at.n);
    };
    write(number_at(key_, 0, false));
    for (std::size_t at = number_bytes; key_[at] != here; at += step_bytes) {
        bool const after = key_[at] == right;
        written += after ? '>' : '<';
        write(number_at(key_, at + 1, after));
    }
    return written;
}

std::optional<place> place::from_text(std::string_view text, position own) {
    auto const first = take_pair(text, own);
    if (!first) return {};
    auto made = root(first->p, first->n);
    for (std::size_t steps = 0; !text.empty(); ++steps) {
        bool const side = text.front() == '>' || text.front() == '<';
        if (steps == limits::place_steps_max || !side) return {};
        bool const after = text.front() == '>';
        text.remove_prefix(1);
        auto const step = take_pair(text, own);
        if (!step) return {};
        made.key_.back() = after ? right : left;
        append_number(made.key_, step->p, step->n, after);
        made.key_ += here;
    }
    return made;
}

}  // namespace recount::history
