// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The sample domain behind the API, in memory: requests of a test's own making.
//
//     site s;
//     s.send("account.open", R"({"account":"a"})");
//     auto const found = s.get("streams/account-a/state");
//     CHECK(found.status == 200);
//     CHECK(found.json["state"]["is_open"] == true);
#pragma once

#include <nlohmann/json.hpp>

#include <recount/http/api.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>

#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace recount::tests {

using nlohmann::json;

struct answered {
    int status = 0;
    std::string content_type;
    std::vector<http::name_value> headers;
    std::string body;
    tests::json json;
    std::optional<http::live_events> live;

    [[nodiscard]] std::string header(std::string_view name) const {
        for (auto const& [known, value] : headers) {
            if (known == name) return value;
        }
        return "none";
    }
    [[nodiscard]] std::string code() const { return json.value("code", "none"); }
    [[nodiscard]] std::string detail() const { return json.value("detail", "none"); }
};

inline application_parts sample_parts() {
    application_parts parts;
    parts.add<sample::account>();
    parts.add<sample::balances>();
    parts.add<sample::totals>();
    parts.add<sample::lines>();
    return parts;
}

class site {
public:
    std::shared_ptr<wrapped_log> log = std::make_shared<wrapped_log>();
    std::shared_ptr<memory_row_store> rows = std::make_shared<memory_row_store>();
    std::shared_ptr<memory_saga_store> sagas = std::make_shared<memory_saga_store>();
    application app{sample_parts(), log, rows, {.program = "sample 1.0", .sagas = sagas}};
    http::api api;

    explicit site(http::api_options options = {}) : api{app, std::move(options)} {}

    // `target` without a leading slash: "streams/account-a/events?limit=2". No escapes.
    static http::request request(std::string method, std::string_view target) {
        http::request made{std::move(method), "/" + std::string{target}, {}, {}, {}, {}};
        auto const question = std::min(target.find('?'), target.size());
        auto path = target.substr(0, question);
        auto query = target.substr(std::min(question + 1, target.size()));
        bool const slash = path.ends_with('/');
        while (!path.empty()) made.path.emplace_back(cut(path, '/'));
        if (slash) made.path.emplace_back();
        while (!query.empty()) {
            auto pair = cut(query, '&');
            auto const name = cut(pair, '=');
            made.query.emplace_back(name, pair);
        }
        return made;
    }

    [[nodiscard]] answered ask(http::request const& r) const {
        auto const made = api.answer(r);
        answered found;
        if (auto const* live = std::get_if<http::live_events>(&made)) {
            found.live = *live;
            return found;
        }
        auto const& plain = std::get<http::response>(made);
        found.status = plain.status;
        found.content_type = plain.content_type;
        found.headers = plain.headers;
        found.body = plain.body;
        if (plain.content_type.find("json") != std::string::npos) {
            found.json = json::parse(plain.body);
        }
        return found;
    }
    [[nodiscard]] answered get(std::string_view target,
                               std::vector<http::name_value> headers = {}) const {
        auto r = request("GET", target);
        r.headers = std::move(headers);
        return ask(r);
    }
    answered send(std::string_view command, std::string body,
                  std::vector<http::name_value> headers = {}) const {
        auto r = request("POST", "commands/" + std::string{command});
        r.headers = std::move(headers);
        if (r.header("content-type") == nullptr) {
            r.headers.emplace_back("content-type", "application/json");
        }
        r.body = std::move(body);
        return ask(r);
    }

    // Shorthands for what most tests begin with.
    void open(std::string const& account) const {
        REQUIRE(send("account.open", R"({"account":")" + account + "\"}").status == 200);
    }
    [[nodiscard]] static std::string amount(std::string const& account, int minor) {
        return R"({"account":")" + account + R"(","amount":{"minor":)" + std::to_string(minor) +
               R"(,"currency":"EUR"}})";
    }
    answered deposit(std::string const& account, int minor,
                     std::vector<http::name_value> headers = {}) const {
        return send("account.deposit", amount(account, minor), std::move(headers));
    }
    [[nodiscard]] position head() const { return log->head().position; }

private:
    static std::string_view cut(std::string_view& from, char separator) {
        auto const end = std::min(from.find(separator), from.size());
        auto const part = from.substr(0, end);
        from.remove_prefix(std::min(end + 1, from.size()));
        return part;
    }
};

}  // namespace recount::tests
