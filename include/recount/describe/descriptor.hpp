// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a described type looks like at run time: one constant table per type, made by the macros of
// macros.hpp. Every engine (JSON, JSON Schema, DDL, row binding, printing) is ordinary compiled
// code over these tables, so an application's own translation units stay small.
//
//     auto const& d = recount::describe::descriptor_of<deposited>();
//     for (auto const& field : d.fields) use(field.name, field.type->kind);
//
// Lifetimes: descriptors are static; names are string literals. Pointers to objects are untyped
// here and only here: the caller vouches that an object is of the type described.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace recount::describe {

enum class kind : std::uint8_t {
    boolean,
    int8, int16, int32, int64,
    uint8, uint16, uint32, uint64,
    float64,      // finite only
    decimal,
    string,
    bytes,
    enumeration,
    optional,
    vector,
    map,          // std::map<std::string, T>
    structure,
    variant,      // of structures
    timestamp,
    date,
    duration,
    money,
    uuid,
};

struct type_descriptor;

// `type` is a function and not a pointer, because a descriptor may refer to itself.
struct field_descriptor {
    std::string_view name;
    type_descriptor const& (*type)();
    void* (*get)(void* object);  // address of the field in its object

    [[nodiscard]] void const* read(void const* object) const {
        return get(const_cast<void*>(object));
    }
};

struct enumerator_descriptor {
    std::string_view name;
    std::int64_t value;
};

struct enumeration_operations {
    std::int64_t (*get)(void const*);
    void (*set)(void*, std::int64_t);
};
struct optional_operations {
    type_descriptor const& (*element)();
    void const* (*get)(void const*);  // nullptr when absent
    void* (*emplace)(void*);          // a fresh value inside
    void (*reset)(void*);
};
struct vector_operations {
    type_descriptor const& (*element)();
    std::size_t (*size)(void const*);
    void const* (*at)(void const*, std::size_t);
    void* (*append)(void*);           // a fresh value at the end; earlier addresses may move
    void (*clear)(void*);
};
struct map_operations {
    type_descriptor const& (*element)();
    std::size_t (*size)(void const*);
    // Calls `visit(context, key, value)` in order of keys.
    void (*each)(void const*, void* context,
                 void (*visit)(void* context, std::string_view key, void const* value));
    void* (*emplace)(void*, std::string_view key);  // nullptr when the key is there already
    void (*clear)(void*);
};
struct variant_operations {
    std::size_t (*index)(void const*);
    void const* (*get)(void const*);              // the active alternative
    void* (*emplace)(void*, std::size_t index);   // a fresh alternative
    std::span<type_descriptor const& (*const)()> alternatives;
};

struct type_descriptor {
    describe::kind kind;
    // The stored name of events, commands and enumerations; the C++ name of other structures as
    // the macro was given it; a name of the kind for the rest.
    std::string_view name;
    bool strong_id = false;                       // one layer around the kind, same layout
    std::span<field_descriptor const> fields{};                // structure
    std::span<enumerator_descriptor const> enumerators{};      // enumeration
    enumeration_operations const* enumeration = nullptr;
    optional_operations const* optional = nullptr;
    vector_operations const* vector = nullptr;
    map_operations const* map = nullptr;
    variant_operations const* variant = nullptr;
    void (*assign)(void* to, void const* from) = nullptr;      // copy assignment
    bool (*equal)(void const*, void const*) = nullptr;         // by value, field by field
};

[[nodiscard]] std::string_view to_string(kind k) noexcept;

}  // namespace recount::describe
