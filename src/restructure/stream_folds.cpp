// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/stream_folds.hpp>

#include <algorithm>
#include <iterator>

#include <recount/restructure/read.hpp>

namespace recount::history {

fold const& stream_folds::known_to(stream_name const& stream, position k) {
    auto const known = by_stream_.find(stream.str());
    if (known == by_stream_.end()) {
        folds_.push_front({stream.str(), fold{stream.str()}});
        by_stream_.emplace(stream.str(), folds_.begin());
    } else {
        folds_.splice(folds_.begin(), folds_, known->second);
    }
    auto& one = folds_.front();
    if (one.known_to < k) read_on(one);
    let_go();
    return one.history;
}

void stream_folds::read_on(kept& one) {
    auto read = read_rows(log_, stream_name{one.stream}, one.next);
    rows_read_ += read.rows.size();
    rows_kept_ += read.rows.size();
    one.next += static_cast<version>(read.rows.size());
    for (auto const& e : entries_of(std::move(read.rows))) one.history.advance(e);
    one.known_to = read.as_of;
}

void stream_folds::let_go() {
    while (rows_kept_ > rows_max_ && folds_.size() > 1) {
        rows_kept_ -= static_cast<std::size_t>(folds_.back().next - 1);
        by_stream_.erase(folds_.back().stream);
        folds_.pop_back();
    }
}

std::vector<weighted_version> stream_folds::delta(std::span<std::string const> streams,
                                                  position from, position to) {
    std::vector<weighted_version> all;
    for (auto const& stream : streams) {
        auto part = known_to(stream_name{stream}, to).delta(from, to);
        // Where a slot went is for the fold of that stream to say.
        std::erase_if(part, [&](auto const& c) { return c.version.stream != stream; });
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
        if (a.weight != b.weight) return a.weight < b.weight;
        return a.version.at < b.version.at;
    });
    return all;
}

}  // namespace recount::history
