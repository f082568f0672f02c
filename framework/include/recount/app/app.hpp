// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application whose binary is its own command line.
//
//     int main(int argc, char** argv) {
//         return recount::app{"bank"}.add<account, account_balances>().run(argc, argv);
//     }
//
// Every application has: migrate, commands, categories, streams, events, event, state, projections,
// schema, psql, version (docs/reference/cli.md); its own verbs are added with `verb`. Without
// --database and RECOUNT_DATABASE_URL it keeps a private PostgreSQL of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <recount/app/application.hpp>
#include <recount/app/verb.hpp>

namespace recount {

class app {
public:
    // `name`: [a-z][a-z0-9_]*; names the program, its database and its data folder.
    explicit app(std::string name, std::string program_version = "0.1.0")
        : name_{std::move(name)}, version_{std::move(program_version)} {}

    template <class... Parts>
    app& add() {
        (parts_.add<Parts>(), ...);
        return *this;
    }
    // What sends the effects of one type (recount/effects/handler.hpp), while `serve` runs.
    template <event_type E, class Handler>
    app& effect(Handler handler) {
        parts_.effects.add<E>(std::move(handler));
        return *this;
    }
    app& effect(std::string type, effect_handlers::function handler) {
        parts_.effects.add(std::move(type), std::move(handler));
        return *this;
    }
    app& verb(recount::verb own) {
        verbs_.push_back(std::move(own));
        return *this;
    }
    app& verbs(std::vector<recount::verb> list) {
        for (auto& own : list) verbs_.push_back(std::move(own));
        return *this;
    }
    // What the program does when it is called without a verb; else it shows its help.
    app& by_default(std::function<int(verb_call&)> run) {
        default_ = std::move(run);
        return *this;
    }

    // Never throws: what goes wrong becomes a sentence on stderr and an exit code.
    [[nodiscard]] int run(int argc, char const* const* argv) const noexcept;

private:
    std::string name_;
    std::string version_;
    application_parts parts_;
    std::vector<recount::verb> verbs_;
    std::function<int(verb_call&)> default_;
};

}  // namespace recount
