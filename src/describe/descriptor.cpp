// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/descriptor.hpp>

namespace recount::describe {

std::string_view to_string(kind k) noexcept {
    switch (k) {
        case kind::boolean: return "boolean";
        case kind::int8: return "int8";
        case kind::int16: return "int16";
        case kind::int32: return "int32";
        case kind::int64: return "int64";
        case kind::uint8: return "uint8";
        case kind::uint16: return "uint16";
        case kind::uint32: return "uint32";
        case kind::uint64: return "uint64";
        case kind::float64: return "float64";
        case kind::decimal: return "decimal";
        case kind::string: return "string";
        case kind::bytes: return "bytes";
        case kind::enumeration: return "enumeration";
        case kind::optional: return "optional";
        case kind::vector: return "vector";
        case kind::map: return "map";
        case kind::structure: return "structure";
        case kind::variant: return "variant";
        case kind::timestamp: return "timestamp";
        case kind::date: return "date";
        case kind::duration: return "duration";
        case kind::money: return "money";
        case kind::uuid: return "uuid";
    }
    return "unknown";
}

}  // namespace recount::describe
