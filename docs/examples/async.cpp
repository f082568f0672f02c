#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <recount/async/dispatch.hpp>
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>

namespace asio = boost::asio;
using recount::money;

using account_id = recount::strong_id<struct account_tag>;
struct deposited { account_id account; money amount; };
struct deposit   { account_id account; money amount; };
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)

struct account {
    using id = account_id;
    using events = recount::types<deposited>;
    using commands = recount::types<deposit>;
    using decision = recount::decision<events>;
    money balance;
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static decision decide(account const&, deposit const& c) {
        if (c.amount.minor <= 0) return recount::rejection{"not_positive"};
        return deposited{c.account, c.amount};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, balance)

asio::awaitable<void> save(recount::dispatch_queue& queue, account_id id) {
    for (int minor = 3; minor >= 0; --minor) {
        deposit const command{id, {minor, "EUR"}};
        auto const outcome =
            co_await recount::async_dispatch(queue, command, asio::use_awaitable);
        if (!outcome) std::printf("rejected: %s\n", outcome.rejected().code.c_str());
    }
    auto const read = [id](recount::application& bank) { return bank.state<account>(id).balance; };
    auto const balance = co_await recount::async_read(queue, read, asio::use_awaitable);
    std::printf("%s has %s\n", id.value.c_str(), to_string(balance).c_str());
}

int main() {
    recount::application_parts parts;
    parts.add<account>();
    recount::application bank{parts, std::make_shared<recount::memory::log>(),
                              std::make_shared<recount::memory_row_store>()};
    asio::io_context io;                    // outlives the queue, which is told before it ends
    recount::dispatch_queue queue{bank};
    asio::co_spawn(io, save(queue, {"ada"}), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);       // a recount::error, out of io.run()
    });
    io.run();
}
