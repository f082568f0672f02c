// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/tls_client.hpp"

#include <memory>
#include <stdexcept>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount::http {

namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

constexpr int names_shown_max = 8;
constexpr std::size_t part_bytes_max = 120;

using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

// What OpenSSL prints, as text that a line of a log may hold: it comes from the other side.
template <class Print>
std::string printed(Print const& print) {
    bio const to{BIO_new(BIO_s_mem()), &BIO_free};
    if (to == nullptr) return {};
    print(to.get());
    char* bytes = nullptr;
    auto const size = BIO_get_mem_data(to.get(), &bytes);
    if (size <= 0) return {};
    return excerpt({bytes, static_cast<std::size_t>(size)}, part_bytes_max);
}

std::string time_of(ASN1_TIME const* at) {
    return printed([&](BIO* to) { ASN1_TIME_print(to, at); });
}

std::string name_of(X509_NAME const* name) {
    return printed([&](BIO* to) { X509_NAME_print_ex(to, name, 0, XN_FLAG_RFC2253); });
}

// The hosts that a certificate is for: "a.example, 127.0.0.1".
std::string hosts_of(X509* certificate) {
    struct free_names {
        void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
    };
    std::unique_ptr<GENERAL_NAMES, free_names> const names{static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    auto const count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
    if (count == 0) return "no host";
    std::string list;
    for (int i = 0; i < count && i < names_shown_max; ++i) {
        auto* const name = sk_GENERAL_NAME_value(names.get(), i);
        list += (i == 0 ? "" : ", ") + printed([&](BIO* to) { GENERAL_NAME_print(to, name); });
    }
    return count > names_shown_max ? list + ", …" : list;
}

// Why a certificate of the chain does not hold.
std::string wrong_with(X509* certificate, int why, std::string const& host,
                       std::string const& trusted) {
    switch (why) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("the certificate of {} has expired on {}",
                               name_of(X509_get_subject_name(certificate)),
                               time_of(X509_get0_notAfter(certificate)));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("the certificate of {} is not valid before {}",
                               name_of(X509_get_subject_name(certificate)),
                               time_of(X509_get0_notBefore(certificate)));
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fmt::format("its certificate is for another host: expected {}, found {}", host,
                               hosts_of(certificate));
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return fmt::format("its certificate has an unknown issuer: expected one of {}, "
                               "found {}",
                               trusted, name_of(X509_get_issuer_name(certificate)));
        default: return fmt::format("its certificate: {}", X509_verify_cert_error_string(why));
    }
}

bool is_address(std::string const& host) {
    boost::system::error_code failed;
    static_cast<void>(asio::ip::make_address(host, failed));
    return !failed;
}

// The certificate is for this host: a name by its alternative names alone, an address as one.
void expect(SSL* with, std::string const& host) {
    auto* const wanted = SSL_get0_param(with);
    X509_VERIFY_PARAM_set_hostflags(
        wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    bool set = false;
    if (is_address(host)) {
        set = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    } else {
        // A server of several hosts is told which one is meant (SNI); addresses are not told.
        set = X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
              SSL_set_tlsext_host_name(with, host.c_str()) == 1;
    }
    if (!set) throw std::runtime_error{"TLS cannot be set up for this host"};
}

}  // namespace

tls_client::tls_client(std::string ca_file)
    : context_{ssl::context::tls_client},
      trusted_{ca_file.empty() ? std::string{"those that the system trusts"} : ca_file} {
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    boost::system::error_code failed;
    if (ca_file.empty()) {
        context_.set_default_verify_paths(failed);
    } else {
        context_.load_verify_file(ca_file, failed);
    }
    if (failed) {
        throw error{errc::invalid_argument,
                    fmt::format("no certificates can be read from {}: {}", trusted_,
                                failed.message())};
    }
    context_.set_verify_mode(ssl::verify_peer);
}

asio::awaitable<void> tls_client::shake_hands(stream& with, std::string host) const {
    std::string wrong;
    expect(with.native_handle(), host);
    with.set_verify_callback([&](bool holds, ssl::verify_context& chain) {
        if (holds || !wrong.empty()) return holds;
        auto* const at = chain.native_handle();
        if (auto* const certificate = X509_STORE_CTX_get_current_cert(at)) {
            wrong = wrong_with(certificate, X509_STORE_CTX_get_error(at), host, trusted_);
        }
        return false;
    });
    try {
        co_await with.async_handshake(ssl::stream_base::client, asio::use_awaitable);
    } catch (boost::system::system_error const& failed) {
        if (!wrong.empty()) throw std::runtime_error{wrong};
        bool const of_tls = failed.code().category() == asio::error::get_ssl_category();
        throw std::runtime_error{(of_tls ? "no TLS: " : "") + failed.code().message()};
    }
}

}  // namespace recount::http
