// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a saga answers to an event: commands, timers, effects, and that it has ended.
//
//     using reaction = recount::reaction<commands, timers, effects>;
//     static reaction react(transfer const& t, requested const& e) {
//         return {recount::compensable{debit{e.from, e.amount}, refund{e.from, e.amount}},
//                 recount::timer{timed_out{e.transfer}}.in(std::chrono::hours{1}),
//                 recount::effect{notice{e.transfer}}.in_order_of(e.from)};
//     }
//     static reaction react(transfer const&, credited const&) {
//         return {recount::cancel{"transfer.timed_out"}, recount::end};
//     }
//
// Nothing: `return {}`. In a loop: `made.add(credit{…})`. Commands leave in this order, each when
// the one before it was accepted or given up. A timer has the name of its event, or one of its
// own: `recount::timer{"reminder", due{…}}`; set again under a name, it moves. Without `in` or `at`
// it is due at once.
// Thread safety: values. Lifetimes: they own what they hold. Errors: none; what a reaction lists
// and its saga does not declare does not compile.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <recount/aggregate/aggregate.hpp>

namespace recount {

// That the instance has come to its end: `recount::end`, with brackets or without. Its timers are
// cancelled, and a command that was refused and waits for another attempt is withdrawn; what else it
// has to send, it sends.
struct end_of_saga {};
[[nodiscard]] constexpr end_of_saga end() noexcept { return {}; }

template <class Due>
struct timer {
    explicit timer(Due event) : due{std::move(event)} {}
    timer(std::string called, Due event) : name{std::move(called)}, due{std::move(event)} {}
    // After the event that is reacted to was recorded, or the timer that is reacted to fired.
    [[nodiscard]] timer in(duration length) && {
        after = length;
        when.reset();
        return std::move(*this);
    }
    [[nodiscard]] timer at(timestamp moment) && {
        when = moment;
        return std::move(*this);
    }

    std::string name{};                  // empty: that of the event
    Due due;                             // what it tells the saga
    duration after{0};
    std::optional<timestamp> when{};
};
template <class Text, class Due>
timer(Text, Due) -> timer<Due>;

// A timer that is not set is no error.
struct cancel {
    explicit cancel(std::string timer_name) : name{std::move(timer_name)} {}
    std::string name;
};

template <class What>
struct effect {
    explicit effect(What event) : what{std::move(event)} {}
    // Effects of one key leave one after the other.
    template <class Key>
    [[nodiscard]] effect in_order_of(Key const& key) && {
        order = detail::id_text(key);
        return std::move(*this);
    }

    What what;
    std::string order{};                 // empty: in any order
};

// A command, and the one that makes up for it once it was accepted: the verdict `compensate` sends
// those, last one first.
template <class Command, class Undo>
struct compensable {
    Command command;
    Undo undo;
};
template <class Command, class Undo>
compensable(Command, Undo) -> compensable<Command, Undo>;

namespace detail {

// An object with what its macro says of it.
struct named_object {
    std::string_view name;
    int version = 1;
    describe::type_descriptor const* shape = nullptr;
    std::shared_ptr<void const> object{};
};
template <event_type E>
named_object named_event(E event) {
    constexpr event_name name = event_name_of<E>();
    return {name.name, name.version, &describe::descriptor_of<E>(),
            std::make_shared<E>(std::move(event))};
}
template <command_type C>
named_object named_command(C command) {
    constexpr command_name name = command_name_of<C>();
    return {name.name, name.version, &describe::descriptor_of<C>(),
            std::make_shared<C>(std::move(command))};
}

template <class T>
inline constexpr bool is_timer = false;
template <class D>
inline constexpr bool is_timer<timer<D>> = true;
template <class T>
inline constexpr bool is_effect = false;
template <class W>
inline constexpr bool is_effect<effect<W>> = true;
template <class T>
inline constexpr bool is_compensable = false;
template <class C, class U>
inline constexpr bool is_compensable<compensable<C, U>> = true;

// One check a pair, so that the compiler's message names both.
template <class Command, class Commands>
struct reaction_has_command {
    static_assert(in_list<Command, Commands>,
                  "recount: the reaction holds what is no command of its 'commands' (and no timer, "
                  "cancel, effect, compensable or end)");
    static constexpr bool good = true;
};
template <class Due, class Timers>
struct reaction_has_timer {
    static_assert(in_list<Due, Timers>,
                  "recount: the reaction sets a timer whose event is not in its 'timers'");
    static constexpr bool good = true;
};
template <class What, class Effects>
struct reaction_has_effect {
    static_assert(in_list<What, Effects>,
                  "recount: the reaction has an effect that is not in its 'effects'");
    static constexpr bool good = true;
};

}  // namespace detail

struct reaction_output {
    enum class kind : std::uint8_t { command, timer, cancel, effect };
    kind what = kind::command;
    detail::named_object object{};                 // of all but cancel
    std::optional<detail::named_object> undo{};    // of a command
    std::string name{};                            // of a timer
    duration after{0};
    std::optional<timestamp> when{};
    std::string order{};                           // of an effect
};

// A reaction whose lists are not looked at any more.
struct reaction_parts {
    std::vector<reaction_output> outputs{};
    bool ended = false;
};

template <class Commands, class Timers = types<>, class Effects = types<>>
class reaction {
public:
    reaction() = default;
    template <class... Part>
        requires(sizeof...(Part) > 0 && (!std::same_as<Part, reaction> && ...))
    reaction(Part... parts) {
        parts_.outputs.reserve(sizeof...(Part));
        (static_cast<void>(add(std::move(parts))), ...);
    }

    template <class Part>
    reaction& add(Part part) {
        using kind = reaction_output::kind;
        if constexpr (std::same_as<Part, end_of_saga> || std::same_as<Part, end_of_saga (*)()> ||
                      std::same_as<Part, end_of_saga (*)() noexcept>) {
            parts_.ended = true;
        } else if constexpr (std::same_as<Part, cancel>) {
            parts_.outputs.push_back({.what = kind::cancel, .name = std::move(part.name)});
        } else if constexpr (detail::is_timer<Part>) {
            add_timer(std::move(part));
        } else if constexpr (detail::is_effect<Part>) {
            static_assert(detail::reaction_has_effect<decltype(part.what), Effects>::good);
            parts_.outputs.push_back({.what = kind::effect,
                                      .object = detail::named_event(std::move(part.what)),
                                      .order = std::move(part.order)});
        } else if constexpr (detail::is_compensable<Part>) {
            static_assert(detail::reaction_has_command<decltype(part.command), Commands>::good);
            static_assert(detail::reaction_has_command<decltype(part.undo), Commands>::good);
            parts_.outputs.push_back({.what = kind::command,
                                      .object = detail::named_command(std::move(part.command)),
                                      .undo = detail::named_command(std::move(part.undo))});
        } else {
            static_assert(detail::reaction_has_command<Part, Commands>::good);
            parts_.outputs.push_back(
                {.what = kind::command, .object = detail::named_command(std::move(part))});
        }
        return *this;
    }

    [[nodiscard]] reaction_parts const& parts() const& noexcept { return parts_; }
    [[nodiscard]] reaction_parts parts() && noexcept { return std::move(parts_); }

private:
    reaction_parts parts_;

    template <class Due>
    void add_timer(timer<Due> set) {
        static_assert(detail::reaction_has_timer<Due, Timers>::good);
        reaction_output made{.what = reaction_output::kind::timer,
                             .object = detail::named_event(std::move(set.due)),
                             .name = std::move(set.name),
                             .after = set.after,
                             .when = set.when};
        if (made.name.empty()) made.name = made.object.name;
        parts_.outputs.push_back(std::move(made));
    }
};

}  // namespace recount
