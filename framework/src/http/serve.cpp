// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <optional>

#include <fmt/core.h>

#include <recount/app/followers.hpp>
#include <recount/core/logging.hpp>
#include <recount/effects/worker.hpp>
#include <recount/http/store_apis.hpp>
#include <recount/saga/followers.hpp>

#include "app/database_guard.hpp"
#include "app/summary_json.hpp"
#include "http/api_call.hpp"
#include "http/characters.hpp"
#include "http/hosts.hpp"

namespace recount::http {

namespace {

struct program_name {
    std::string title;     // "bank"
    std::string version;   // "0.1.0"
};

program_name name_of(verb_call const& call) {
    auto const text = call.program();
    auto const space = text.rfind(' ');
    if (space == std::string::npos) return {text, {}};
    return {text.substr(0, space), text.substr(space + 1)};
}

std::int64_t number_up_to(verb_call const& call, std::string_view name, std::int64_t least,
                          std::int64_t most, std::int64_t otherwise) {
    auto const value = call.number(name).value_or(otherwise);
    if (value >= least && value <= most) return value;
    throw error{errc::invalid_argument,
                fmt::format("{}: expected {} to {}, found {}", name, least, most, value)};
}

server_options server_options_of(verb_call const& call) {
    constexpr std::int64_t port_max = 65'535;
    constexpr std::int64_t workers_max = 256;
    server_options options;
    options.address = call.get("--address").value_or(options.address);
    options.port =
        static_cast<std::uint16_t>(number_up_to(call, "--port", 0, port_max, options.port));
    options.workers = static_cast<std::size_t>(number_up_to(
        call, "--workers", 1, workers_max, static_cast<std::int64_t>(options.workers)));
    return options;
}

// One line, as soon as a client would be answered: whoever started the program waits for it.
void announce(verb_call const& call, std::string const& title, std::string const& address,
              std::uint16_t port) {
    bool const v6 = address.find(':') != std::string::npos;
    auto const url = fmt::format("http://{}{}{}:{}/", v6 ? "[" : "", address, v6 ? "]" : "", port);
    if (call.json()) {
        call.line(fmt::format(R"({{"listening":"{}","address":"{}","port":{}}})", url, address,
                              port));
    } else {
        call.line(fmt::format("{} is served at {}", title, url));
    }
    std::fflush(stdout);
}

// On a loopback address only the machine itself is meant to be spoken to, unless others are named.
std::vector<std::string> hosts_of(verb_call const& call, std::string const& address) {
    std::vector<std::string> hosts;
    if (auto const named = call.get("--host")) hosts.push_back(detail::lower(*named));
    if (hosts.empty() && is_loopback(address)) hosts.emplace_back("localhost");
    return hosts;
}

int serve(verb_call& call) {
    auto const name = name_of(call);
    auto const where = server_options_of(call);
    // A server whose failures nobody sees is no use: what goes wrong is told in any case.
    if (std::getenv("RECOUNT_LOG") == nullptr) {
        logging::set_sink(logging::text_sink(), logging::level::warning);
    }
    call.apply_migrations(call.flag("--migrate"));
    std::deque<projection_followers> followers;
    std::deque<saga_followers> sagas;
    std::deque<effect_worker> effects;
    std::vector<served_store> stores;
    std::vector<recount::log*> feeds;
    for (auto const& store : call.stores()) {
        auto& app = call.application_of(store);
        auto& served = stores.emplace_back(served_store{&app});
        served.followers = &followers.emplace_back(app);
        served.sagas = &sagas.emplace_back(app);
        feeds.push_back(&app.log());
        if (!app.parts().effects.empty()) {
            served.effects = &effects.emplace_back(app.saga_tables(), app.parts().effects);
        }
    }
    store_apis const answers{
        stores,
        {.actor_header = detail::lower(call.get("--actor-header").value_or("")),
         .at_least_waiting_max = std::max<std::size_t>(where.workers / 2 / stores.size(), 1),
         .hosts = hosts_of(call, where.address),
         .title = name.title,
         .version = name.version}};
    server listening{where, [&](request const& r) { return answers.answer(r); }, feeds};
    announce(call, name.title, where.address, listening.port());
    std::optional<database_guard> guard;
    if (call.private_database()) guard.emplace(call);
    listening.run([] { return verb_call::stop_wanted(); });
    guard.reset();
    for (auto& one : sagas) one.stop();
    for (auto& one : effects) one.stop();
    for (auto& one : followers) one.stop();
    call.note("stopped");
    return exit_code::ok;
}

int print_openapi(verb_call& call) {
    auto const name = name_of(call);
    call.line(openapi(call.parts(), name.title, name.version));
    return exit_code::ok;
}

// How many instances of a saga stand how, as JSON or as text.
void tell_sagas(verb_call& call, saga_counts const& counts, std::string& json) {
    for (auto const* saga : call.application().parts().sagas) {
        if (saga->reactor) continue;
        std::string members = fmt::format(R"("saga":"{}")", saga->name);
        std::string text;
        for (auto const status : {saga_status::running, saga_status::parked, saga_status::diverged,
                                  saga_status::ended}) {
            std::int64_t number = 0;
            for (auto const& one : counts.instances) {
                if (one.saga == saga->name && one.status == status) number = one.count;
            }
            members += fmt::format(R"(,"{}":{})", to_string(status), number);
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, to_string(status));
        }
        append_item(json, "{" + members + "}");
        if (!call.json()) call.line(fmt::format("{}: {}", saga->name, text));
    }
}

void tell_outbox(verb_call& call, saga_counts const& counts, std::string& json) {
    for (auto const& one : counts.messages) {
        append_item(json, fmt::format(R"({{"kind":"{}","waiting":{},"dead":{}}})",
                                      to_string(one.kind), one.waiting, one.dead));
        if (!call.json()) {
            call.line(fmt::format("{}s of the outbox: {} waiting, {} dead", to_string(one.kind),
                                  one.waiting, one.dead));
        }
    }
}

// Nothing of HTTP: whether the database answers, and the rows are of this log.
int health(verb_call& call) {
    auto& app = call.application();
    auto const head = app.log().head().position;
    int found = exit_code::ok;
    std::string list;
    for (auto const* p : app.parts().projections) {
        auto const at = app.row_tables().read_checkpoint(*p, table_build::live);
        bool const ours = app.log().hash_at(at.position) == at.hash;
        if (!ours) found = exit_code::failed;
        if (!list.empty()) list += ',';
        list += summary_json(*p, at.position, head);
        list.insert(list.size() - 1, fmt::format(R"(,"ok":{})", ours));
        if (!call.json()) {
            call.line(fmt::format("{}: {}", p->name,
                                  !ours ? "its rows were made from another log: rebuild it"
                                  : at.position >= head
                                      ? "up to date"
                                      : fmt::format("{} behind", head - at.position)));
        }
    }
    std::string sagas;
    std::string outbox;
    if (!app.parts().sagas.empty()) {
        auto const counts = app.saga_tables().counts();
        tell_sagas(call, counts, sagas);
        tell_outbox(call, counts, outbox);
    }
    if (call.json()) {
        call.line(fmt::format(R"({{"status":"{}","head":{},"projections":[{}],"sagas":[{}],)"
                              R"("outbox":[{}]}})",
                              found == exit_code::ok ? "ok" : "failed", head, list, sagas,
                              outbox));
    } else {
        call.line(fmt::format("the log is at position {}", head));
    }
    return found;
}

}  // namespace

std::vector<verb> verbs() {
    using o = verb_option;
    return {
        {"serve",
         "answer over HTTP until told to stop; --store may be given several times",
         {o::value("--address", "the address to listen at (127.0.0.1)"),
          o::value("--port", "the port (8080); 0: one that is free"),
          o::flag("--migrate", "apply pending migrations first"),
          o::value("--workers", "commands and queries at a time (8)"),
          o::value("--host", "a name that requests may be for, where a proxy passes it on"),
          o::value("--actor-header", "the header in which a trusted proxy says who is asking")},
         &serve,
         true},
        {"health", "does the database answer, and do the tables belong to the log?", {}, &health},
        {"schema openapi", "the OpenAPI 3.1 document of what serve answers", {}, &print_openapi},
    };
}

}  // namespace recount::http
