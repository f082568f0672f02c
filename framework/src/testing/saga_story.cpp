// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/saga_story.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <recount/testing/difference.hpp>

namespace recount::testing {

using detail::named_object;
using kind = reaction_output::kind;

namespace {

std::string text_of(named_object const& object) {
    return testing::text_of({object.shape, object.object, {}});
}

bool same(named_object const& a, named_object const& b) {
    return a.shape == b.shape && a.shape->equal(a.object.get(), b.object.get());
}

std::string text_of(reaction_output const& output, timestamp due_at) {
    switch (output.what) {
        case kind::command:
            return output.undo ? fmt::format("{}, undo {}", text_of(output.object),
                                             text_of(*output.undo))
                               : text_of(output.object);
        case kind::timer:
            return fmt::format("timer {} due {}: {}", output.name, to_string(due_at),
                               text_of(output.object));
        case kind::cancel: return "cancel " + output.name;
        case kind::effect:
            return fmt::format("effect {}{}", text_of(output.object),
                               output.order.empty() ? "" : " in order of " + output.order);
    }
    return {};
}

bool same(reaction_output const& a, timestamp due_a, reaction_output const& b, timestamp due_b) {
    if (a.what != b.what || a.name != b.name || a.order != b.order) return false;
    if (a.what == kind::cancel) return true;
    if (a.what == kind::timer && due_a != due_b) return false;
    if (a.undo.has_value() != b.undo.has_value()) return false;
    return same(a.object, b.object) && (!a.undo || same(*a.undo, *b.undo));
}

std::string text_of(verdict const& v) {
    auto text = std::string{to_string(v.what)};
    if (v.what == verdict::kind::retry) text += " in " + to_string(v.after);
    return text;
}

}  // namespace

saga_story::saga_story(saga_descriptor const& saga) : saga_{saga}, state_{saga.create()} {}

info saga_story::next_info() {
    ++inputs_;
    auto id = uuid_from_string("0198c0de-0000-7000-8000-000000000000");
    for (std::size_t i = 0; i < 4; ++i) {
        id.octets[13 - i] = static_cast<std::byte>((inputs_ >> (8 * i)) & 0xFF);
    }
    return {inputs_, "story-1", inputs_, id, now_, now_};
}

void saga_story::given(named_object const& event) {
    told_.push_back("given  " + text_of(event));
    tell(event);
    // What went wrong before is told with the first thing that is asked for.
    auto const parked = parked_;
    begin_anew();
    parked_ = parked;
}

void saga_story::when(named_object const& event) {
    told_.push_back("when   " + text_of(event));
    tell(event);
}

void saga_story::begin_anew() {
    outputs_.clear();
    ended_now_ = false;
    verdict_.reset();
    parked_.reset();
    mistake_.clear();
}

void saga_story::tell(named_object const& event) {
    auto const known = std::find_if(saga_.events.begin(), saga_.events.end(), [&](auto const& e) {
        return e.event.name == event.name && e.event.version == event.version;
    });
    if (known == saga_.events.end()) {
        mistake_ = fmt::format("the saga has no event {}", event.name);
        return;
    }
    auto const about = next_info();
    try {
        bool ends = false;
        if (is_for_us(*known, event.object.get(), about, ends)) {
            react(*known, event.object.get(), about, ends);
        }
    } catch (std::exception const& failure) {
        parked_ = failure.what();
    }
}

bool saga_story::is_for_us(saga_input_descriptor const& of, void const* event, info const& about,
                           bool& ends) {
    auto const to = of.route(event, about);
    if (to.what == route::kind::ignore) return false;
    if (instance_.empty()) instance_ = to.instance;
    if (to.instance != instance_) {
        mistake_ = fmt::format("the event is for the instance {}, and the story is of {}",
                               to.instance, instance_);
        return false;
    }
    if (ended_) return false;
    ends = to.what == route::kind::ends;
    bool const needs = ends || to.what == route::kind::continues;
    if (needs && !exists_) return false;
    if (to.what == route::kind::must_start && exists_) {
        parked_ = "it must start a new instance, and there is one already";
        return false;
    }
    if (to.what == route::kind::must_exist && !exists_) {
        parked_ = "it needs an instance that is there, and there is none";
        return false;
    }
    return true;
}

void saga_story::react(saga_input_descriptor const& of, void const* event, info const& about,
                       bool ends) {
    auto const answer = of.react(state_.get(), event, about);
    if (of.evolve != nullptr) of.evolve(state_.get(), event, about);
    exists_ = true;
    for (auto const& output : answer.outputs) take(output);
    if (answer.ended || ends) end();
}

void saga_story::take(reaction_output const& output) {
    made one{output, output.when.value_or(now_ + output.after)};
    outputs_.push_back(one);
    switch (output.what) {
        case kind::command: sent_.push_back({output.object, output.undo}); break;
        case kind::timer: timers_.insert_or_assign(output.name, one); break;
        case kind::cancel: timers_.erase(output.name); break;
        case kind::effect: break;
    }
}

void saga_story::end() {
    ended_ = true;
    ended_now_ = true;
    timers_.clear();
}

void saga_story::when_due(std::string_view timer) {
    told_.push_back(fmt::format("when   timer {} is due", timer));
    auto const set = timers_.find(timer);
    if (set == timers_.end()) {
        std::string others;
        for (auto const& [name, one] : timers_) others += (others.empty() ? "" : ", ") + name;
        mistake_ = fmt::format("there is no timer '{}'; there are: {}", timer,
                               others.empty() ? "none" : others);
        return;
    }
    auto const due = set->second;
    timers_.erase(set);
    now_ = std::max(now_, due.due_at);
    auto about = next_info();
    about.effective_at = due.due_at;
    auto const& object = due.output.object;
    auto const known = std::find_if(saga_.timers.begin(), saga_.timers.end(), [&](auto const& t) {
        return t.event.name == object.name && t.event.version == object.version;
    });
    try {
        react(*known, object.object.get(), about, false);
    } catch (std::exception const& failure) {
        parked_ = failure.what();
    }
}

void saga_story::when_refused(named_object const& command, rejection const& no) {
    told_.push_back(fmt::format("when   {} is refused: {}", text_of(command), no.code));
    auto const at = std::find_if(sent_.rbegin(), sent_.rend(),
                                 [&](auto const& one) { return same(one.command, command); });
    if (at == sent_.rend()) {
        mistake_ = "the saga has sent no such command";
        return;
    }
    auto const index = static_cast<std::size_t>(sent_.rend() - at) - 1;
    auto& one = sent_[index];
    verdict_ = verdict{};
    if (saga_.failed != nullptr) {
        std::string payload;
        describe::write_json(payload, *command.shape, command.object.get());
        try {
            verdict_ = saga_.failed(state_.get(),
                                    {command.name, payload, no.code, no.text, ++one.refusals});
        } catch (std::exception const& failure) {
            parked_ = failure.what();
            return;
        }
    }
    auto const made_of_it = *verdict_;
    if (made_of_it.what == verdict::kind::retry) return;
    if (made_of_it.what == verdict::kind::park) {
        parked_ = fmt::format("{} was refused: {}", command.name, no.code);
        return;
    }
    std::vector<named_object> commands;
    if (made_of_it.what == verdict::kind::compensate) {
        for (auto i = index; i-- > 0;) {
            if (sent_[i].undo) commands.push_back(*sent_[i].undo);
        }
        sent_.clear();
    } else {
        sent_.erase(sent_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    commands.insert(commands.end(), made_of_it.commands.begin(), made_of_it.commands.end());
    for (auto& undo : commands) take({.what = kind::command, .object = std::move(undo)});
    if (made_of_it.ends) end();
}

std::string saga_story::with_story(std::string const& failure) const {
    return fmt::format("{}\n{}", fmt::join(told_, "\n"), failure);
}

std::string saga_story::unexpected(bool verdict_is_asked_for) const {
    if (!mistake_.empty()) return with_story(mistake_);
    if (parked_) return with_story("the instance was parked: " + *parked_);
    bool const quiet = verdict_ && outputs_.empty() && !ended_now_;
    if (quiet && !verdict_is_asked_for) {
        return with_story("the verdict was " + text_of(*verdict_));
    }
    return {};
}

std::string saga_story::list(std::vector<made> const& of, bool ended) const {
    std::string text;
    for (auto const& one : of) text += "\n  " + text_of(one.output, one.due_at);
    if (ended) text += "\n  end";
    return text.empty() ? " nothing" : text;
}

std::string saga_story::expect(reaction_parts const& expected) {
    auto failure = unexpected();
    if (failure.empty()) {
        std::vector<made> wanted;
        for (auto const& output : expected.outputs) {
            wanted.push_back({output, output.when.value_or(now_ + output.after)});
        }
        bool const good = expected.ended == ended_now_ &&
                          std::equal(wanted.begin(), wanted.end(), outputs_.begin(),
                                     outputs_.end(), [](auto const& a, auto const& b) {
                                         return same(a.output, a.due_at, b.output, b.due_at);
                                     });
        if (!good) {
            failure = fmt::format("expected:{}\ngot:{}", list(wanted, expected.ended),
                                  list(outputs_, ended_now_));
            for (std::size_t i = 0; i < std::min(wanted.size(), outputs_.size()); ++i) {
                auto const& a = wanted[i].output.object;
                auto const& b = outputs_[i].output.object;
                if (a.shape == nullptr || a.shape != b.shape || same(a, b)) continue;
                for (auto const& line :
                     field_differences(*a.shape, a.object.get(), b.object.get())) {
                    failure += fmt::format("\n  {}: {}", a.name, line);
                }
            }
            failure = with_story(failure);
        }
    }
    begin_anew();
    return failure;
}

std::string saga_story::expect_nothing() { return expect({}); }

std::string saga_story::expect_parked(std::string_view because) {
    std::string failure;
    if (!mistake_.empty()) {
        failure = with_story(mistake_);
    } else if (!parked_) {
        failure = with_story("expected that the instance is parked, got:" +
                             list(outputs_, ended_now_));
    } else if (parked_->find(because) == std::string::npos) {
        failure = with_story(fmt::format("expected that the instance is parked because '{}', and "
                                         "it is because '{}'",
                                         because, *parked_));
    }
    begin_anew();
    return failure;
}

std::string saga_story::expect_verdict(verdict const& expected) {
    auto failure = unexpected(true);
    if (failure.empty()) {
        if (!verdict_) {
            failure = with_story("no command was refused here");
        } else if (text_of(*verdict_) != text_of(expected)) {
            failure = with_story(fmt::format("expected the verdict {}, got {}", text_of(expected),
                                             text_of(*verdict_)));
        }
    }
    // What the verdict sends may be asked for next.
    verdict_.reset();
    return failure;
}

std::string saga_story::expect_no_failure() const { return unexpected(true); }

}  // namespace recount::testing
