// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/followers.hpp>

#include "app/follower_threads.hpp"

namespace recount {

struct saga_followers::implementation {
    explicit implementation(application& of) : app{of} {
        std::vector<std::string> names;
        for (auto const* saga : app.parts().sagas) names.emplace_back(saga->name);
        threads.start(names, [this](std::size_t part) { follow(part); });
    }

    application& app;
    detail::follower_threads threads;

    void follow(std::size_t part) {
        saga_run_hooks hooks;
        hooks.stop_wanted = [this] { return threads.stopping(); };
        hooks.progress = [this, part](position) { threads.say(part, {}); };
        hooks.paused = [this, part](error const& why) { threads.say(part, why.what()); };
        saga_run_options options;
        options.pause_max = detail::follower_threads::pause_max;
        static_cast<void>(app.run(*app.parts().sagas[part], options, hooks));
    }
};

saga_followers::saga_followers(application& app)
    : self_{std::make_unique<implementation>(app)} {}
saga_followers::~saga_followers() = default;

void saga_followers::stop() noexcept { self_->threads.stop(); }

std::vector<saga_followers::failure> saga_followers::failures() const {
    std::vector<failure> found;
    for (auto& [name, sentence] : self_->threads.failures()) {
        found.push_back({std::move(name), std::move(sentence)});
    }
    return found;
}

}  // namespace recount
