// A program that uses the event store and nothing above it.
#include <cstdio>
#include <string>

#include <recount/core/error.hpp>
#include <recount/describe/json.hpp>
#include <recount/describe/macros.hpp>
#include <recount/memory/log.hpp>

struct opened { std::string account; };
RECOUNT_EVENT(opened, "account.opened", 1, account)

recount::commit opening(recount::stream_name const& stream) {
    recount::commit result;
    result.events.push_back(
        {stream, "account.opened", 1, recount::describe::to_json(opened{"1"}), {}});
    result.expectations.push_back({stream, recount::expectation::no_stream()});
    return result;
}

int main() {
    recount::memory::log log{"main"};
    auto const attempt = opening(recount::stream_name{"account-1"});
    auto const first = log.append(attempt);
    auto const again = log.append(attempt);  // the same id: the first result
    if (first.last != 1 || !again.repeated || log.head().position != 1) return 1;

    try {
        log.append(opening(recount::stream_name{"account-1"}));
    } catch (recount::error const& e) {
        std::puts(e.what());
        return e.code() == recount::errc::conflict ? 0 : 1;
    }
    std::puts("an append went through that should have been a conflict");
    return 1;
}
