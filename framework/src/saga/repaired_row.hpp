// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a repair leaves in the stream of an instance (docs/adr/0051-repair-of-sagas.md), as a value
// and as JSON: what changed of its inputs, where what it did is not what it should have done, and
// what became of that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/restructure/place.hpp>

#include "saga/format.hpp"

namespace recount::detail {

inline constexpr std::string_view saga_repaired = "$saga.repaired";
inline constexpr std::string_view saga_acknowledged = "$saga.acknowledged";
// In a commit with the id of a command: that one will never be accepted.
inline constexpr std::string_view saga_withdrawn = "$saga.withdrawn";

// An input with its place in the corrected history. A timer's is nowhere: it stands behind the
// inputs that were told before it.
struct placed_input {
    saga_input input{};
    history::place at{};
    bool waiting = false;                // came in while the instance was parked
};
[[nodiscard]] placed_input placed(saga_input input);

enum class repair_kind : std::uint8_t {
    withdrawn,      // it had not left, and will not
    compensated,    // it had left: what was declared to make up for it is sent
    dispatched,     // it was missing, and is sent
    reissued,       // taken back, and sent as it should have been
    amended,        // the declared amendment is sent
    diverged,       // nobody has declared what to do: nothing is sent, a person decides
};
[[nodiscard]] std::string_view word_of(repair_kind k) noexcept;

// Which output: of the input `trigger` the n-th.
using output_place = std::pair<uuid, int>;

struct repair_difference {
    output_place of{};
    std::optional<saga_output> did{};
    std::optional<saga_output> should{};     // its key is the one that it is sent under
    repair_kind what = repair_kind::diverged;
};

struct repair_output {
    uuid trigger{};
    saga_output output{};
};

struct repaired_row {
    uuid restructure{};
    position k = 0;
    std::vector<uuid> removed{};             // inputs that are its own no more
    std::vector<placed_input> inputs{};      // that are new, or have changed
    std::vector<uuid> passed{};              // of all inputs: those that are told no more
    std::vector<repair_difference> differences{};
    std::vector<repair_output> outputs{};    // commands and effects that are sent
    std::vector<repair_output> timers{};     // all that are set after it
    bool started = true;
    bool ended = false;
    std::string problem{};                   // why the inputs cannot be told; then nothing
                                             // was compared; tried again when resumed

    [[nodiscard]] bool diverged() const noexcept;
};

[[nodiscard]] json_text to_json(repaired_row const& row);
[[nodiscard]] repaired_row repaired_from_json(std::string_view payload);   // throws invalid_json

// {"message":key,"restructure":id}
[[nodiscard]] json_text withdrawn_json(uuid const& message, uuid const& restructure);
[[nodiscard]] uuid withdrawn_from_json(std::string_view payload);

// The same command or effect: what it says, and not the key it is sent under.
[[nodiscard]] bool says_the_same(saga_output const& a, saga_output const& b);
// For a person: `account.charge {"customer":"ada","amount":10}`.
[[nodiscard]] std::string output_text(saga_output const& output);
// Of one kind and name, so that one can be made of the other.
[[nodiscard]] bool is_of_one_type(saga_output const& a, saga_output const& b);

}  // namespace recount::detail
