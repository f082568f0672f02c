// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "client.hpp"

#include <recount/core/error.hpp>

namespace recount::bench {

client::client(std::string const& url) : connection_{PQconnectdb(url.c_str())} {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw error{errc::database_unreachable, "the database cannot be reached",
                    {{}, "connect", PQerrorMessage(connection_.get())}};
    }
}

void client::check(PGresult const* result, ExecStatusType wanted) const {
    if (result != nullptr && PQresultStatus(result) == wanted) return;
    throw error{errc::database_failed, "a statement of the benchmark failed",
                {{}, "bench", PQerrorMessage(connection_.get())}};
}

void client::check_done(PGresult const* result) const {
    if (result != nullptr && PQresultStatus(result) == PGRES_TUPLES_OK) return;
    check(result, PGRES_COMMAND_OK);
}

void client::run(std::string const& sql) {
    reply const done{PQexec(connection_.get(), sql.c_str())};
    check_done(done.get());
}

std::string client::value(std::string const& sql) {
    reply const rows{PQexec(connection_.get(), sql.c_str())};
    check(rows.get(), PGRES_TUPLES_OK);
    return PQgetvalue(rows.get(), 0, 0);
}

void client::prepare(std::string const& name, std::string const& sql) {
    reply const done{PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr)};
    check_done(done.get());
}

void client::execute(std::string const& name, std::vector<char const*> const& values) {
    reply const done{PQexecPrepared(connection_.get(), name.c_str(),
                                    static_cast<int>(values.size()), values.data(), nullptr,
                                    nullptr, 0)};
    check_done(done.get());
}

void client::copy(std::string const& sql, std::string const& rows) {
    reply const begun{PQexec(connection_.get(), sql.c_str())};
    check(begun.get(), PGRES_COPY_IN);
    if (PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size())) != 1 ||
        PQputCopyEnd(connection_.get(), nullptr) != 1) {
        check(nullptr, PGRES_COMMAND_OK);
    }
    for (;;) {
        reply const done{PQgetResult(connection_.get())};
        if (!done) return;
        check(done.get(), PGRES_COMMAND_OK);
    }
}

}  // namespace recount::bench
