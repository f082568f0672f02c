// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/json_schema.hpp>

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "json_path.hpp"

namespace recount::describe {

namespace {

using json = nlohmann::ordered_json;

constexpr char const* decimal_pattern = "^-?[0-9]+(\\.[0-9]{1,18})?$";
// Whole groups of four letters, then what is left, without bits that stand for nothing.
constexpr char const* base64url_pattern =
    "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";
constexpr char const* timestamp_pattern =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$";
// The format "duration" of JSON Schema knows neither a sign nor a fraction, so a pattern stands in.
constexpr char const* duration_pattern =
    "^-?P(?=[0-9T])([0-9]+W)?([0-9]+D)?"
    "(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]{1,6})?S)?)?$";

class schema_maker {
public:
    explicit schema_maker(type_descriptor const& root) : root_{&root} { defined_.insert("money"); }

    // The root stands in the document itself, all other structures in $defs.
    json document(std::string_view id) {
        json made;
        made["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        if (!id.empty()) made["$id"] = id;
        bool const named = root_->kind == kind::structure;
        if (named) made["title"] = root_->name;
        made.update(named ? structure(*root_) : of(*root_));
        if (!defs_.empty()) made["$defs"] = std::move(defs_);
        return made;
    }

private:
    json of(type_descriptor const& type) {
        switch (type.kind) {
            case kind::boolean: return {{"type", "boolean"}};
            case kind::int8:
            case kind::int16:
            case kind::int32:
            case kind::int64:
            case kind::uint8:
            case kind::uint16:
            case kind::uint32:
            case kind::uint64: return integer(type.kind);
            case kind::float64: return {{"type", "number"}};
            case kind::decimal: return {{"type", "string"}, {"pattern", decimal_pattern}};
            case kind::string: return {{"type", "string"}};
            case kind::bytes:
                return {{"type", "string"},
                        {"contentEncoding", "base64url"},
                        {"pattern", base64url_pattern}};
            case kind::enumeration: return enumeration(type);
            case kind::optional: return of(type.optional->element());
            case kind::vector: return {{"type", "array"}, {"items", of(type.vector->element())}};
            case kind::map:
                return {{"type", "object"}, {"additionalProperties", of(type.map->element())}};
            case kind::structure: return reference(type);
            case kind::variant: return variant(type);
            case kind::timestamp:
                return {
                    {"type", "string"}, {"format", "date-time"}, {"pattern", timestamp_pattern}};
            case kind::date: return {{"type", "string"}, {"format", "date"}};
            case kind::duration:
                return {{"type", "string"},
                        {"description", "an ISO 8601 duration of weeks to seconds"},
                        {"pattern", duration_pattern}};
            case kind::money: return money_reference();
            case kind::uuid: return {{"type", "string"}, {"format", "uuid"}};
        }
        return json::object();
    }

    static json integer(kind k) {
        auto const range = detail::range_of(k);
        return {{"type", "integer"}, {"minimum", range.min}, {"maximum", range.max}};
    }

    static json enumeration(type_descriptor const& type) {
        auto names = json::array();
        for (auto const& e : type.enumerators) names.push_back(e.name);
        return {{"type", "string"}, {"enum", std::move(names)}};
    }

    static json closed_object(json properties, json required) {
        return {{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)},
                {"additionalProperties", false}};
    }

    json structure(type_descriptor const& type) {
        auto properties = json::object();
        auto required = json::array();
        for (auto const& field : type.fields) {
            properties[std::string{field.name}] = of(field.type());
            if (field.type().kind != kind::optional) required.push_back(field.name);
        }
        return closed_object(std::move(properties), std::move(required));
    }

    json variant(type_descriptor const& type) {
        auto cases = json::array();
        for (auto const& alternative : type.variant->alternatives) {
            json properties;
            properties["type"]["const"] = alternative().name;
            properties["value"] = reference(alternative());
            cases.push_back(closed_object(std::move(properties), {"type", "value"}));
        }
        return {{"oneOf", std::move(cases)}};
    }

    // The name is taken before the definition is made, because it may refer to itself.
    json reference(type_descriptor const& type) {
        if (&type == root_) return {{"$ref", "#"}};
        auto const [at, fresh] = names_.try_emplace(&type);
        if (fresh) {
            at->second = free_name(type.name);
            defs_[at->second] = nullptr;  // holds its place in the order of first use
            auto const name = at->second;
            auto made = structure(type);
            defs_[name] = std::move(made);
        }
        return {{"$ref", "#/$defs/" + names_.at(&type)}};
    }

    json money_reference() {
        if (!defs_.contains("money")) {
            auto amount =
                closed_object({{"minor", integer(kind::int64)},
                               {"currency", {{"type", "string"}, {"pattern", "^([A-Z]{3})?$"}}}},
                              {"minor", "currency"});
            // Only zero is an amount without a currency.
            amount["if"]["properties"]["currency"]["const"] = "";
            amount["then"]["properties"]["minor"]["const"] = 0;
            defs_["money"] = std::move(amount);
        }
        return {{"$ref", "#/$defs/money"}};
    }

    // Letters that need no escape in a reference; two structures of one name get a number.
    std::string free_name(std::string_view wanted) {
        std::string base{wanted};
        for (auto& c : base) {
            bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '_' || c == '.';
            if (!plain) c = '_';
        }
        auto name = base;
        for (auto n = 2; !defined_.insert(name).second; ++n) name = base + "_" + std::to_string(n);
        return name;
    }

    type_descriptor const* root_;
    std::map<type_descriptor const*, std::string> names_;
    std::set<std::string> defined_;
    json defs_ = json::object();
};

}  // namespace

std::string json_schema(type_descriptor const& type, std::string_view id, unsigned indent) {
    return schema_maker{type}.document(id).dump(indent == 0 ? -1 : static_cast<int>(indent));
}

}  // namespace recount::describe
