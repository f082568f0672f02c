// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/retelling.hpp"

#include <algorithm>
#include <exception>

#include <recount/command/dispatcher.hpp>
#include <recount/describe/raw_json.hpp>
#include <recount/restructure/read.hpp>

namespace recount::detail {

namespace {

class teller {
public:
    explicit teller(retelling const& how)
        : how_{how}, told_{how.aggregate->create(), {}, {}, 0, {}} {}

    void tell(history::slot_version const& slot) {
        auto const event = history::event_of(slot);
        if (how_.again.contains(slot.event)) decide(event);
        evolve_all(*how_.aggregate, told_.state.get(), std::span{&event, 1});
        check(slot.event);
    }
    void stopped_by(std::string why) { told_.problem = std::move(why); }
    [[nodiscard]] retold_stream result() && { return std::move(told_); }

private:
    retelling const& how_;
    retold_stream told_;

    void check(uuid const& after) {
        if (how_.aggregate->check == nullptr) return;
        invariants holds;
        how_.aggregate->check(told_.state.get(), holds);
        for (auto const& name : holds.broken()) {
            bool const known = std::any_of(told_.broken.begin(), told_.broken.end(),
                                           [&](auto const& one) { return one.first == name; });
            if (!known) told_.broken.emplace_back(name, after);
        }
    }

    void decide(recorded_event const& event) {
        auto const known = how_.commands->find(event.id);
        if (known == how_.commands->end()) return;   // not the first event of a command
        auto o = describe::raw_object{describe::raw_json::of(*known->second), true};
        auto const name = o.need("name").string();
        auto const payload = std::string{o.need("payload").text()};
        auto const version = o.need("version").integer(1, std::numeric_limits<int>::max());
        auto const* const descriptor = find(name, version);
        if (descriptor == nullptr) {
            ++told_.unknown;
            return;
        }
        auto const object = descriptor->create();
        try {
            describe::read_json(payload, descriptor->shape(), object.get());
        } catch (error const&) {
            ++told_.unknown;
            return;
        }
        // Of a commit to several streams, the command is its target's alone.
        auto const target = stream_name::of(how_.aggregate->category,
                                            descriptor->target(object.get()));
        if (target.str() != how_.stream) return;
        if (auto no = refusal(*descriptor, object.get(), facts_of(event))) {
            told_.refused.emplace(event.id, retold_command{name, payload, *std::move(no)});
        }
    }

    [[nodiscard]] command_descriptor const* find(std::string_view name,
                                                 std::int64_t version) const {
        for (auto const& c : how_.aggregate->commands) {
            if (c.command.name == name && c.command.version == version) return &c;
        }
        return nullptr;
    }

    // Deciders are the application's: whatever they throw is an answer here, and no failure.
    [[nodiscard]] std::optional<rejection> refusal(command_descriptor const& c,
                                                   void const* command,
                                                   facts const& known) const {
        auto const copy = how_.aggregate->create();
        how_.aggregate->state().assign(copy.get(), told_.state.get());
        try {
            return c.decide(copy.get(), command, known).rejected;
        } catch (std::exception const& thrown) {
            return rejection{"thrown", thrown.what()};
        }
    }

    static facts facts_of(recorded_event const& event) {
        facts known{event.recorded_at, {}, event.id, {}};
        try {
            auto const meta = metadata_from_json(event.meta);
            known.actor = meta.actor.value_or("");
            known.correlation = meta.correlation;
        } catch (error const&) {   // metadata of another make says nothing here
        }
        return known;
    }
};

}  // namespace

retold_stream retell(retelling const& how, std::vector<history::slot_version> const& view) {
    teller one{how};
    try {
        for (auto const& slot : view) one.tell(slot);
    } catch (std::exception const& failed) {
        one.stopped_by(failed.what());
    }
    return std::move(one).result();
}

}  // namespace recount::detail
