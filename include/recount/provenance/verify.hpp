// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Computes every hash and link of a store anew from the bytes that are stored, and says what is not
// as it was written (docs/reference/hash.md, "What a verifier checks").
//
//     auto const found = provenance::verify(*log.stored());
//     for (auto const& d : found.differences)
//         std::cout << d.at << ' ' << d.stream << ' ' << d.what << '\n';
//
// What it cannot see by itself is a log that was written anew from some event on, with all hashes
// and links, or one whose end was cut off in a batch's place: give it a head that was kept
// elsewhere (recount/provenance/head.hpp).
// It reads while others append, and verifies what was there when it began.
// Thread safety: free functions; what they start they end. Errors: errc::not_found for a stream
// that does not exist; errc::invalid_argument for a head and a beginning that exclude each other;
// differences are no errors.
// Cost: about 3 µs an event of 350 bytes; memory for two pages and for the heads of at most
// heads_kept_max streams, however long the log is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <recount/log/stored.hpp>
#include <recount/provenance/head.hpp>

namespace recount::provenance {

// One thing that is not as it must be. `what` is one of: position, stream, version, commit,
// event id, hash, recorded_at, batch, link, types, end of the log, head, store.
struct difference {
    position at = 0;
    std::string stream;      // empty for what belongs to none
    std::string what;
    std::string expected;
    std::string found;
    friend bool operator==(difference const&, difference const&) = default;
};

struct verify_options {
    // Only the events behind this position; what is stored there is taken for true. Rounded down to
    // the end of a batch.
    position since = 0;
    // The same, from the position of a head, whose link the one stored there must be.
    std::optional<store_head> since_head{};
    // The log must have, at the head's position, the head's link.
    std::optional<store_head> head{};
    // About so many events, up to the end of a batch.
    std::optional<std::int64_t> limit{};
    // Called now and then with how many events were looked at, of how many.
    std::function<void(std::int64_t, std::int64_t)> progress{};
    std::function<bool()> stop_wanted{};
};

inline constexpr std::size_t differences_kept_max = 100;
inline constexpr std::size_t heads_kept_max = 524'288;   // streams, in memory

struct verify_report {
    position since = 0;          // where it began
    position through = 0;        // up to here everything was looked at
    std::int64_t events = 0;
    std::int64_t streams = 0;    // that begin there
    std::int64_t batches = 0;
    std::int64_t differences_count = 0;
    std::vector<difference> differences;   // the first of them, by position
    digest link{};               // stored at `through`
    bool stopped = false;        // asked to
    bool more = false;           // the limit cut it short: go on with since = through
    [[nodiscard]] bool good() const noexcept { return differences_count == 0; }
};

[[nodiscard]] verify_report verify(stored_log& log, verify_options const& options = {});

// One stream alone: its chain and what its rows say of themselves. Its place in the log, and that
// nothing of its end is missing, is for the links to say.
[[nodiscard]] verify_report verify_stream(stored_log& log, std::string_view stream);

}  // namespace recount::provenance
