// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/columns.hpp>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/describe/json.hpp>

#include "column_text.hpp"
#include "objects.hpp"

namespace recount::describe {

namespace {

struct sql_types {
    std::string_view sql, cast;
};

// One column of it; what is no scalar in SQL is jsonb.
sql_types types_of(kind k) {
    switch (k) {
        case kind::boolean: return {"boolean", "boolean"};
        case kind::int8:
        case kind::int16:
        case kind::uint8: return {"smallint", "smallint"};
        case kind::int32:
        case kind::uint16: return {"integer", "integer"};
        case kind::int64:
        case kind::uint32: return {"bigint", "bigint"};
        case kind::uint64: return {"numeric(20)", "numeric(20)"};
        case kind::float64: return {"double precision", "double precision"};
        case kind::decimal: return {"numeric", "numeric"};
        case kind::string:
        case kind::enumeration: return {"text COLLATE \"C\"", "text"};
        case kind::bytes: return {"bytea", "bytea"};
        case kind::timestamp: return {"timestamptz", "timestamptz"};
        case kind::date: return {"date", "date"};
        case kind::duration: return {"interval", "interval"};
        case kind::uuid: return {"uuid", "uuid"};
        default: return {"jsonb", "jsonb"};
    }
}

bool is_jsonb(kind k) { return types_of(k).sql == "jsonb"; }

void check_names(std::vector<column> const& columns) {
    constexpr std::size_t identifier_bytes_max =
        63;  // PostgreSQL cuts longer ones without an error
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto const& name = columns[i].name;
        if (name.size() > identifier_bytes_max) {
            throw error{errc::invalid_argument,
                        fmt::format("the column {} has a name of {} bytes; at most {} are possible",
                                    name, name.size(), identifier_bytes_max)};
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (columns[j].name != name) continue;
            throw error{errc::invalid_argument, fmt::format("two fields need the column {}", name)};
        }
    }
}

// The field's type without its optional, and its value: nullptr when absent.
struct unwrapped {
    type_descriptor const& type;
    void const* object;
};
unwrapped unwrap(type_descriptor const& type, void const* object) {
    if (type.kind != kind::optional) return {type, object};
    return {type.optional->element(), type.optional->get(object)};
}

}  // namespace

std::vector<column> columns_of(type_descriptor const& structure) {
    if (structure.kind != kind::structure) {
        throw error{errc::invalid_argument, fmt::format("only a structure has columns, not a {}",
                                                        to_string(structure.kind))};
    }
    std::vector<column> columns;
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
        auto const& field = structure.fields[i];
        auto const& type = field.type();
        bool const nullable = type.kind == kind::optional;
        auto const k = nullable ? type.optional->element().kind : type.kind;
        std::string const name{field.name};
        if (k == kind::money) {
            columns.push_back(
                {name + "_minor", "bigint", "bigint", nullable, i, column::part::minor});
            columns.push_back(
                {name + "_currency", "char(3)", "char(3)", nullable, i, column::part::currency});
        } else {
            auto const types = types_of(k);
            columns.push_back({name, std::string{types.sql}, std::string{types.cast}, nullable, i,
                               column::part::whole});
        }
    }
    check_names(columns);
    return columns;
}

std::optional<std::string> column_text(type_descriptor const& structure, column const& which,
                                       void const* object) {
    auto const& field = structure.fields[which.field];
    auto const value = unwrap(field.type(), field.read(object));
    if (value.object == nullptr) return std::nullopt;
    if (value.type.kind == kind::money) {
        auto const& amount = as<money>(value.object);
        if (which.part == column::part::minor) return std::to_string(amount.minor);
        if (amount.minor != 0 && amount.currency.empty()) {
            throw error{errc::invalid_argument,
                        fmt::format("the column {} needs a currency for the amount {}", which.name,
                                    amount.minor)};
        }
        return std::string{amount.currency.text()};
    }
    if (is_jsonb(value.type.kind)) {
        std::string text;
        write_json(text, value.type, value.object);
        return text;
    }
    return detail::scalar_to_sql(value.type, value.object, which.name);
}

namespace {

[[noreturn]] void refuse(column const& which, std::string_view sentence) {
    throw error{errc::corrupted, fmt::format("the column {}: {}", which.name, sentence)};
}

// Both parts of an amount are there or neither is; columns come in order, the minor units first.
void set_currency(column const& which, std::string_view letters, money& amount) {
    while (letters.ends_with(' ')) letters.remove_suffix(1);  // char(3) pads
    if (!letters.empty() && !currency_code::valid(letters)) {
        refuse(which, "expected a currency of three capital letters, found " +
                          detail::quoted_excerpt(letters));
    }
    if (letters.empty() && amount.minor != 0) {
        refuse(which, fmt::format("expected a currency for the amount {}", amount.minor));
    }
    amount.currency = currency_code{letters};
}

void set_part(column const& which, std::string_view text, money& amount) {
    if (which.part == column::part::currency) {
        set_currency(which, text, amount);
    } else if (!detail::read_number(text, amount.minor)) {
        refuse(which, "expected an integer, found " + detail::quoted_excerpt(text));
    }
}

void set_value(column const& which, type_descriptor const& type, std::string_view text,
               void* object) {
    if (type.kind == kind::money) {
        set_part(which, text, as<money>(object));
    } else if (is_jsonb(type.kind)) {
        try {
            read_json(text, type, object);
        } catch (error const& e) {
            refuse(which, e.what());
        }
    } else if (!detail::scalar_from_sql(type, text, object)) {
        refuse(which, fmt::format("expected {}, found {}", types_of(type.kind).cast,
                                  detail::quoted_excerpt(text)));
    }
}

}  // namespace

void set_column(type_descriptor const& structure, column const& which,
                std::optional<std::string_view> text, void* object) {
    auto const& field = structure.fields[which.field];
    auto const& type = field.type();
    auto* const value = field.get(object);
    if (type.kind != kind::optional) {
        if (!text) refuse(which, "expected a value, found NULL");
        return set_value(which, type, *text, value);
    }
    bool const second_part = which.part == column::part::currency;
    bool const present = type.optional->get(value) != nullptr;
    if (second_part && present != text.has_value()) {
        refuse(which, "expected both parts of an amount or neither, found one");
    }
    if (!text) return type.optional->reset(value);
    // The currency joins the minor units that are there; all else begins anew.
    auto* const inside =
        second_part ? const_cast<void*>(type.optional->get(value)) : type.optional->emplace(value);
    set_value(which, type.optional->element(), *text, inside);
}

std::vector<std::string> column_definitions(std::span<column const> columns) {
    std::vector<std::string> lines;
    lines.reserve(columns.size());
    for (auto const& c : columns) {
        std::string name;
        for (auto const letter : c.name) name.append(letter == '"' ? 2U : 1U, letter);
        lines.push_back(
            fmt::format("\"{}\" {}{}", name, c.sql_type, c.nullable ? "" : " NOT NULL"));
    }
    return lines;
}

}  // namespace recount::describe
