// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/print.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include <recount/core/limits.hpp>
#include <recount/core/sha256.hpp>
#include <recount/describe/json.hpp>

#include "objects.hpp"

namespace recount::describe {

namespace {

// Prints whatever a value may be, broken ones too: a message about a failure must not fail.
class printer {
public:
    explicit printer(std::string& to) : to_{to} {}

    void value(type_descriptor const& type, void const* o) {
        if (depth_ == limits::json_depth_max) {
            to_ += "…";
            return;
        }
        ++depth_;
        switch (type.kind) {
            case kind::structure: structure(type, o); break;
            case kind::vector: vector(type, o); break;
            case kind::map: map(type, o); break;
            case kind::variant: variant(type, o); break;
            case kind::optional: optional(type, o); break;
            default: scalar(type, o); break;
        }
        --depth_;
    }

private:
    void scalar(type_descriptor const& type, void const* o) {
        switch (type.kind) {
            case kind::boolean: to_ += as<bool>(o) ? "true" : "false"; return;
            case kind::int8: number(as<std::int8_t>(o)); return;
            case kind::int16: number(as<std::int16_t>(o)); return;
            case kind::int32: number(as<std::int32_t>(o)); return;
            case kind::int64: number(as<std::int64_t>(o)); return;
            case kind::uint8: number(as<std::uint8_t>(o)); return;
            case kind::uint16: number(as<std::uint16_t>(o)); return;
            case kind::uint32: number(as<std::uint32_t>(o)); return;
            case kind::uint64: number(as<std::uint64_t>(o)); return;
            case kind::float64: number(as<double>(o)); return;
            case kind::decimal: to_ += recount::to_string(as<decimal>(o)); return;
            case kind::string: append_quoted(to_, as<std::string>(o)); return;
            case kind::bytes: octets(as<bytes>(o)); return;
            case kind::enumeration: enumerator(type, o); return;
            case kind::timestamp: to_ += recount::to_string(as<timestamp>(o)); return;
            case kind::date: to_ += recount::to_string(as<date>(o)); return;
            case kind::duration: to_ += recount::to_string(as<duration>(o)); return;
            case kind::money: to_ += recount::to_string(as<money>(o)); return;
            case kind::uuid: to_ += recount::to_string(as<uuid>(o)); return;
            default: to_ += "?"; return;
        }
    }

    template <class Number> void number(Number n) {
        std::array<char, 32> digits;
        to_.append(digits.data(),
                   std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr);
    }

    void octets(bytes const& b) {
        constexpr std::size_t printed_max = 32;
        auto const shown = std::span{b}.first(std::min(b.size(), printed_max));
        to_ += "0x" + to_hex(shown);
        if (b.size() > printed_max) to_ += "…";
    }

    void enumerator(type_descriptor const& type, void const* o) {
        auto const v = type.enumeration->get(o);
        if (auto const* const found = find_enumerator(type, v)) {
            to_ += found->name;
        } else {
            to_ += '(';
            number(v);
            to_ += ')';
        }
    }

    void optional(type_descriptor const& type, void const* o) {
        auto const* const inside = type.optional->get(o);
        if (inside == nullptr) {
            to_ += "none";
        } else {
            value(type.optional->element(), inside);
        }
    }

    void structure(type_descriptor const& type, void const* o) {
        to_ += type.name;
        std::string_view separator = "{";
        for (auto const& field : type.fields) {
            to_ += separator;
            separator = ", ";
            to_ += field.name;
            to_ += ": ";
            value(field.type(), field.read(o));
        }
        to_ += type.fields.empty() ? "{}" : "}";
    }

    void vector(type_descriptor const& type, void const* o) {
        auto const size = type.vector->size(o);
        to_ += '[';
        for (std::size_t i = 0; i < size; ++i) {
            if (i > 0) to_ += ", ";
            value(type.vector->element(), type.vector->at(o, i));
        }
        to_ += ']';
    }

    void map(type_descriptor const& type, void const* o) {
        struct visit {
            printer& self;
            type_descriptor const& element;
            std::string_view separator;
        } context{*this, type.map->element(), ""};
        to_ += '{';
        type.map->each(o, &context, [](void* c, std::string_view key, void const* element) {
            auto& v = *static_cast<visit*>(c);
            v.self.to_ += v.separator;
            v.separator = ", ";
            append_quoted(v.self.to_, key);
            v.self.to_ += ": ";
            v.self.value(v.element, element);
        });
        to_ += '}';
    }

    void variant(type_descriptor const& type, void const* o) {
        auto const index = type.variant->index(o);
        if (index >= type.variant->alternatives.size()) {
            to_ += "(valueless)";
        } else {
            value(type.variant->alternatives[index](), type.variant->get(o));
        }
    }

    std::string& to_;
    std::size_t depth_ = 0;
};

}  // namespace

void append_text(std::string& to, type_descriptor const& type, void const* object) {
    printer{to}.value(type, object);
}

}  // namespace recount::describe
