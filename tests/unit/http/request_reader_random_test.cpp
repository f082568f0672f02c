// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Damaged conversations: whatever comes in, and however it is cut into reads, the same requests are
// read, and nothing is thrown.
#include "http/request_reader.hpp"

#include <cstdlib>
#include <random>

#include <support/catch.hpp>

using namespace recount::http::detail;

namespace {

class random_bytes {
public:
    explicit random_bytes(std::uint64_t seed) : random_{seed} {}
    [[nodiscard]] std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }

    // A good conversation with a few pieces changed, doubled, moved or left out.
    [[nodiscard]] std::string conversation() {
        static std::vector<std::string> const requests{
            "GET /a%2Fb?c=d&e HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello\r\n0\r\n\r",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\nb\r\nhello world\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HEAD http://a/ HTTP/1.1\r\nConnection: close, x\r\nHost: a\r\nUpgrade: h2c\r\n\r\n"};
        static std::vector<std::string> const pieces{
            "\r\n", "\r", "\n", "0", "\r\n0\r\n", ";", ":", " ", "\t", "%", "chunked", "5", "\"",
            "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "X: y\r\n", "FFFFFFFF",
            "Connection: \"\r\n", "\x80", std::string(1, '\0'), std::string(300, 'x')};
        std::string text;
        for (auto left = below(3) + 1; left > 0; --left) text += requests[below(requests.size())];
        for (auto left = below(4); left > 0; --left) {
            auto const at = below(text.size());
            switch (below(3)) {
                case 0: text.insert(at, pieces[below(pieces.size())]); break;
                case 1: text.replace(at, below(4), pieces[below(pieces.size())]); break;
                default: text.erase(at, below(4)); break;
            }
            if (text.empty()) text = "G";
        }
        return text + std::string(1'000, '\1');  // the end of every conversation: no longer body
    }

    // The requests that are read of it, when it comes in reads of up to so many bytes.
    [[nodiscard]] std::string read(std::string_view bytes, std::size_t step_max) {
        request_reader reader{{.header_bytes_max = 1'000, .head = {.body_bytes_max = 100}}};
        std::string told;
        while (!bytes.empty() && reader.phase() != read_phase::refused) {
            auto const size = std::min(below(step_max) + 1, bytes.size());
            reader.feed(bytes.substr(0, size));
            bytes.remove_prefix(size);
            while (reader.phase() == read_phase::complete) {
                auto const one = reader.take();
                told += one.method + " " + one.target + " '" + one.body + "'\n";
            }
        }
        if (reader.phase() != read_phase::refused) told += "still open";
        return told;
    }

private:
    std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("how a damaged conversation is cut makes no difference", "[http][reader]") {
    auto const* const given = std::getenv("RECOUNT_SEED");
    auto const seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    INFO("RECOUNT_SEED=" << seed);
    auto const* const wanted = std::getenv("RECOUNT_ROUNDS");
    auto const rounds = wanted != nullptr ? std::atoi(wanted) : 5'000;
    random_bytes random{seed};
    int silent = 0;
    for (int i = 0; i < rounds; ++i) {
        auto const bytes = random.conversation();
        auto const whole = random.read(bytes, 1'000'000);
        auto const cut = random.read(bytes, 1);
        auto const pieces = random.read(bytes, 9);
        if (whole != cut || whole != pieces) {
            INFO(bytes);
            CHECK(whole == cut);
            CHECK(whole == pieces);
            return;
        }
        if (whole.empty()) ++silent;
    }
    CHECK(silent > rounds / 10);  // the damage is enough to tell, and not too much
    CHECK(silent < rounds / 10 * 9);
}
