// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where alerts of large movements go: `serve --review-url URL` posts each to that URL as long as it
// runs, `reviews send --review-url URL` those that wait, and `reviews list` shows them all.
//
//     recount::app app{"bank"};
//     app.verbs(with_review_url(recount::http::verbs(), app)).verbs(review_verbs(app));
//
// Without a URL they wait in the outbox: nobody would have seen what was written anywhere else.
// Lifetimes: the app outlives its verbs.
#pragma once

#include <recount/recount.hpp>

namespace bank {

// The same verbs, `serve` with one option more.
[[nodiscard]] std::vector<recount::verb> with_review_url(std::vector<recount::verb> verbs,
                                                         recount::app& app);
[[nodiscard]] std::vector<recount::verb> review_verbs(recount::app& app);

}  // namespace bank
