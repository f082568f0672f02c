// The same, served.
#include "note.hpp"

#include <recount/http/serve.hpp>

int main(int argc, char** argv) {
    return recount::app{"consumer"}.add<note>().verbs(recount::http::verbs()).run(argc, argv);
}
