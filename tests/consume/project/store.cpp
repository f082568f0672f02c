// A program that uses the event store and nothing above it.
#include <cstdio>

#include <recount/core/error.hpp>
#include <recount/memory/log.hpp>

int main() {
    recount::memory::log log{"main"};

    recount::commit opening;
    opening.events.push_back({recount::stream_name{"account-1"}, "account.opened", 1,
                              recount::json_text::trusted(R"({"account":"1"})"), {}});
    opening.expectations.push_back(
        {recount::stream_name{"account-1"}, recount::expectation::no_stream()});
    auto const first = log.append(opening);
    auto const again = log.append(opening);  // the same id: the first result

    recount::commit second;
    second.events = opening.events;
    second.expectations = opening.expectations;
    try {
        log.append(second);
        std::puts("a stale expectation went through");
        return 1;
    } catch (recount::error const& e) {
        std::puts(e.what());
        if (e.code() != recount::errc::conflict) return 1;
    }
    return first.last == 1 && again.repeated && log.head().position == 1 ? 0 : 1;
}
