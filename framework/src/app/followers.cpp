// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/followers.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

namespace recount {

namespace {

constexpr std::chrono::seconds try_again{5};
constexpr std::chrono::milliseconds pause_max{500};   // in a runner: stop() waits for it
// Another program may be the one that writes, so the checkpoint is looked at now and then.
constexpr std::chrono::milliseconds look_again{20};

}  // namespace

struct projection_followers::implementation {
    struct follower {
        projection_descriptor const* projection;
        std::string failure;   // empty: none
        std::thread thread;
    };

    explicit implementation(application& of) : app{of} {}
    ~implementation() { stop(); }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    application& app;
    std::atomic<bool> stopping{false};
    mutable std::mutex mutex;                     // of the failures, and of waiting
    mutable std::condition_variable moved;        // rows were written, or all is to end
    std::vector<std::unique_ptr<follower>> list;

    void start() {
        for (auto const* p : app.parts().projections) {
            list.push_back(std::make_unique<follower>(follower{p, {}, {}}));
            auto& one = *list.back();
            one.thread = std::thread{[this, &one] { run(one); }};
        }
    }

    void stop() noexcept {
        {
            std::lock_guard const hold{mutex};
            stopping = true;
        }
        moved.notify_all();
        for (auto const& one : list) {
            if (one->thread.joinable()) one->thread.join();
        }
    }

    void run(follower& one) {
        while (!stopping) {
            try {
                follow(one);
            } catch (std::exception const& failed) {
                std::unique_lock hold{mutex};
                one.failure = failed.what();
                moved.wait_for(hold, try_again, [&] { return stopping.load(); });
            }
        }
    }

    void follow(follower& one) {
        projection_run_hooks hooks;
        hooks.stop_wanted = [this] { return stopping.load(); };
        hooks.progress = [this](position) { moved.notify_all(); };
        runner_options options;
        options.pause_max = pause_max;
        options.until = app.log().head().position;
        options.failures_max = std::numeric_limits<int>::max();
        auto& rows = app.row_tables();
        run_projection(app.log(), rows, *one.projection, table_build::live, options, hooks);
        if (stopping) return;
        rows.publish(*one.projection);
        {
            std::lock_guard const hold{mutex};
            one.failure.clear();
        }
        options.until.reset();
        run_projection(app.log(), rows, *one.projection, table_build::live, options, hooks);
    }
};

projection_followers::projection_followers(application& app)
    : self_{std::make_unique<implementation>(app)} {
    self_->start();
}
projection_followers::~projection_followers() = default;

void projection_followers::stop() noexcept { self_->stop(); }

bool projection_followers::wait_until(projection_descriptor const& p, position at,
                                      std::chrono::milliseconds timeout) const {
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        auto& rows = self_->app.row_tables();
        if (rows.read_checkpoint(p, table_build::live).position >= at) return true;
        auto const now = std::chrono::steady_clock::now();
        if (now >= deadline || self_->stopping) return false;
        std::unique_lock hold{self_->mutex};
        self_->moved.wait_until(hold, std::min(deadline, now + look_again));
    }
}

std::vector<projection_followers::failure> projection_followers::failures() const {
    std::lock_guard const hold{self_->mutex};
    std::vector<failure> found;
    for (auto const& one : self_->list) {
        if (one->failure.empty()) continue;
        found.push_back({std::string{one->projection->name}, one->failure});
    }
    return found;
}

}  // namespace recount
