// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What every log must do, whatever it keeps its events in. A backend joins the suite with a static
// object in a test's source file:
//
//     static conformance::joins const memory{"memory", [] {
//         conformance::store opened;
//         opened.log = std::make_unique<recount::memory::log>();
//         …
//         return opened;
//     }};
//
// and each case of log_*_conformance_test.cpp runs on it:
//
//     TEST_CASE("an append is found again", "[conformance]") {
//         ON_EVERY_BACKEND(store) { store.log->append(…); }
//     }
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <recount/log/hash.hpp>
#include <recount/log/log.hpp>

#include "support/catch.hpp"

namespace conformance {

struct stored_link {
    recount::position first = 0;
    recount::position last = 0;
    recount::timestamp recorded_at;
    recount::digest hash{};
};

// A store of its own, empty.
struct store {
    std::unique_ptr<recount::log> log;
    // The same store as another process would open it; nothing: `log` is all there is.
    std::function<std::unique_ptr<recount::log>()> open_again;
    std::function<std::vector<stored_link>(recount::log&)> links;

    [[nodiscard]] recount::log& other() {
        if (!open_again) return *log;
        if (second_ == nullptr) second_ = open_again();
        return *second_;
    }

private:
    std::unique_ptr<recount::log> second_;
};

struct backend {
    std::string name;
    std::function<store()> open;
};

inline std::vector<backend>& backends() {
    static std::vector<backend> all;
    return all;
}

struct joins {
    joins(std::string name, std::function<store()> open) {
        backends().push_back({std::move(name), std::move(open)});
    }
};

#define ON_EVERY_BACKEND(STORE)                                   \
    for (auto const& backend_of_case : ::conformance::backends()) \
        DYNAMIC_SECTION("on " << backend_of_case.name)            \
    if (auto STORE = backend_of_case.open(); STORE.log != nullptr)

// --- short forms ---------------------------------------------------------------------------------

inline recount::stream_name stream(std::string name) {
    return recount::stream_name{std::move(name)};
}

inline recount::new_event event(std::string in, std::string payload = R"({"n":1})",
                                std::string type = "thing.happened") {
    recount::new_event made{stream(std::move(in)),
                            std::move(type),
                            1,
                            recount::json_text::checked(std::move(payload)),
                            {}};
    return made;
}

inline recount::commit commit_of(std::vector<recount::new_event> events) {
    recount::commit made;
    made.events = std::move(events);
    return made;
}

// `count` events in one stream.
inline recount::commit commit_to(std::string const& in, int count = 1) {
    recount::commit made;
    for (int i = 1; i <= count; ++i) {
        made.events.push_back(event(in, R"({"n":)" + std::to_string(i) + "}"));
    }
    return made;
}

inline recount::commit expecting(recount::commit made, std::string const& of,
                                 recount::expectation expected) {
    made.expectations.push_back({stream(of), expected});
    return made;
}

// What `call` throws; nothing if it does not.
template <class Call> std::optional<recount::error> error_of(Call const& call) {
    try {
        static_cast<void>(call());
    } catch (recount::error const& thrown) {
        return thrown;
    }
    return std::nullopt;
}

inline std::optional<recount::errc> code_of(recount::append_result const& result) {
    auto const* failed = std::get_if<recount::error>(&result);
    return failed == nullptr ? std::nullopt : std::optional{failed->code()};
}

inline recount::appended const& success(recount::append_result const& result) {
    if (auto const* failed = std::get_if<recount::error>(&result)) FAIL(failed->what());
    return std::get<recount::appended>(result);
}

// The whole log, in order.
inline std::vector<recount::recorded_event> everything(recount::log& log) {
    std::vector<recount::recorded_event> all;
    recount::position after = 0;
    for (bool more = true; more;) {
        auto page = log.read_feed(after);
        for (auto& e : page.events) all.push_back(std::move(e));
        after = page.through;
        more = !page.caught_up;
    }
    return all;
}

// Dense positions, versions without a gap, every id once, every stream's hashes a chain.
inline void check_whole(recount::log& log) {
    std::map<std::string, std::pair<recount::version, recount::digest>> heads;
    std::set<recount::uuid> ids;
    recount::position next = 1;
    for (auto const& e : everything(log)) {
        REQUIRE(e.position == next++);
        REQUIRE(ids.insert(e.id).second);
        auto const [at, fresh] =
            heads.try_emplace(e.stream, 0, recount::stream_genesis(log.store_id(), e.stream));
        REQUIRE(e.version == at->second.first + 1);
        bool const right = e.hash == recount::event_hash(at->second.second, e);
        REQUIRE(right);
        at->second = {e.version, e.hash};
    }
}

inline std::vector<recount::version> versions(std::vector<recount::recorded_event> const& events) {
    std::vector<recount::version> found;
    for (auto const& e : events) found.push_back(e.version);
    return found;
}

inline std::vector<recount::position> positions(
    std::vector<recount::recorded_event> const& events) {
    std::vector<recount::position> found;
    for (auto const& e : events) found.push_back(e.position);
    return found;
}

}  // namespace conformance
