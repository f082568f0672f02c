// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/postgres_proxy.hpp"

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace asio = boost::asio;

namespace recount::tests {

namespace {

using asio::use_awaitable;
using client_socket = asio::ip::tcp::socket;
using server_socket = asio::generic::stream_protocol::socket;

asio::generic::stream_protocol::endpoint server_of(test_database const& database) {
    auto on = database.connect();
    auto const rows = on.execute(
        {"test_server", "SELECT host(inet_server_addr()), current_setting('port')::int, "
                        "split_part(current_setting('unix_socket_directories'), ',', 1)"});
    auto const port = rows.integer(0, 1);
    if (rows.null(0, 0)) {
        return asio::local::stream_protocol::endpoint{
            fmt::format("{}/.s.PGSQL.{}", rows.text(0, 2), port)};
    }
    return asio::ip::tcp::endpoint{asio::ip::make_address(std::string{rows.text(0, 0)}),
                                   static_cast<std::uint16_t>(port)};
}

std::size_t length_at(std::string const& bytes, std::size_t at) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        length = length << 8U | static_cast<unsigned char>(bytes[at + i]);
    }
    return length;
}

// Cuts a stream of bytes into messages: a type, a length that counts itself, a body. The first one
// of a client has no type.
class message_reader {
public:
    explicit message_reader(bool typed) : typed_{typed} {}

    void add(char const* bytes, std::size_t size) { bytes_.append(bytes, size); }

    // Empty if the next one is not complete.
    std::string next() {
        std::size_t const head = typed_ ? 1 : 0;
        if (bytes_.size() < head + 4) return {};
        auto const size = head + length_at(bytes_, head);
        if (bytes_.size() < size) return {};
        auto message = bytes_.substr(0, size);
        bytes_.erase(0, size);
        typed_ = true;
        return message;
    }

private:
    std::string bytes_;
    bool typed_;
};

}  // namespace

struct postgres_proxy::implementation {
    struct conversation;

    std::set<conversation*> open;  // of the proxy's thread; outlives them, which are in `io`
    asio::io_context io{1};
    asio::generic::stream_protocol::endpoint server;
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::string url;
    std::atomic<int> happened{0};
    std::atomic<int> seen{0};
    std::atomic<bool> turns_away{false};
    std::atomic<bool> drops_notices{false};
    std::atomic<int> dropped{0};

    std::mutex mutex;
    mishap what{};
    std::string words;  // empty: nothing is armed
    int before = 0;  // statements that come through first
    int times = 0;
    std::thread thread;  // last: it uses the others

    explicit implementation(test_database const& to) : server{server_of(to)} {
        bool const uri = to.url().find("://") != std::string::npos;
        bool const first = to.url().find('?') == std::string::npos;
        std::string const between = !uri ? " " : first ? "?" : "&";
        auto const next = uri ? "&" : " ";
        url = fmt::format("{}{}host=127.0.0.1{}port={}{}sslmode=disable{}gssencmode=disable",
                          to.url(), between, next, acceptor.local_endpoint().port(), next, next);
        asio::co_spawn(io, accept(), asio::detached);
        thread = std::thread{[this] { io.run(); }};
    }

    ~implementation() {
        io.stop();
        thread.join();
    }

    asio::awaitable<void> accept();

    // What happens to a statement: nothing, mostly.
    std::optional<mishap> judge(std::string_view text) {
        std::lock_guard const hold{mutex};
        if (words.empty()) return std::nullopt;
        bool const begins = words.front() == '^';
        auto const wanted = std::string_view{words}.substr(begins ? 1 : 0);
        auto const at = text.find(wanted);
        if (begins ? at != 0 : at == std::string_view::npos) return std::nullopt;
        ++seen;
        if (times == 0 || before-- > 0) return std::nullopt;
        before = 0;
        --times;
        ++happened;
        return what;
    }
};

struct postgres_proxy::implementation::conversation
    : std::enable_shared_from_this<postgres_proxy::implementation::conversation> {
    implementation& all;
    client_socket client;
    server_socket server;
    std::map<std::string, std::string> statements;  // by name
    std::optional<mishap> answer_meets{};           // what the answer that is under way meets
    bool silent = false;

    conversation(implementation& of, client_socket from)
        : all{of}, client{std::move(from)}, server{of.io} {
        all.open.insert(this);
    }
    ~conversation() { all.open.erase(this); }

    void cut() {
        boost::system::error_code ignored;
        client.close(ignored);
        server.close(ignored);
    }

    // The text of what this message has the server do; empty: nothing yet.
    std::string statement_of(std::string const& message) {
        auto const text_at = [&](std::size_t at) { return std::string{message.c_str() + at}; };
        switch (message.front()) {
            case 'Q': return text_at(5);
            case 'P': {
                auto const name = text_at(5);
                statements[name] = text_at(5 + name.size() + 1);
                return {};
            }
            case 'B': {
                auto const portal = text_at(5);
                return statements[text_at(5 + portal.size() + 1)];
            }
            default: return {};
        }
    }

    // False: the conversation is over.
    asio::awaitable<bool> pass_on(std::string message, bool first) {
        auto const statement = first ? std::string{} : statement_of(message);
        auto const met = statement.empty() ? std::nullopt : all.judge(statement);
        if (met == mishap::cut_before) co_return false;
        if (met == mishap::silence_before) silent = true;
        if (silent) co_return true;
        if (met == mishap::cut_within) {
            co_await asio::async_write(server, asio::buffer(message.data(), message.size() / 2),
                                       use_awaitable);
            co_return false;
        }
        if (met) answer_meets = met;
        co_await asio::async_write(server, asio::buffer(message), use_awaitable);
        co_return true;
    }

    asio::awaitable<void> listen_to_client() {
        message_reader messages{false};
        std::array<char, 16'384> bytes{};
        for (bool first = true;;) {
            auto const size = co_await client.async_read_some(asio::buffer(bytes), use_awaitable);
            messages.add(bytes.data(), size);
            for (auto message = messages.next(); !message.empty(); message = messages.next()) {
                if (!co_await pass_on(std::move(message), std::exchange(first, false))) co_return;
            }
        }
    }

    // The answer to a statement that meets a mishap ends with ReadyForQuery: by then it is done.
    asio::awaitable<bool> spoil(std::string message) {
        if (message.front() != 'Z') co_return true;
        if (answer_meets == mishap::silence_after) {
            silent = true;
            co_return true;
        }
        if (answer_meets == mishap::cut_within_answer) {
            co_await asio::async_write(client, asio::buffer(message.data(), 3), use_awaitable);
        }
        co_return false;
    }

    asio::awaitable<void> listen_to_server() {
        message_reader messages{true};
        std::array<char, 16'384> bytes{};
        for (;;) {
            auto const size = co_await server.async_read_some(asio::buffer(bytes), use_awaitable);
            messages.add(bytes.data(), size);
            for (auto message = messages.next(); !message.empty(); message = messages.next()) {
                if (silent) continue;
                if (message.front() == 'A' && all.drops_notices) {
                    ++all.dropped;
                    continue;
                }
                if (answer_meets) {
                    if (!co_await spoil(std::move(message))) co_return;
                    continue;
                }
                co_await asio::async_write(client, asio::buffer(message), use_awaitable);
            }
        }
    }

    // Whichever side ends first, both do. A side that is silent ends with its client.
    static asio::awaitable<void> run(std::shared_ptr<conversation> self, bool of_client) {
        try {
            if (of_client) {
                co_await self->listen_to_client();
            } else {
                co_await self->listen_to_server();
            }
        } catch (boost::system::system_error const&) {
            // One of the two hung up.
        }
        if (of_client || !self->silent) self->cut();
    }
};

asio::awaitable<void> postgres_proxy::implementation::accept() {
    for (;;) {
        auto from = co_await acceptor.async_accept(use_awaitable);
        if (turns_away) continue;
        auto const made = std::make_shared<conversation>(*this, std::move(from));
        boost::system::error_code failure;
        made->server.connect(server, failure);
        if (failure) continue;
        made->client.set_option(asio::ip::tcp::no_delay{true});  // else each answer waits 40 ms
        asio::co_spawn(io, conversation::run(made, true), asio::detached);
        asio::co_spawn(io, conversation::run(made, false), asio::detached);
    }
}

postgres_proxy::postgres_proxy(test_database const& to)
    : self_{std::make_unique<implementation>(to)} {}
postgres_proxy::~postgres_proxy() = default;

std::string const& postgres_proxy::url() const noexcept { return self_->url; }

void postgres_proxy::meet(mishap what, std::string words, int times, int before) {
    std::lock_guard const hold{self_->mutex};
    self_->what = what;
    self_->words = std::move(words);
    self_->before = before;
    self_->times = times;
    self_->seen = 0;
}

void postgres_proxy::calm() { meet({}, {}, 0, 0); }

int postgres_proxy::happened() const noexcept { return self_->happened; }
int postgres_proxy::seen() const noexcept { return self_->seen; }

void postgres_proxy::silence_all() {
    std::promise<void> done;
    asio::post(self_->io, [&] {
        for (auto* const one : self_->open) one->silent = true;
        done.set_value();
    });
    done.get_future().wait();
}

void postgres_proxy::drop_notices() noexcept { self_->drops_notices = true; }
int postgres_proxy::dropped() const noexcept { return self_->dropped; }

void postgres_proxy::turn_away(bool all) noexcept { self_->turns_away = all; }

}  // namespace recount::tests
