// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What sends the effects of sagas and reactors: a handler for each type, called once it is due.
//
//     recount::app{"bank"}
//         .add<account, account_reviews>()
//         .effect<review_wanted>([](review_wanted const& e, recount::effect_info const& info) {
//             mail(e.account, info.key);                      // who sees a key twice drops one
//             return recount::effect_result::sent();
//         });
//
// An effect is sent at least once: a program that dies between sending and saying so sends it again
// with the same key, which the other side can tell it by. A handler that throws has failed, and is
// tried again; so is one that takes longer than its lease, by another worker.
// Thread safety: handlers are called from several threads at a time, those of one order key one
// after the other. Lifetimes: values. Errors: errc::invalid_argument for two handlers of one type.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <recount/aggregate/event_versions.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount {

struct effect_info {
    uuid key{};                            // the same at every attempt
    std::string type;
    int schema_version = 1;
    std::string payload;                   // JSON
    std::string body;                      // {"type","schema_version","payload"}
    std::string saga;                      // or reactor
    std::string instance;                  // a reactor's: empty
    int attempt = 1;
    timestamp due_at{};
    position caused_at = 0;                // the knowledge position of its cause
    std::optional<uuid> correlation{};
};

class effect_result {
public:
    enum class kind : std::uint8_t { sent, again, give_up };

    [[nodiscard]] static effect_result sent() { return {kind::sent, {}, {}}; }
    // Without a delay after a pause that grows with the attempts.
    [[nodiscard]] static effect_result again(
        std::string why, std::optional<std::chrono::milliseconds> after = std::nullopt) {
        return {kind::again, std::move(why), after};
    }
    // It will not go through like this: somebody has to look (`outbox list --status dead`).
    [[nodiscard]] static effect_result give_up(std::string why) {
        return {kind::give_up, std::move(why), {}};
    }

    [[nodiscard]] kind what() const noexcept { return what_; }
    [[nodiscard]] std::string const& why() const noexcept { return why_; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> const& after() const noexcept {
        return after_;
    }

private:
    effect_result(kind what, std::string why, std::optional<std::chrono::milliseconds> after)
        : what_{what}, why_{std::move(why)}, after_{after} {}
    kind what_;
    std::string why_;
    std::optional<std::chrono::milliseconds> after_;
};

class effect_handlers {
public:
    using function = std::function<effect_result(effect_info const&)>;

    // Takes (E const&, effect_info const&) or (E const&), gives back an effect_result or nothing.
    // Older versions of E are read through its upcasts.
    template <event_type E, class Handler>
    effect_handlers& add(Handler handler) {
        auto const call = [handler = std::move(handler)](effect_info const& info) {
            auto const& versions = detail::versions_of<E>;
            auto const index = index_of_version(versions, info.type, info.schema_version);
            if (!index) return unknown_version(info);
            auto const effect = detail::event_from_json<E>(*index, info.payload);
            if constexpr (std::is_invocable_v<Handler const&, E const&, effect_info const&>) {
                return result_of([&] { return handler(effect, info); });
            } else {
                static_assert(std::is_invocable_v<Handler const&, E const&>,
                              "recount: a handler of effects takes the effect, and may take an "
                              "effect_info after it");
                return result_of([&] { return handler(effect); });
            }
        };
        std::string_view before;
        for (auto const& one : detail::versions_of<E>) {
            if (one.event.name == before) continue;
            before = one.event.name;
            add(std::string{before}, call);
        }
        return *this;
    }
    // Of a type by its stored name, without its struct: a webhook.
    effect_handlers& add(std::string type, function handler);

    [[nodiscard]] bool empty() const noexcept { return handlers_.empty(); }
    [[nodiscard]] std::vector<std::string> types() const;

    // Calls the handler of the message's type. What it throws is a failed attempt; a body that it
    // cannot read is given up.
    [[nodiscard]] effect_result handle(outbox_message const& message) const;

private:
    std::map<std::string, function, std::less<>> handlers_;

    static effect_result unknown_version(effect_info const& info);
    template <class Call>
    static effect_result result_of(Call const& call) {
        if constexpr (std::is_void_v<std::invoke_result_t<Call const&>>) {
            call();
            return effect_result::sent();
        } else {
            return call();
        }
    }
};

}  // namespace recount
