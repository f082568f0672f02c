// An application whose binary is its own command line.
#include "note.hpp"

int main(int argc, char** argv) { return recount::app{"consumer"}.add<note>().run(argc, argv); }
