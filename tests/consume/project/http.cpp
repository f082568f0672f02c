// The same, served, with a webhook for an effect that nothing leads to: TLS is linked, too.
#include "note.hpp"

#include <recount/http/serve.hpp>
#include <recount/http/webhook.hpp>

int main(int argc, char** argv) {
    return recount::app{"consumer"}
        .add<note>()
        .effect("note.told", recount::http::webhook({.url = "https://127.0.0.1:9/notes"}))
        .verbs(recount::http::verbs())
        .run(argc, argv);
}
