// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Several steps of a saga as one.
#include "saga/step.hpp"

#include "support/catch.hpp"

namespace {

using recount::saga_changes;
using recount::detail::add;

recount::uuid key(std::string const& of) { return recount::command_id_from_key(of); }

saga_changes setting(std::string const& timer, std::string const& of) {
    saga_changes changes;
    recount::saga_timer t;
    t.saga = "s";
    t.instance = "i";
    t.name = timer;
    t.key = key(of);
    changes.timers.push_back(t);
    return changes;
}

saga_changes cancelling(std::string const& timer, std::string const& of) {
    saga_changes changes;
    changes.cancelled.push_back({"s", "i", timer, key(of)});
    return changes;
}

saga_changes at_version(recount::version version) {
    saga_changes changes;
    changes.instances.push_back({"s", "i", recount::saga_status::running, version, {}, {}});
    return changes;
}

}  // namespace

TEST_CASE("of several steps of an instance the last one counts", "[saga]") {
    saga_changes all;
    add(all, at_version(1));
    add(all, at_version(3));
    auto const latest = recount::detail::latest_of(all.instances);
    REQUIRE(latest.size() == 1);
    CHECK(latest.begin()->second->version == 3);
}

TEST_CASE("a timer that is set and cancelled in between is neither", "[saga]") {
    saga_changes all;
    add(all, setting("t", "first"));
    add(all, setting("u", "other"));
    add(all, cancelling("t", "first"));
    REQUIRE(all.timers.size() == 1);
    CHECK(all.timers.front().key == key("other"));
    CHECK(all.cancelled.empty());
}

TEST_CASE("a timer that was there before is cancelled, also if it was moved in between", "[saga]") {
    saga_changes all;
    add(all, cancelling("t", "before"));
    add(all, setting("t", "moved"));
    add(all, cancelling("t", "moved"));
    CHECK(all.timers.empty());
    REQUIRE(all.cancelled.size() == 1);
    CHECK(all.cancelled.front().key == key("before"));
}

TEST_CASE("a name that is cancelled whatever its key is stays", "[saga]") {
    saga_changes all;
    add(all, setting("t", "one"));
    saga_changes any;
    any.cancelled.push_back({"s", "i", "t", {}});
    add(all, any);
    CHECK(all.timers.size() == 1);
    CHECK(all.cancelled.size() == 1);
}
