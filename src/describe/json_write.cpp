// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include <recount/core/limits.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

#include "json_path.hpp"
#include "objects.hpp"

namespace recount::describe {

namespace {

// The way from the root to a value, one link a frame of the stack: it costs a few stores a value,
// and only a refusal makes text of it.
struct step {
    step const* parent = nullptr;
    std::string_view name;
    std::size_t index = 0;
    enum class what : std::uint8_t { root, field, index } is = what::root;

    void append_to(detail::json_path& path) const {
        if (parent != nullptr) parent->append_to(path);
        if (is == what::field) path.field(name);
        if (is == what::index) path.index(index);
    }
};

[[noreturn]] void refuse(step const& at, std::string_view sentence) {
    detail::json_path path;
    at.append_to(path);
    detail::refuse(path, sentence);
}

step field_of(step const& parent, std::string_view name) {
    return {&parent, name, 0, step::what::field};
}

constexpr std::array<bool, 256> make_escaped() {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}
constexpr auto escaped = make_escaped();

void append_escape(std::string& to, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"': to += "\\\""; return;
        case '\\': to += "\\\\"; return;
        case '\b': to += "\\b"; return;
        case '\f': to += "\\f"; return;
        case '\n': to += "\\n"; return;
        case '\r': to += "\\r"; return;
        case '\t': to += "\\t"; return;
        default:
            to += "\\u00";
            to += hex[c >> 4U];
            to += hex[c & 0xFU];
    }
}

// With the quotes; runs that need no escape are copied as a whole. Says nothing of UTF-8.
void append_string(std::string& to, std::string_view text) {
    to += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (!escaped[c]) continue;
        to.append(text, done, i - done);
        append_escape(to, c);
        done = i + 1;
    }
    to.append(text, done);
    to += '"';
}

// For text of our own making, in which nothing needs an escape.
void append_plain(std::string& to, std::string_view text) {
    to += '"';
    to += text;
    to += '"';
}

template <class Number> void append_number(std::string& to, Number value) {
    std::array<char, 32> digits;
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    to.append(digits.data(), end);
}

void append_double(std::string& to, double value, step const& at) {
    if (!std::isfinite(value)) refuse(at, fmt::format("expected a finite number, found {}", value));
    auto const begin = to.size();
    append_number(to, value);
    // Readers take digits alone for an integer: past 64 bits they would refuse it, and a negative
    // zero would lose its sign.
    constexpr double exact_integer_max = 9007199254740992.0;  // 2^53
    bool const large = std::abs(value) > exact_integer_max || (value == 0 && std::signbit(value));
    if (large && to.find_first_not_of("-0123456789", begin) == std::string::npos) to += ".0";
}

class writer {
public:
    explicit writer(std::string& to) : to_{to} {}

    void value(type_descriptor const& type, void const* o, step const& at) {
        if (is_container(type.kind)) {
            container(type, o, at);
        } else {
            scalar(type, o, at);
        }
    }

private:
    static constexpr bool is_container(kind k) noexcept {
        return k == kind::structure || k == kind::vector || k == kind::map || k == kind::variant ||
               k == kind::money;
    }

    void scalar(type_descriptor const& type, void const* o, step const& at) {
        switch (type.kind) {
            case kind::boolean: to_ += as<bool>(o) ? "true" : "false"; return;
            case kind::int8: append_number(to_, as<std::int8_t>(o)); return;
            case kind::int16: append_number(to_, as<std::int16_t>(o)); return;
            case kind::int32: append_number(to_, as<std::int32_t>(o)); return;
            case kind::int64: append_number(to_, as<std::int64_t>(o)); return;
            case kind::uint8: append_number(to_, as<std::uint8_t>(o)); return;
            case kind::uint16: append_number(to_, as<std::uint16_t>(o)); return;
            case kind::uint32: append_number(to_, as<std::uint32_t>(o)); return;
            case kind::uint64: append_number(to_, as<std::uint64_t>(o)); return;
            case kind::float64: append_double(to_, as<double>(o), at); return;
            case kind::string: string(as<std::string>(o), at); return;
            case kind::bytes: append_plain(to_, to_base64url(as<bytes>(o))); return;
            case kind::uuid: append_plain(to_, recount::to_string(as<uuid>(o))); return;
            case kind::duration: append_plain(to_, recount::to_string(as<duration>(o))); return;
            case kind::decimal: number(as<decimal>(o), at); return;
            case kind::timestamp: when(as<timestamp>(o), at); return;
            case kind::date: day(as<date>(o), at); return;
            case kind::enumeration: enumerator(type, o, at); return;
            case kind::optional: present(type, o, at); return;
            default: refuse(at, "a value of an unknown kind");
        }
    }

    void container(type_descriptor const& type, void const* o, step const& at) {
        if (depth_ == limits::json_depth_max) {
            refuse(at, fmt::format("more than {} levels", limits::json_depth_max));
        }
        ++depth_;
        switch (type.kind) {
            case kind::structure: structure(type, o, at); break;
            case kind::vector: vector(type, o, at); break;
            case kind::map: map(type, o, at); break;
            case kind::variant: variant(type, o, at); break;
            default: amount(as<money>(o), at); break;
        }
        --depth_;
    }

    void string(std::string_view text, step const& at) {
        if (text.find('\0') != std::string_view::npos) {
            refuse(at, "expected text without NUL, found U+0000");
        }
        if (auto const good = utf8_prefix(text); good != text.size()) {
            refuse(at, fmt::format("expected UTF-8, found an invalid byte at offset {}", good));
        }
        append_string(to_, text);
    }

    void number(decimal const& d, step const& at) {
        if (d.scale > decimal::scale_max) {
            refuse(at, fmt::format("expected a decimal of at most {} digits after the point, found "
                                   "a scale of {}",
                                   decimal::scale_max, d.scale));
        }
        append_plain(to_, recount::to_string(d));
    }

    void when(timestamp t, step const& at) {
        if (t < timestamp_min || t > timestamp_max) refuse(at, outside_calendar);
        append_plain(to_, recount::to_string(t));
    }

    void day(date d, step const& at) {
        if (d < date_min || d > date_max) refuse(at, outside_calendar);
        append_plain(to_, recount::to_string(d));
    }

    void enumerator(type_descriptor const& type, void const* o, step const& at) {
        auto const value = type.enumeration->get(o);
        auto const* const found = find_enumerator(type, value);
        if (found == nullptr) {
            refuse(at, fmt::format("expected {}, found the value {} that has no name",
                                   detail::expectation(type), value));
        }
        append_plain(to_, found->name);
    }

    // An optional field is left out by its structure; anywhere else absence has no form.
    void present(type_descriptor const& type, void const* o, step const& at) {
        auto const* const inside = type.optional->get(o);
        if (inside == nullptr) {
            refuse(at, "an absent value can only be left out of a structure");
        }
        value(type.optional->element(), inside, at);
    }

    void structure(type_descriptor const& type, void const* o, step const& at) {
        char separator = '{';
        for (auto const& field : type.fields) {
            auto const& field_type = field.type();
            auto const* const inside = field.read(o);
            if (field_type.kind == kind::optional && field_type.optional->get(inside) == nullptr) {
                continue;
            }
            to_ += separator;
            separator = ',';
            append_plain(to_, field.name);
            to_ += ':';
            value(field_type, inside, field_of(at, field.name));
        }
        if (separator == '{') to_ += '{';
        to_ += '}';
    }

    void vector(type_descriptor const& type, void const* o, step const& at) {
        auto const& element = type.vector->element();
        auto const size = type.vector->size(o);
        to_ += '[';
        for (std::size_t i = 0; i < size; ++i) {
            if (i > 0) to_ += ',';
            value(element, type.vector->at(o, i), step{&at, {}, i, step::what::index});
        }
        to_ += ']';
    }

    void map(type_descriptor const& type, void const* o, step const& at) {
        struct visit {
            writer& self;
            type_descriptor const& element;
            step const& at;
            char separator = '{';
        } context{*this, type.map->element(), at};
        type.map->each(o, &context, [](void* c, std::string_view key, void const* element) {
            auto& v = *static_cast<visit*>(c);
            auto const here = field_of(v.at, key);
            v.self.to_ += v.separator;
            v.separator = ',';
            v.self.string(key, here);
            v.self.to_ += ':';
            v.self.value(v.element, element, here);
        });
        if (context.separator == '{') to_ += '{';
        to_ += '}';
    }

    void variant(type_descriptor const& type, void const* o, step const& at) {
        auto const index = type.variant->index(o);
        if (index >= type.variant->alternatives.size()) {
            refuse(at, "a variant that lost its value to an exception");
        }
        auto const& alternative = type.variant->alternatives[index]();
        to_ += "{\"type\":";
        append_plain(to_, alternative.name);
        to_ += ",\"value\":";
        value(alternative, type.variant->get(o), field_of(at, "value"));
        to_ += '}';
    }

    void amount(money const& m, step const& at) {
        if (m.currency.empty() && m.minor != 0) {
            refuse(field_of(at, "currency"), "expected a currency, found an amount without one");
        }
        to_ += "{\"minor\":";
        append_number(to_, m.minor);
        to_ += ",\"currency\":";
        append_plain(to_, m.currency.text());
        to_ += '}';
    }

    static constexpr std::string_view outside_calendar =
        "expected a day in the years 0001 to 9999, found one outside";

    std::string& to_;
    std::size_t depth_ = 0;
};

}  // namespace

void write_json(std::string& to, type_descriptor const& type, void const* object) {
    constexpr std::size_t usual_bytes = 192;   // taken at once, and not bit by bit
    if (to.empty()) to.reserve(usual_bytes);
    auto const before = to.size();
    try {
        writer{to}.value(type, object, step{});
    } catch (...) {
        to.resize(before);  // half a value would spoil what the caller has written so far
        throw;
    }
}

void append_quoted(std::string& to, std::string_view text) {
    auto const good = utf8_prefix(text);
    if (good == text.size()) {
        append_string(to, text);
        return;
    }
    std::string whole;
    whole.reserve(text.size() + 8);
    for (;;) {
        auto const prefix = utf8_prefix(text);
        whole += text.substr(0, prefix);
        if (prefix == text.size()) break;
        whole += "\xEF\xBF\xBD";
        text.remove_prefix(prefix + 1);
    }
    append_string(to, whole);
}

}  // namespace recount::describe
