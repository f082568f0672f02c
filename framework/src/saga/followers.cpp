// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/followers.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace recount {

namespace {

constexpr std::chrono::seconds try_again{5};
constexpr std::chrono::milliseconds pause_max{500};   // in a run: stop() waits for it

}  // namespace

struct saga_followers::implementation {
    struct follower {
        saga_descriptor const* saga;
        std::string failure;   // empty: none
        std::thread thread;
    };

    explicit implementation(application& of) : app{of} {}
    ~implementation() { stop(); }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;

    application& app;
    std::atomic<bool> stopping{false};
    mutable std::mutex mutex;                     // of the failures
    std::condition_variable ends;
    std::vector<std::unique_ptr<follower>> list;

    void start() {
        for (auto const* saga : app.parts().sagas) {
            list.push_back(std::make_unique<follower>(follower{saga, {}, {}}));
            auto& one = *list.back();
            one.thread = std::thread{[this, &one] { run(one); }};
        }
    }

    void stop() noexcept {
        {
            std::lock_guard const hold{mutex};
            stopping = true;
        }
        ends.notify_all();
        for (auto const& one : list) {
            if (one->thread.joinable()) one->thread.join();
        }
    }

    void say(follower& one, std::string sentence) {
        std::lock_guard const hold{mutex};
        one.failure = std::move(sentence);
    }

    void run(follower& one) {
        while (!stopping) {
            try {
                saga_run_hooks hooks;
                hooks.stop_wanted = [this] { return stopping.load(); };
                hooks.progress = [this, &one](position) { say(one, {}); };
                hooks.paused = [this, &one](error const& why) { say(one, why.what()); };
                saga_run_options options;
                options.pause_max = pause_max;
                static_cast<void>(app.run(*one.saga, options, hooks));
            } catch (std::exception const& failed) {
                say(one, failed.what());
                std::unique_lock hold{mutex};
                ends.wait_for(hold, try_again, [&] { return stopping.load(); });
            }
        }
    }
};

saga_followers::saga_followers(application& app)
    : self_{std::make_unique<implementation>(app)} {
    self_->start();
}
saga_followers::~saga_followers() = default;

void saga_followers::stop() noexcept { self_->stop(); }

std::vector<saga_followers::failure> saga_followers::failures() const {
    std::lock_guard const hold{self_->mutex};
    std::vector<failure> found;
    for (auto const& one : self_->list) {
        if (!one->failure.empty()) found.push_back({std::string{one->saga->name}, one->failure});
    }
    return found;
}

}  // namespace recount
