// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The statements that a session has prepared, by their text: a bounded number, of which the least
// recently used one goes first. A name is never given twice, so one that the server still has from
// a failure does no harm.
//
//     if (auto const* name = statements.use(text)) return *name;
//     if (statements.full()) deallocate(statements.forget_oldest());
//     auto name = statements.fresh_name();
//     prepare(name, text);                              // what fails here is not kept
//     return statements.keep(text, std::move(name));
//
// Thread safety: none; it belongs to a session. Lifetimes: a name is valid until it is forgotten.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace recount::postgres::detail {

class statement_names {
public:
    static constexpr std::size_t statements_max = 256;

    // The name of the statement with this text, which is the most recently used one now; null if
    // there is none.
    [[nodiscard]] std::string const* use(std::string_view text);
    [[nodiscard]] bool contains(std::string_view text) const { return by_text_.contains(text); }
    [[nodiscard]] bool full() const noexcept { return used_.size() >= statements_max; }
    [[nodiscard]] std::string fresh_name();
    std::string const& keep(std::string_view text, std::string name);
    // These return the name it had, which the server still knows.
    [[nodiscard]] std::string forget(std::string_view text);
    [[nodiscard]] std::string forget_oldest();

private:
    struct statement {
        std::string text;
        std::string name;
    };
    std::list<statement> used_;   // the most recently used first
    std::unordered_map<std::string_view, std::list<statement>::iterator> by_text_;
    std::uint64_t names_made_ = 0;
};

}  // namespace recount::postgres::detail
