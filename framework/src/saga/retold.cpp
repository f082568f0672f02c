// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/retold.hpp"

#include <fmt/format.h>

#include "saga/fit.hpp"
#include "saga/instance.hpp"

namespace recount::detail {

using kind = reaction_output::kind;

namespace {

class reteller {
public:
    reteller(saga_descriptor const& saga, deeds const& known)
        : saga_{saga}, known_{known},
          made_{saga.reactor ? erased_object{nullptr, [](void*) {}} : saga.create()} {}

    void tell(saga_input const& input) {
        auto const found = input_known(saga_, input);
        auto const event = found.of->decode(found.index, input.payload);
        bool ends = false;
        if (made_.ended || !is_for_it(found, event.get(), input, ends)) {
            made_.passed.push_back(input.trigger);
            return;
        }
        if (input.timer) made_.timers.erase(input.name);
        auto const parts = ask(found.of->react, made_.state.get(), event.get(), input.about());
        take(input, outputs_of(parts, saga_.name, known_.id(), input));
        if (found.of->evolve != nullptr) {
            ask(found.of->evolve, made_.state.get(), event.get(), input.about());
        }
        made_.started = true;
        made_.ended = parts.ended || ends;
        if (made_.ended) made_.timers.clear();
    }
    void stopped_by(std::string why) { made_.problem = std::move(why); }
    [[nodiscard]] retold result() && { return std::move(made_); }

private:
    saga_descriptor const& saga_;
    deeds const& known_;
    retold made_;

    // As saga_work judges what comes from the feed, and timers that are due.
    [[nodiscard]] bool is_for_it(found_input const& found, void const* event,
                                 saga_input const& input, bool& ends) const {
        if (saga_.reactor) return true;
        if (input.timer) return is_set(input);
        auto const to = ask(found.of->route, event, input.about());
        ends = to.what == route::kind::ends;
        switch (to.what) {
            case route::kind::ignore: return false;
            case route::kind::starts:
            case route::kind::must_start: return true;
            case route::kind::continues:
            case route::kind::ends:
            case route::kind::must_exist: return made_.started;
        }
        return false;
    }
    // A timer that corrected history has not set, or not for so early, has not fired.
    [[nodiscard]] bool is_set(saga_input const& input) const {
        auto const set = made_.timers.find(input.name);
        auto const setter = known_.setter_of(input.trigger);
        return set != made_.timers.end() && setter &&
               *setter == output_place{set->second.trigger, set->second.output.n} &&
               set->second.output.due_at <= input.fired_at;
    }
    void take(saga_input const& input, std::vector<saga_output> outputs) {
        for (auto& output : outputs) {
            output_place const of{input.trigger, output.n};
            switch (output.what) {
                case kind::command:
                case kind::effect:
                    made_.order.push_back(of);
                    made_.outputs.insert_or_assign(of, std::move(output));
                    break;
                case kind::timer: {
                    auto const name = output.name;
                    made_.timers.insert_or_assign(name, set_timer{of.first, std::move(output)});
                    break;
                }
                case kind::cancel: made_.timers.erase(output.name); break;
            }
        }
    }
};

}  // namespace

retold retell(saga_descriptor const& saga, deeds const& known,
              std::vector<placed_input> const& inputs) {
    reteller one{saga, known};
    for (auto const& placed : inputs) {
        if (placed.waiting) continue;
        try {
            one.tell(placed.input);
        } catch (std::exception const& failure) {
            one.stopped_by(fmt::format("{} ({}) cannot be told: {}", placed.input.type,
                                       to_string(placed.input.trigger), failure.what()));
            break;
        }
    }
    return std::move(one).result();
}

}  // namespace recount::detail
