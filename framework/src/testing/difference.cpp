// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/difference.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <recount/describe/print.hpp>

namespace recount::testing {

namespace {

using describe::kind;
using describe::type_descriptor;

std::string text_of(type_descriptor const& type, void const* object) {
    std::string text;
    describe::append_text(text, type, object);
    return text;
}

class finder {
public:
    explicit finder(std::vector<std::string>& to) : to_{to} {}

    void compare(std::string const& path, type_descriptor const& type, void const* a,
                 void const* b) {
        if (type.equal(a, b)) return;
        switch (type.kind) {
            case kind::structure: return structure(path, type, a, b);
            case kind::optional: return optional(path, type, a, b);
            case kind::vector: return vector(path, type, a, b);
            default: return leaf(path, type, a, b);
        }
    }

private:
    std::vector<std::string>& to_;

    void leaf(std::string const& path, type_descriptor const& type, void const* a,
              void const* b) {
        to_.push_back(fmt::format("{}: expected {}, got {}", path, text_of(type, a),
                                  text_of(type, b)));
    }
    void structure(std::string const& path, type_descriptor const& type, void const* a,
                   void const* b) {
        for (auto const& field : type.fields) {
            compare(path.empty() ? std::string{field.name} : fmt::format("{}.{}", path, field.name),
                    field.type(), field.read(a), field.read(b));
        }
    }
    void optional(std::string const& path, type_descriptor const& type, void const* a,
                  void const* b) {
        auto const* const x = type.optional->get(a);
        auto const* const y = type.optional->get(b);
        if (x == nullptr || y == nullptr) return leaf(path, type, a, b);
        compare(path, type.optional->element(), x, y);
    }
    void vector(std::string const& path, type_descriptor const& type, void const* a,
                void const* b) {
        auto const& element = type.vector->element();
        auto const size = std::pair{type.vector->size(a), type.vector->size(b)};
        for (std::size_t i = 0; i < std::min(size.first, size.second); ++i) {
            compare(fmt::format("{}[{}]", path, i), element, type.vector->at(a, i),
                    type.vector->at(b, i));
        }
        if (size.first == size.second) return;
        bool const more = size.second > size.first;
        auto const i = std::min(size.first, size.second);
        auto const text = text_of(element, type.vector->at(more ? b : a, i));
        to_.push_back(fmt::format("{}: expected {} element{}, got {}; the first {}: {}", path,
                                  size.first, size.first == 1 ? "" : "s", size.second,
                                  more ? "too many" : "missing", text));
    }
};

std::string time_text(std::optional<timestamp> const& when) {
    return when ? to_string(*when) : "none";
}

// The lines below a pair of events that should be one and the same.
std::vector<std::string> pair_differences(described_value const& expected,
                                          described_value const& got) {
    std::vector<std::string> lines;
    if (expected.type != got.type) return lines;
    lines = field_differences(*expected.type, expected.object.get(), got.object.get());
    if (expected.effective_at != got.effective_at) {
        lines.push_back(fmt::format("effective at: expected {}, got {}",
                                    time_text(expected.effective_at),
                                    time_text(got.effective_at)));
    }
    return lines;
}

bool same(described_value const& a, described_value const& b) {
    return a.type == b.type && a.effective_at == b.effective_at &&
           a.type->equal(a.object.get(), b.object.get());
}

}  // namespace

std::string text_of(described_value const& value) {
    auto text = text_of(*value.type, value.object.get());
    if (value.effective_at) text += " effective at " + to_string(*value.effective_at);
    return text;
}

std::vector<std::string> field_differences(type_descriptor const& type, void const* expected,
                                           void const* got) {
    std::vector<std::string> lines;
    finder{lines}.compare("", type, expected, got);
    return lines;
}

std::string event_differences(std::span<described_value const> expected,
                              std::span<described_value const> got) {
    if (std::equal(expected.begin(), expected.end(), got.begin(), got.end(), same)) return {};
    std::string text;
    for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
        auto const* const e = i < expected.size() ? &expected[i] : nullptr;
        auto const* const g = i < got.size() ? &got[i] : nullptr;
        auto const number = fmt::format("{:>3}. ", i + 1);
        if (e != nullptr && g != nullptr && same(*e, *g)) {
            text += fmt::format("{}as expected  {}\n", number, text_of(*e));
            continue;
        }
        text += fmt::format("{}expected     {}\n", number, e == nullptr ? "nothing" : text_of(*e));
        text += fmt::format("     got          {}\n", g == nullptr ? "nothing" : text_of(*g));
        if (e == nullptr || g == nullptr) continue;
        for (auto const& line : pair_differences(*e, *g)) text += fmt::format("       {}\n", line);
    }
    text.pop_back();
    return text;
}

}  // namespace recount::testing
