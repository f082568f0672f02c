// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "provenance/link_check.hpp"

#include <fmt/core.h>

namespace recount::provenance::detail {

void link_check::open() {
    current_ = ahead_.front();
    ahead_.pop_front();
    auto const& batch = *current_;
    if (batch.first != before_.last + 1) {
        found_.add(batch.last, {}, "batch", fmt::format("begins at {}", before_.last + 1),
                   fmt::format("begins at {}", batch.first));
    }
    if (batch.recorded_at < before_.recorded_at) {
        found_.add(batch.last, {}, "recorded_at",
                   fmt::format("{} or later", time_text(before_.recorded_at)),
                   time_text(batch.recorded_at));
    }
    hash_.raw("recount/link/1").raw(before_.link).integer(batch.first).integer(batch.last);
    hash_.integer(microseconds_since_epoch(batch.recorded_at));
}

void link_check::close() {
    auto const& batch = *current_;
    auto const computed = hash_.finish();
    if (computed != batch.link) {
        found_.add(batch.last, {}, "link", to_hex(computed), hash_text(batch.link));
    }
    compare_head(batch.last, computed);
    before_ = {batch.last, batch.link.value_or(computed), batch.recorded_at};
    ++batches_;
    current_.reset();
}

void link_check::compare_head(position at, digest const& link) {
    if (head_ == nullptr || head_->position != at) return;
    head_met_ = true;
    if (link == head_->link) return;
    found_.add(at, {}, "head", to_hex(head_->link), to_hex(link));
}

void link_check::take(stored_event const& row, std::string_view stream) {
    while (!current_ || row.position > current_->last) {
        if (current_) close();
        if (ahead_.empty()) return;  // behind the last link: ends() tells
        open();
    }
    auto const& batch = *current_;
    if (row.position < batch.first) return;  // of no batch, which `open` has told
    if (row.recorded_at != batch.recorded_at) {
        found_.add(row.position, stream, "recorded_at", time_text(batch.recorded_at),
                   time_text(row.recorded_at));
    }
    if (row.position == batch.last && row.commit_last > batch.last) {
        found_.add(row.position, stream, "commit", fmt::format("up to {}", batch.last),
                   fmt::format("up to {}", row.commit_last));
    }
    hash_.integer(row.commit_last).raw(row.hash.value_or(digest{}));
}

void link_check::finish() {
    for (;;) {
        if (current_) close();
        if (ahead_.empty()) return;
        open();
    }
}

}  // namespace recount::provenance::detail
