// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/story.hpp>

#include <fmt/format.h>

namespace recount::testing {

namespace {

std::string text_of(rejection const& no) {
    return no.text.empty() ? fmt::format("'{}'", no.code)
                           : fmt::format("'{}' ({})", no.code, no.text);
}

std::string count_of(std::size_t events) {
    return fmt::format("{} event{}", events, events == 1 ? "" : "s");
}

std::string list_of(std::vector<described_value> const& events) {
    std::string text;
    for (auto const& event : events) text += "\n  " + text_of(event);
    return text;
}

}  // namespace

void story::given(described_value const& event) { told_.push_back("given  " + text_of(event)); }

void story::when(step decided) {
    told_.push_back("when   " + decided.command);
    open_.push_back(std::move(decided));
}

void story::next_command_id() {
    ++commands_;
    auto& octets = known.command_id.octets;
    octets = uuid_from_string("0198c0de-0000-7000-8000-000000000000").octets;
    // Before the last two bytes, which are the ordinals of events.
    for (int n = commands_, i = 13; n > 0; n >>= 8, --i) {
        octets[static_cast<std::size_t>(i)] = static_cast<std::byte>(n & 0xFF);
    }
}

std::string story::with_story(std::string const& failure) const {
    return fmt::format("{}\n{}", fmt::join(told_, "\n"), failure);
}

std::string story::unexpected_rejection(std::size_t among) const {
    for (std::size_t i = 0; i < among; ++i) {
        if (!open_[i].rejected) continue;
        return with_story(fmt::format("{} was rejected: {}", open_[i].command,
                                      text_of(*open_[i].rejected)));
    }
    return {};
}

std::vector<described_value> story::recorded() const {
    std::vector<described_value> all;
    for (auto const& one : open_) all.insert(all.end(), one.events.begin(), one.events.end());
    return all;
}

std::string story::expect_events(std::vector<described_value> const& expected) {
    auto failure = unexpected_rejection(open_.size());
    if (failure.empty()) {
        auto const got = recorded();
        auto const differences = event_differences(expected, got);
        if (!differences.empty()) {
            auto const summary =
                got.size() == expected.size()
                    ? std::string{"other events than expected"}
                    : fmt::format("expected {}, got {}", count_of(expected.size()),
                                  got.empty() ? "nothing" : count_of(got.size()));
            failure = with_story(fmt::format("{}:\n{}", summary, differences));
        }
    }
    open_.clear();
    return failure;
}

std::string story::expect_rejection(std::string_view code, std::optional<std::string_view> text) {
    std::string failure;
    auto const wanted = text_of(rejection{std::string{code}, std::string{text.value_or("")}});
    if (open_.empty()) {
        failure = with_story("there is no command here that could have been rejected");
    } else if (auto const& last = open_.back(); !last.rejected) {
        failure = with_story(fmt::format("expected a rejection {}, got {}{}", wanted,
                                         last.events.empty() ? "nothing"
                                                             : count_of(last.events.size()),
                                         list_of(last.events)));
    } else if (last.rejected->code != code || (text && last.rejected->text != *text)) {
        failure = with_story(fmt::format("expected a rejection {}, got the rejection {}", wanted,
                                         text_of(*last.rejected)));
    } else {
        failure = unexpected_rejection(open_.size() - 1);
    }
    open_.clear();
    return failure;
}

std::string story::expect_nothing() {
    auto failure = unexpected_rejection(open_.size());
    if (auto const got = recorded(); failure.empty() && !got.empty()) {
        failure = with_story(
            fmt::format("expected nothing, got {}{}", count_of(got.size()), list_of(got)));
    }
    open_.clear();
    return failure;
}

std::string story::expect_no_rejection() const { return unexpected_rejection(open_.size()); }

}  // namespace recount::testing
