// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/effects/handler.hpp>

#include <limits>

#include <fmt/format.h>

#include <recount/describe/raw_json.hpp>

namespace recount {

namespace {

effect_info info_of(outbox_message const& message) {
    effect_info info;
    info.key = message.key;
    info.body = message.body;
    info.saga = message.saga;
    info.instance = message.instance;
    info.attempt = message.attempts + 1;
    info.due_at = message.due_at;
    info.caused_at = message.caused_at;
    info.correlation = message.correlation;
    describe::raw_object body{describe::raw_json::of(message.body), true};
    info.type = body.need("type").string();
    info.schema_version = static_cast<int>(
        body.need("schema_version").integer(1, std::numeric_limits<int>::max()));
    info.payload = body.need("payload").text();
    return info;
}

}  // namespace

effect_handlers& effect_handlers::add(std::string type, function handler) {
    if (!handlers_.emplace(type, std::move(handler)).second) {
        throw error{errc::invalid_argument,
                    fmt::format("the effect '{}' has two handlers in this application", type)};
    }
    return *this;
}

std::vector<std::string> effect_handlers::types() const {
    std::vector<std::string> list;
    for (auto const& [type, handler] : handlers_) list.push_back(type);
    return list;
}

effect_result effect_handlers::handle(outbox_message const& message) const {
    auto const found = handlers_.find(message.type);
    if (found == handlers_.end()) {
        return effect_result::again(
            fmt::format("this program has no handler of the effect '{}'", message.type));
    }
    try {
        return found->second(info_of(message));
    } catch (error const& failure) {
        if (failure.code() == errc::invalid_json) return effect_result::give_up(failure.what());
        return effect_result::again(failure.what());
    } catch (std::exception const& failure) {
        return effect_result::again(failure.what());
    } catch (...) {
        return effect_result::again("the handler threw something that is no exception");
    }
}

effect_result effect_handlers::unknown_version(effect_info const& info) {
    return effect_result::give_up(fmt::format("this program does not know version {} of the effect "
                                              "'{}'",
                                              info.schema_version, info.type));
}

}  // namespace recount
