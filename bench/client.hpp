// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A bare connection by libpq, for what a server can do at most: nothing of Recount is in its way.
//
//     client to{url};
//     to.run("CREATE TABLE …");
//     to.prepare("one", "INSERT …");
//     to.execute("one", {values});
//     to.copy("COPY … FROM STDIN", rows);
//
// Thread safety: one thread. Errors: errc::database_failed with the server's text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace recount::bench {

class client {
public:
    explicit client(std::string const& url);

    void run(std::string const& sql);
    [[nodiscard]] std::string value(std::string const& sql);  // the first of the first row
    void prepare(std::string const& name, std::string const& sql);
    void execute(std::string const& name, std::vector<char const*> const& values);
    void copy(std::string const& sql, std::string const& rows);  // a transaction of its own

private:
    struct closer {
        void operator()(PGconn* c) const noexcept { PQfinish(c); }
    };
    struct clearer {
        void operator()(PGresult* r) const noexcept { PQclear(r); }
    };
    using reply = std::unique_ptr<PGresult, clearer>;
    std::unique_ptr<PGconn, closer> connection_;

    void check(PGresult const* result, ExecStatusType wanted) const;
    void check_done(PGresult const* result) const;
};

}  // namespace recount::bench
