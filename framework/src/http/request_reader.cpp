// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/request_reader.hpp"

#include <functional>
#include <iterator>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <recount/core/error.hpp>

namespace recount::http::detail {

namespace beast = boost::beast;

namespace {

// The head of a chunk has at most 16 digits and two line ends. What is longer has an extension or
// is a trailer, and neither is taken.
constexpr std::size_t chunk_head_bytes_max = 256;
// The shortest rest of a chunked body, "0\r\n\r\n". Beast 1.81 asserts that it has as much when it
// looks at a last chunk for the second time.
constexpr std::size_t chunked_rest_bytes_min = 5;

constexpr refusal not_agreed{400, "malformed_request", "the request is not well-formed"};
constexpr refusal too_large{413, "body_too_large", "the body of the request is too large"};

}  // namespace

struct request_reader::body_parser {
    beast::http::request_parser<beast::http::string_body> parser;
    std::function<void(std::uint64_t, beast::string_view, beast::error_code&)> on_chunk;
    std::ptrdiff_t fields_of_head = 0;

    explicit body_parser(read_limits const& limits) {
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
        parser.body_limit(limits.head.body_bytes_max);
        on_chunk = [](std::uint64_t, beast::string_view extension, beast::error_code& ec) {
            if (!extension.empty()) ec = beast::http::error::bad_chunk_extension;
        };
        parser.on_chunk_header(on_chunk);
    }

    [[nodiscard]] std::ptrdiff_t fields() const {
        return std::distance(parser.get().begin(), parser.get().end());
    }
    [[nodiscard]] std::optional<refusal> read_head(std::string_view head);
    [[nodiscard]] std::optional<refusal> read(std::string& buffer, bool chunked);
};

// Beast throws for some shapes (its own limits of a field are 64 KB): here, and nowhere further.
std::optional<refusal> request_reader::body_parser::read_head(std::string_view head) try {
    beast::error_code ec;
    auto const taken = parser.put(boost::asio::buffer(head), ec);
    if (ec || taken != head.size() || !parser.is_header_done()) return not_agreed;
    fields_of_head = fields();
    return std::nullopt;
} catch (std::exception const&) {
    return not_agreed;
}

// Takes from the buffer what can be read.
std::optional<refusal> request_reader::body_parser::read(std::string& buffer, bool chunked) try {
    while (!parser.is_done() && !buffer.empty()) {
        if (chunked && buffer.size() < chunked_rest_bytes_min) break;
        beast::error_code ec;
        auto const taken = parser.put(boost::asio::buffer(buffer), ec);
        buffer.erase(0, taken);
        if (ec == beast::http::error::need_more) break;
        if (ec == beast::http::error::body_limit) return too_large;
        if (ec || taken == 0) return not_agreed;
    }
    if (parser.is_done()) {
        if (fields() == fields_of_head) return std::nullopt;
        return refusal{400, "malformed_request", "trailers are not taken"};
    }
    if (buffer.size() <= chunk_head_bytes_max) return std::nullopt;
    return refusal{400, "malformed_request", "trailers and extensions of chunks are not taken"};
} catch (std::exception const&) {
    return not_agreed;
}

request_reader::request_reader(read_limits limits) : limits_{limits} {}
request_reader::~request_reader() = default;

void request_reader::feed(std::string_view bytes) {
    if (phase_ == read_phase::refused) return;
    buffer_ += bytes;
    advance();
}

request_manners request_reader::manners() const noexcept {
    return {head_.keep_alive, head_.minor_version};
}

bool request_reader::take_expectation() noexcept {
    return phase_ == read_phase::body && std::exchange(head_.expects_continue, false);
}

request request_reader::take() {
    assert_that(phase_ == read_phase::complete, "a request is taken when it is complete");
    request taken;
    taken.method = std::move(head_.method);
    taken.target = std::move(head_.target);
    taken.path = std::move(head_.where.path);
    taken.query = std::move(head_.where.query);
    taken.headers = std::move(head_.headers);
    taken.body = std::move(parser_->parser.get().body());
    parser_.reset();
    phase_ = read_phase::idle;
    empty_line_taken_ = false;
    scanned_ = 0;
    advance();  // a client may have sent the next request already
    return taken;
}

void request_reader::refuse(refusal why) {
    why_ = std::move(why);
    phase_ = read_phase::refused;
    buffer_.clear();
    parser_.reset();
}

void request_reader::advance() {
    if (phase_ == read_phase::idle && !begin_head()) return;
    if (phase_ == read_phase::head && !read_head()) return;
    if (phase_ == read_phase::body) read_body();
}

// Some clients end a body with one line end too many (RFC 9112, section 2.2): one is let pass.
bool request_reader::begin_head() {
    if (!empty_line_taken_ && buffer_.starts_with("\r\n")) {
        buffer_.erase(0, 2);
        empty_line_taken_ = true;
    }
    if (buffer_.empty()) return false;
    phase_ = read_phase::head;
    return true;
}

// True when the head is there and was found good.
bool request_reader::read_head() {
    if (!empty_line_taken_ && buffer_.starts_with("\r\n")) {  // came in two parts
        phase_ = read_phase::idle;
        return begin_head() && read_head();
    }
    auto const end = buffer_.find("\r\n\r\n", scanned_ > 3 ? scanned_ - 3 : 0);
    auto const size = end == std::string::npos ? buffer_.size() : end + 4;
    auto const head = std::string_view{buffer_}.substr(0, size);
    if (size > limits_.header_bytes_max) {
        bool const in_target = head.find("\r\n") >= limits_.header_bytes_max;
        refuse(in_target ? refusal{414, "target_too_long", "the target of the request is too long"}
                         : refusal{431, "head_too_large", "the head of the request is too large"});
        return false;
    }
    // What is wrong already is not waited for to be complete.
    if (auto no = offence_in(head, scanned_ > 0 ? scanned_ - 1 : 0)) {
        refuse(*std::move(no));
        return false;
    }
    scanned_ = size;
    if (end == std::string::npos) return false;
    auto judged = judge_head(head, limits_.head);
    if (auto* const no = std::get_if<refusal>(&judged)) {
        refuse(std::move(*no));
        return false;
    }
    head_ = std::get<request_head>(std::move(judged));
    if (buffer_.size() > size) head_.expects_continue = false;  // it did not wait
    parser_ = std::make_unique<body_parser>(limits_);
    if (auto no = parser_->read_head(head)) {
        refuse(*std::move(no));
        return false;
    }
    buffer_.erase(0, size);
    phase_ = read_phase::body;
    return true;
}

void request_reader::read_body() {
    if (auto no = parser_->read(buffer_, head_.framing == body_framing::chunked)) {
        refuse(*std::move(no));
    } else if (parser_->parser.is_done()) {
        phase_ = read_phase::complete;
    }
}

}  // namespace recount::http::detail
