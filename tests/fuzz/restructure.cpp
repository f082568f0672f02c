// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// libFuzzer over the rows of a log (support/restructure/raw_rows.hpp says what must hold). Input
// that begins with the byte 'T' is a tape of choices instead: a random log, spoilt or not, which
// reaches deeper than bytes do.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "support/restructure/laws.hpp"
#include "support/restructure/raw_rows.hpp"

namespace {

std::string defect_of_tape(std::string_view bytes) {
    std::vector<std::uint32_t> tape(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        tape[i] = static_cast<unsigned char>(bytes[i]);
    }
    recount::tests::choices c{std::move(tape)};
    auto rows = recount::tests::random_log(c, {.hostile = true}).rows();
    if (c.one_in(2)) recount::tests::spoil(c, rows);
    return recount::tests::defect_of_bytes(recount::tests::bytes_of_rows(rows));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    auto const defect = bytes.starts_with('T') ? defect_of_tape(bytes.substr(1))
                                               : recount::tests::defect_of_bytes(bytes);
    if (defect.empty()) return 0;
    std::fprintf(stderr, "%s\n", defect.c_str());
    std::abort();
}
