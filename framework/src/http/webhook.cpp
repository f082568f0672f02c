// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/webhook.hpp>

#include <algorithm>
#include <exception>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "http/characters.hpp"
#include "http/tls_client.hpp"
#include "http/webhook_parts.hpp"

namespace recount::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

constexpr std::uint32_t head_bytes_max = 16U << 10U;
constexpr int informational_max = 8;    // heads of 1xx before the answer

struct answer_head {
    int status = 0;
    std::string retry_after{};
};

using post = beast::http::request<beast::http::string_body>;

// A socket's failure by its own words; nothing of the URL's path.
std::string words_of(boost::system::system_error const& failed) { return failed.code().message(); }

// The request, and the head of its answer.
template <class Stream>
asio::awaitable<answer_head> converse(Stream& stream, post const& request) {
    co_await beast::http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer{head_bytes_max};
    for (int heads = 0; heads < informational_max; ++heads) {
        beast::http::response_parser<beast::http::empty_body> parser;
        parser.header_limit(head_bytes_max);
        co_await beast::http::async_read_header(stream, buffer, parser, asio::use_awaitable);
        auto const status = static_cast<int>(parser.get().result_int());
        if (status < 200) continue;
        auto const retry = parser.get()[beast::http::field::retry_after];
        co_return answer_head{status, std::string{retry.data(), retry.size()}};
    }
    throw std::runtime_error{"the answer never came to its status"};
}

asio::awaitable<answer_head> call_of(webhook_url const& url, tls_client const* tls,
                                     post const& request) {
    auto const executor = co_await asio::this_coro::executor;
    tcp::resolver resolver{executor};
    auto const found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    tcp::socket socket{executor};
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    if (tls == nullptr) co_return co_await converse(socket, request);
    tls_client::stream stream{socket, tls->context()};
    co_await tls->shake_hands(stream, url.host);
    co_return co_await converse(stream, request);
}

// What a thread waits for, no longer than the timeout. What is still open then is closed with the
// context.
effect_result call(webhook_url const& url, tls_client const* tls, post const& request,
                   std::chrono::milliseconds timeout) {
    std::optional<answer_head> answer;
    std::string why;
    asio::io_context context{1};
    asio::co_spawn(context, call_of(url, tls, request),
                   [&](std::exception_ptr const& failed, answer_head head) {
                       if (!failed) {
                           answer = std::move(head);
                           return;
                       }
                       try {
                           std::rethrow_exception(failed);
                       } catch (boost::system::system_error const& e) {
                           why = words_of(e);
                       } catch (std::exception const& e) {
                           why = e.what();
                       }
                   });
    context.run_for(timeout);
    if (answer) {
        return webhook_result(answer->status, answer->retry_after, url.authority(), now());
    }
    if (why.empty()) why = fmt::format("no answer within {} ms", timeout.count());
    return effect_result::again(fmt::format("{}: {}", url.authority(), why));
}

// A token of fewer signs than a token may have: those that names of headers do have.
bool fit_for_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return detail::is_alphanumeric(c) || c == '-' || c == '_';
    });
}

void check(webhook_options const& options) {
    for (auto const& [name, value] : options.headers) {
        if (fit_for_name(name) && std::ranges::all_of(value, detail::is_printable)) continue;
        throw error{errc::invalid_argument, "a header of a webhook cannot be sent"};
    }
    if (options.timeout.count() <= 0) {
        throw error{errc::invalid_argument, "a webhook needs time for its call"};
    }
}

}  // namespace

effect_handlers::function webhook(webhook_options options) {
    check(options);
    auto url = webhook_url_of(options.url);
    std::shared_ptr<tls_client const> tls;
    if (url.tls) tls = std::make_shared<tls_client const>(options.ca_file);
    if (!url.tls && !options.ca_file.empty()) {
        throw error{errc::invalid_argument,
                    "a webhook with a file of certificates needs a URL that begins with https://"};
    }
    return [options = std::move(options), url = std::move(url), tls](effect_info const& effect) {
        auto const key = to_string(effect.key);
        post request{beast::http::verb::post, url.target, 11};
        for (auto const& [name, value] : options.headers) request.insert(name, value);
        request.set(beast::http::field::host, url.authority());
        request.set(beast::http::field::user_agent, "recount");
        request.set(beast::http::field::content_type, "application/json");
        request.set(beast::http::field::connection, "close");
        request.set("Idempotency-Key", key);
        if (!options.signing_key.empty()) {
            request.set("Recount-Signature",
                        webhook_signature(options.signing_key, key, effect.body));
        }
        request.body() = effect.body;
        request.prepare_payload();
        return call(url, tls.get(), request, options.timeout);
    };
}

}  // namespace recount::http
