// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/followers.hpp>

#include <algorithm>
#include <limits>

#include "app/follower_threads.hpp"

namespace recount {

namespace {

// Another program may be the one that writes, so the checkpoint is looked at now and then.
constexpr std::chrono::milliseconds look_again{20};

}  // namespace

struct projection_followers::implementation {
    explicit implementation(application& of) : app{of} {
        std::vector<std::string> names;
        for (auto const* p : app.parts().projections) names.emplace_back(p->name);
        threads.start(names, [this](std::size_t part) { follow(part); });
    }

    application& app;
    detail::follower_threads threads;

    void follow(std::size_t part) {
        auto const& p = *app.parts().projections[part];
        projection_run_hooks hooks;
        hooks.stop_wanted = [this] { return threads.stopping(); };
        hooks.progress = [this](position) { threads.moved(); };
        runner_options options;
        options.pause_max = detail::follower_threads::pause_max;
        options.until = app.log().head().position;
        options.failures_max = std::numeric_limits<int>::max();
        auto& rows = app.row_tables();
        run_projection(app.log(), rows, p, table_build::live, options, hooks);
        if (threads.stopping()) return;
        rows.publish(p);
        threads.say(part, {});
        options.until.reset();
        run_projection(app.log(), rows, p, table_build::live, options, hooks);
    }
};

projection_followers::projection_followers(application& app)
    : self_{std::make_unique<implementation>(app)} {}
projection_followers::~projection_followers() = default;

void projection_followers::stop() noexcept { self_->threads.stop(); }

bool projection_followers::wait_until(projection_descriptor const& p, position at,
                                      std::chrono::milliseconds timeout) const {
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        auto& rows = self_->app.row_tables();
        if (rows.read_checkpoint(p, table_build::live).position >= at) return true;
        auto const now = std::chrono::steady_clock::now();
        if (now >= deadline || self_->threads.stopping()) return false;
        self_->threads.wait_until(std::min(deadline, now + look_again));
    }
}

std::vector<projection_followers::failure> projection_followers::failures() const {
    std::vector<failure> found;
    for (auto& [name, sentence] : self_->threads.failures()) {
        found.push_back({std::move(name), std::move(sentence)});
    }
    return found;
}

}  // namespace recount
