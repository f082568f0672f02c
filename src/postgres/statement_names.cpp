// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "statement_names.hpp"

#include <recount/core/error.hpp>

namespace recount::postgres::detail {

std::string const* statement_names::use(std::string_view text) {
    auto const known = by_text_.find(text);
    if (known == by_text_.end()) return nullptr;
    used_.splice(used_.begin(), used_, known->second);
    return &used_.front().name;
}

std::string statement_names::fresh_name() { return "recount_" + std::to_string(++names_made_); }

std::string const& statement_names::keep(std::string_view text, std::string name) {
    assert_that(!contains(text) && !full(), "a statement is kept once, and where there is room");
    used_.push_front({std::string{text}, std::move(name)});
    by_text_.emplace(used_.front().text, used_.begin());
    return used_.front().name;
}

std::string statement_names::forget(std::string_view text) {
    auto const known = by_text_.find(text);
    assert_that(known != by_text_.end(), "a statement is forgotten that was not prepared");
    auto const entry = known->second;
    by_text_.erase(known);
    auto name = std::move(entry->name);
    used_.erase(entry);
    return name;
}

std::string statement_names::forget_oldest() {
    assert_that(!used_.empty(), "there is a statement to forget");
    return forget(used_.back().text);
}

}  // namespace recount::postgres::detail
