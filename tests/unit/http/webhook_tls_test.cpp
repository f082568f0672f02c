// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Webhooks over TLS: certificates that hold, and those that do not.
#include <recount/http/webhook.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "support/caught.hpp"
#include "unit/http/webhook_calls.hpp"

using namespace std::chrono_literals;
using namespace recount;
using Catch::Matchers::ContainsSubstring;
using tests::alert;
using tests::caught;
using kind = effect_result::kind;

namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;

// Made by the openssl program, in a folder that goes with it: an authority, and servers' own
// certificates signed by it.
class certificates {
public:
    std::filesystem::path folder;

    certificates() {
        auto pattern = (std::filesystem::temp_directory_path() / "recount-tls-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder = pattern;
        std::ofstream{file("ca.conf")}
            << "[ca]\ndefault_ca=own\n[own]\ndatabase=" << file("index") << "\nserial="
            << file("serial") << "\nnew_certs_dir=" << folder.string()
            << "\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n"
               "[any]\ncommonName=supplied\n";
        std::ofstream{file("index")};
        std::ofstream{file("serial")} << "01\n";
        authority("ca");
        authority("stranger");
    }
    ~certificates() {
        std::error_code left;
        std::filesystem::remove_all(folder, left);
    }
    certificates(certificates const&) = delete;
    certificates& operator=(certificates const&) = delete;

    [[nodiscard]] std::string file(std::string const& name) const {
        return (folder / name).string();
    }
    // "DNS:localhost"; from and to as openssl has them, "20200101000000Z".
    void issue(std::string const& name, std::string const& by, std::string const& hosts,
               std::string const& from, std::string const& to) const {
        openssl("req -new " + key_of(name) + " -out " + file(name + ".csr") + " -subj /CN=" +
                name + " -addext subjectAltName=" + hosts);
        openssl("ca -batch -notext -config " + file("ca.conf") + " -cert " + file(by + ".pem") +
                " -keyfile " + file(by + ".key") + " -in " + file(name + ".csr") + " -out " +
                file(name + ".pem") + " -startdate " + from + " -enddate " + to);
    }
    void issue(std::string const& name, std::string const& by, std::string const& hosts) const {
        issue(name, by, hosts, "20200101000000Z", "20990101000000Z");
    }

private:
    [[nodiscard]] std::string key_of(std::string const& name) const {
        return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + file(name + ".key");
    }
    void authority(std::string const& name) const {
        openssl("req -x509 " + key_of(name) + " -out " + file(name + ".pem") + " -subj /CN=" +
                name + "-authority -days 365");
    }
    void openssl(std::string const& arguments) const {
        auto const told = file("told");
        auto const line = "openssl " + arguments + " >" + told + " 2>&1";
        INFO(line);
        REQUIRE(std::system(line.c_str()) == 0);
    }
};

// Answers each call over TLS with 204, one after the other; keeps the name that it was asked for.
class tls_server {
public:
    tls_server(certificates const& in, std::string const& name) {
        tls_.use_certificate_chain_file(in.file(name + ".pem"));
        tls_.use_private_key_file(in.file(name + ".key"), ssl::context::pem);
        SSL_CTX_set_tlsext_servername_callback(tls_.native_handle(), &keep_name);
        SSL_CTX_set_tlsext_servername_arg(tls_.native_handle(), this);
        server_.emplace([this](tcp::socket& taken) { answer(taken); });
    }
    tls_server(tls_server const&) = delete;
    tls_server& operator=(tls_server const&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] std::string url(std::string const& host) const {
        return "https://" + host + ":" + std::to_string(port()) + "/alerts?to=x";
    }
    // Only when no call is under way.
    [[nodiscard]] std::string const& asked_for() const { return asked_for_; }
    [[nodiscard]] std::string const& request() const { return request_; }
    [[nodiscard]] int answered() const { return answered_; }

private:
    ssl::context tls_{ssl::context::tls_server};
    std::string asked_for_;
    std::string request_;
    std::atomic<int> answered_ = 0;
    std::optional<tests::strange_server> server_;   // the last: it ends before the rest does

    static int keep_name(SSL* of, int*, void* self) {
        auto const* const name = SSL_get_servername(of, TLSEXT_NAMETYPE_host_name);
        static_cast<tls_server*>(self)->asked_for_ = name == nullptr ? "" : name;
        return SSL_TLSEXT_ERR_OK;
    }
    void answer(tcp::socket& taken) {
        ssl::stream<tcp::socket&> stream{taken, tls_};
        stream.handshake(ssl::stream_base::server);
        std::string text;
        asio::read_until(stream, asio::dynamic_buffer(text), "}}");
        request_ = text;
        ++answered_;
        asio::write(stream, asio::buffer("HTTP/1.1 204 No Content\r\n\r\n", 27));
    }
};

effect_result call(std::string url, std::string ca_file) {
    return http::webhook({.url = std::move(url), .ca_file = std::move(ca_file)})(alert());
}

}  // namespace

TEST_CASE("a webhook is sent over TLS to a server whose certificate holds",
          "[effects][http][tls]") {
    certificates const made;
    made.issue("good", "ca", "DNS:localhost,IP:127.0.0.1");
    tls_server const server{made, "good"};
    auto const result = call(server.url("localhost"), made.file("ca.pem"));
    INFO(result.why());
    REQUIRE(result.what() == kind::sent);
    CHECK(server.asked_for() == "localhost");
    CHECK_THAT(server.request(), ContainsSubstring("POST /alerts?to=x HTTP/1.1\r\n"));
    CHECK_THAT(server.request(),
               ContainsSubstring("Host: localhost:" + std::to_string(server.port()) + "\r\n"));
    CHECK_THAT(server.request(), ContainsSubstring(alert().body));
    // By its address too, which the certificate names; addresses are no names to ask for.
    CHECK(call(server.url("127.0.0.1"), made.file("ca.pem")).what() == kind::sent);
    CHECK(server.asked_for().empty());
    CHECK(server.answered() == 2);
}

TEST_CASE("nothing is sent to a server whose certificate does not hold, and it is said why",
          "[effects][http][tls]") {
    certificates const made;
    made.issue("other", "ca", "DNS:hooks.example,IP:10.0.0.1");
    made.issue("old", "ca", "DNS:localhost", "20200101000000Z", "20200201000000Z");
    made.issue("early", "ca", "DNS:localhost", "20980101000000Z", "20990101000000Z");
    made.issue("strange", "stranger", "DNS:localhost");
    auto const refused = [&](std::string const& name, std::string const& host,
                             std::string const& ca_file) {
        tls_server const server{made, name};
        auto const result = call(server.url(host), ca_file);
        CHECK(result.what() == kind::again);
        CHECK(server.answered() == 0);
        CHECK_THAT(result.why(), !ContainsSubstring("alerts"));   // a path may be a secret
        CHECK_THAT(result.why(), ContainsSubstring(host + ":" + std::to_string(server.port())));
        return result.why();
    };
    auto const ca = made.file("ca.pem");
    CHECK_THAT(refused("other", "localhost", ca),
               ContainsSubstring("its certificate is for another host: expected localhost, found "
                                 "DNS:hooks.example, IP Address:10.0.0.1"));
    CHECK_THAT(refused("other", "127.0.0.1", ca), ContainsSubstring("expected 127.0.0.1, found"));
    CHECK_THAT(refused("old", "localhost", ca),
               ContainsSubstring("the certificate of CN=old has expired on Feb  1 00:00:00 2020"));
    CHECK_THAT(refused("early", "localhost", ca),
               ContainsSubstring("the certificate of CN=early is not valid before Jan  1"));
    CHECK_THAT(refused("strange", "localhost", ca),
               ContainsSubstring("its certificate has an unknown issuer: expected one of " + ca +
                                 ", found CN=stranger-authority"));
    // Of the system's own nobody has signed it either.
    CHECK_THAT(refused("strange", "localhost", ""),
               ContainsSubstring("expected one of those that the system trusts, found"));
}

TEST_CASE("a server without TLS, or one that is silent, is a connection that failed",
          "[effects][http][tls]") {
    certificates const made;
    asio::io_context context;
    tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
    auto const url = "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
    // The kernel takes the connection; nobody says a word.
    auto const silent = http::webhook({.url = url, .timeout = 50ms})(alert());
    CHECK(silent.what() == kind::again);
    CHECK_THAT(silent.why(), ContainsSubstring("no answer within 50 ms"));
    std::thread plain{[&] {
        for (int i = 0; i < 2; ++i) {   // the first one has hung up
            boost::system::error_code failed;
            tcp::socket taken{context};
            acceptor.accept(taken, failed);
            asio::write(taken, asio::buffer("HTTP/1.1 400 Bad Request\r\n\r\n", 28), failed);
            std::string rest;
            asio::read(taken, asio::dynamic_buffer(rest), failed);   // until the client hangs up
        }
    }};
    auto const result = http::webhook({.url = url})(alert());
    plain.join();
    CHECK(result.what() == kind::again);
    CHECK_THAT(result.why(), ContainsSubstring("no TLS: "));
}

TEST_CASE("a file of certificates is read when the webhook is made", "[effects][http][tls]") {
    certificates const made;
    auto const missing = caught([&] {
        static_cast<void>(http::webhook({.url = "https://a/", .ca_file = made.file("none.pem")}));
    });
    CHECK(missing.code() == errc::invalid_argument);
    CHECK_THAT(missing.what(), ContainsSubstring(made.file("none.pem")));
    std::ofstream{made.file("empty.pem")} << "no certificate\n";
    CHECK_THROWS_AS(http::webhook({.url = "https://a/", .ca_file = made.file("empty.pem")}),
                    error);
    auto const plain = caught([&] {
        static_cast<void>(http::webhook({.url = "http://a/", .ca_file = made.file("ca.pem")}));
    });
    CHECK(plain.code() == errc::invalid_argument);
}
