// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The hash chain of each stream and the links between batches, computed anew from what was stored.
#include <map>

#include <recount/log/hash.hpp>

#include "log_conformance.hpp"

using namespace conformance;

namespace {

void some_history(recount::log& log) {
    log.append(commit_to("a-1", 3));
    auto rich = commit_of({event("b-1", R"({"odd" : 1e2})"), event("a-1"), event("b-1")});
    rich.command = recount::json_text::checked(R"({"name":"n","version":1,"payload":{}})");
    rich.meta.actor = "ann";
    rich.meta.basis = 3;
    rich.events[1].effective_at = recount::timestamp_from_string("1993-01-09T00:00:00.000001Z");
    log.append(rich);
    std::vector<recount::commit> const batch{
        commit_to("c-1", 2), commit_of({}), commit_to("a-1", 1),
        expecting(commit_to("c-1"), "c-1", recount::expectation::no_stream()), commit_to("d-é")};
    static_cast<void>(log.append_batch(batch));
}

}  // namespace

TEST_CASE("the hash of an event covers its content and the event before it", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        some_history(log);
        some_history(store.other());
        auto const id = log.store_id();
        CHECK(store.other().store_id() == id);
        std::map<std::string, recount::digest> heads;
        for (auto const& e : everything(log)) {
            auto const [at, fresh] =
                heads.try_emplace(e.stream, recount::stream_genesis(id, e.stream));
            at->second = recount::event_hash(at->second, e);
            CHECK(e.hash == at->second);
        }
        CHECK(heads.size() == 4);
    }
}

TEST_CASE("the links cover place, commit and time of every row", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        some_history(log);
        some_history(store.other());
        auto const all = everything(log);
        auto const links = store.links(log);
        REQUIRE(links.size() == 7);  // the genesis and six batches
        CHECK(links[0].first == 0);
        CHECK(links[0].last == 0);
        CHECK(links[0].hash == recount::link_genesis(log.store_id()));
        for (std::size_t i = 1; i < links.size(); ++i) {
            CHECK(links[i].first == links[i - 1].last + 1);
            CHECK(links[i].recorded_at >= links[i - 1].recorded_at);
            std::vector<recount::linked_row> rows;
            for (auto p = links[i].first; p <= links[i].last; ++p) {
                auto const& e = all.at(static_cast<std::size_t>(p) - 1);
                CHECK(e.recorded_at == links[i].recorded_at);
                CHECK(e.commit_last <= links[i].last);
                rows.push_back({e.commit_last, e.hash});
            }
            CHECK(links[i].hash == recount::link_hash(links[i - 1].hash, links[i].first,
                                                      links[i].last, links[i].recorded_at, rows));
        }
        CHECK(links.back().last == log.head().position);
    }
}
