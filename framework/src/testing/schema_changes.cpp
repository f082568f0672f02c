// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Two JSON Schemas as describe::json_schema writes them; not a comparison of any two schemas.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <recount/testing/schema_files.hpp>

namespace recount::testing {

namespace {

using json = nlohmann::json;

bool has(json const& schema, char const* key) { return schema.contains(key); }

bool lists(json const& schema, char const* key, std::string const& name) {
    auto const found = schema.find(key);
    return found != schema.end() && std::find(found->begin(), found->end(), name) != found->end();
}

// "string (date)": what a person calls the type.
std::string kind_of(json const& schema) {
    if (has(schema, "enum")) return "enumeration";
    if (has(schema, "oneOf")) return "variant";
    if (has(schema, "properties")) return "structure";
    auto const type = schema.value("type", std::string{"anything"});
    if (type == "object") return "map";
    for (auto const* const more : {"format", "contentEncoding", "pattern"}) {
        if (has(schema, more)) {
            return fmt::format("{} ({} {})", type, more, schema[more].get<std::string>());
        }
    }
    return type;
}

class comparison {
public:
    comparison(json const& before, json const& now) : before_{before}, now_{now} {}

    std::vector<schema_change> run() {
        compare("$", before_, now_);
        return std::move(changes_);
    }

private:
    json const& before_;
    json const& now_;
    std::vector<schema_change> changes_;
    std::set<std::pair<json const*, json const*>> seen_;   // structures may hold themselves

    void add(bool compatible, std::string const& path, std::string const& what) {
        changes_.push_back({compatible, path + ": " + what});
    }

    static json const& resolved(json const& root, json const& schema) {
        auto const reference = schema.find("$ref");
        if (reference == schema.end()) return schema;
        return root.at(json::json_pointer{reference->get<std::string>().substr(1)});
    }

    void compare(std::string const& path, json const& old_one, json const& new_one) {
        auto const& a = resolved(before_, old_one);
        auto const& b = resolved(now_, new_one);
        if (!seen_.emplace(&a, &b).second) return;
        auto const kinds = std::pair{kind_of(a), kind_of(b)};
        if (kinds.first != kinds.second) {
            return add(false, path,
                       fmt::format("the type was {}, is {}", kinds.first, kinds.second));
        }
        if (has(a, "enum")) return enumeration(path, a, b);
        if (has(a, "oneOf")) return variant(path, a, b);
        if (has(a, "properties")) return structure(path, a, b);
        if (has(a, "items")) return compare(path + "[]", a.at("items"), b.at("items"));
        if (kinds.first == "map") {
            return compare(path + ".*", a.at("additionalProperties"), b.at("additionalProperties"));
        }
        if (has(a, "minimum")) range(path, a, b);
    }

    void structure(std::string const& path, json const& a, json const& b) {
        for (auto const& [name, field] : a.at("properties").items()) {
            auto const place = path + "." + name;
            if (!b.at("properties").contains(name)) {
                add(false, place, "the field was removed");
                continue;
            }
            bool const required_before = lists(a, "required", name);
            bool const required_now = lists(b, "required", name);
            if (required_before && !required_now) add(true, place, "the field became optional");
            if (!required_before && required_now) add(false, place, "the field became required");
            compare(place, field, b.at("properties").at(name));
        }
        for (auto const& [name, field] : b.at("properties").items()) {
            if (a.at("properties").contains(name)) continue;
            if (lists(b, "required", name)) {
                add(false, path + "." + name, "a field was added that is not optional");
            } else {
                add(true, path + "." + name, "an optional field was added");
            }
        }
    }

    void enumeration(std::string const& path, json const& a, json const& b) {
        for (auto const& name : a.at("enum")) {
            if (!lists(b, "enum", name)) {
                add(false, path, fmt::format("the value {} was removed", name.dump()));
            }
        }
        for (auto const& name : b.at("enum")) {
            if (!lists(a, "enum", name)) {
                add(true, path, fmt::format("the value {} was added", name.dump()));
            }
        }
    }

    static json const* alternative(json const& schema, std::string const& name) {
        for (auto const& one : schema.at("oneOf")) {
            auto const& properties = one.at("properties");
            if (properties.at("type").at("const") == name) return &properties.at("value");
        }
        return nullptr;
    }
    void variant(std::string const& path, json const& a, json const& b) {
        for (auto const& one : a.at("oneOf")) {
            auto const name = one.at("properties").at("type").at("const").get<std::string>();
            auto const* const now = alternative(b, name);
            if (now == nullptr) {
                add(false, path, fmt::format("the alternative \"{}\" was removed", name));
            } else {
                compare(fmt::format("{}<{}>", path, name), one.at("properties").at("value"), *now);
            }
        }
        for (auto const& one : b.at("oneOf")) {
            auto const name = one.at("properties").at("type").at("const").get<std::string>();
            if (alternative(a, name) == nullptr) {
                add(true, path, fmt::format("the alternative \"{}\" was added", name));
            }
        }
    }

    void range(std::string const& path, json const& a, json const& b) {
        if (a.at("minimum") == b.at("minimum") && a.at("maximum") == b.at("maximum")) return;
        bool const wider = b.at("minimum") <= a.at("minimum") && b.at("maximum") >= a.at("maximum");
        add(wider, path,
            fmt::format("the range was {} to {}, is {} to {}", a.at("minimum").dump(),
                        a.at("maximum").dump(), b.at("minimum").dump(), b.at("maximum").dump()));
    }
};

}  // namespace

std::vector<schema_change> schema_changes(std::string const& before, std::string const& now) {
    try {
        auto const a = json::parse(before);
        auto const b = json::parse(now);
        return comparison{a, b}.run();
    } catch (json::exception const&) {
        return {{false, "$: what is published is no JSON Schema that a program has written"}};
    }
}

}  // namespace recount::testing
