// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/provenance/head.hpp>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/macros.hpp>

namespace recount::provenance {

namespace {

constexpr std::size_t head_bytes_max = 4'096;

// The file's members, in their order.
struct head_file {
    std::string format;
    uuid store_id;
    std::string store;
    std::int64_t position = 0;
    std::string link;
    std::string hash;
    timestamp recorded_at;
    timestamp exported_at;
    std::optional<head_signature> signature;
};

RECOUNT_DESCRIBE(head_file, format, store_id, store, position, link, hash, recorded_at, exported_at,
                 signature)

}  // namespace

RECOUNT_DESCRIBE(head_signature, algorithm, key, value)

std::string to_json(store_head const& one) {
    return describe::to_json(head_file{std::string{head_format}, one.store_id, one.store,
                                       one.position, to_hex(one.link), to_hex(one.hash),
                                       one.recorded_at, one.exported_at, one.signature})
        .str();
}

store_head head_from_json(std::string_view text) {
    if (text.size() > head_bytes_max) {
        throw error{errc::invalid_json, fmt::format("a head has at most {} bytes, found {}",
                                                    head_bytes_max, text.size())};
    }
    auto file = describe::from_json<head_file>(text);
    if (file.format != head_format) {
        throw error{errc::invalid_json, fmt::format("$.format: expected '{}', found '{}'",
                                                    head_format, excerpt(file.format))};
    }
    if (file.position < 0) {
        throw error{errc::invalid_json, fmt::format("$.position: expected 0 or more, found {}",
                                                    file.position)};
    }
    store_head one;
    one.store_id = file.store_id;
    one.store = std::move(file.store);
    one.position = file.position;
    one.link = digest_from_hex(file.link);
    one.hash = digest_from_hex(file.hash);
    one.recorded_at = file.recorded_at;
    one.exported_at = file.exported_at;
    one.signature = std::move(file.signature);
    return one;
}

store_head read_head(stored_log& log, timestamp now) {
    auto const last = log.ends().links_last;
    auto const link = log.link_until(last);
    if (!link || !link->link) {
        throw error{errc::corrupted, "the log has no link at its end: run verify"};
    }
    store_head one;
    one.store_id = log.store_id();
    one.store = log.store_name();
    one.position = last;
    one.link = *link->link;
    one.recorded_at = link->recorded_at;
    one.exported_at = now;
    if (last == 0) return one;
    auto const page = log.rows(last, last + 1);
    if (page.events.size() != 1 || !page.events.front().hash) {
        throw error{errc::corrupted,
                    fmt::format("the log does not have the event at {} that its last link covers: "
                                "run verify",
                                last)};
    }
    one.hash = *page.events.front().hash;
    return one;
}

}  // namespace recount::provenance
