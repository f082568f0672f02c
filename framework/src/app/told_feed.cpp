// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/told_feed.hpp"

#include <cstdio>

#include <fmt/format.h>

#include <recount/app/application.hpp>

#include "app/verb_call.hpp"

namespace recount {

namespace {

// The mark alone says what there is to see; a colour only repeats it.
std::string line_of(char mark, std::string const& place, recorded_event const& e, bool colours) {
    auto line = fmt::format("{:>10}  {}  {:<24} {:<26} {}", place,
                            to_string(e.effective()).substr(0, 10), e.stream, e.type, e.payload);
    if (colours && mark == '-') line = fmt::format("\x1b[9;31m{}\x1b[0m", line);
    if (colours && mark == '+') line = fmt::format("\x1b[32m{}\x1b[0m", line);
    return fmt::format("{} {}\n", mark, line);
}

template <class Reader, class Items>
int tell(verb_call& call, told_feed const& wanted, Items const& items_of) {
    auto& log = call.application().log();
    Reader reader{log, wanted.from};
    auto left = wanted.left;
    position marked = wanted.from.after.k;
    auto const mark = [&](position k) {
        marked = k;
        if (call.json()) call.line(fmt::format(R"({{"mark":{}}})", k));
    };
    position known_at = 0;
    while (left > 0 && !verb_call::stop_wanted()) {
        auto const page = reader.next();
        known_at = page.known_at;
        for (auto const& item : items_of(page)) {
            if (left-- <= 0) break;
            if (call.json()) {
                call.line(to_json(item));
            } else {
                fmt::print("{}", text_of(item, wanted.colours));
            }
            if (item.last) mark(item.k);
        }
        if (!page.caught_up) continue;
        if (left >= 0 && page.through > marked) mark(page.through);
        if (!wanted.follow) break;
        std::fflush(stdout);
        static_cast<void>(log.wait(page.through, std::chrono::milliseconds{500}));
    }
    std::fflush(stdout);
    if (wanted.from.until) call.note(fmt::format("known at position {}", known_at));
    return exit_code::ok;
}

}  // namespace

int tell_changes(verb_call& call, told_feed const& wanted) {
    return tell<history::change_reader>(
        call, wanted, [](auto const& page) -> auto const& { return page.changes; });
}

int tell_append_only(verb_call& call, told_feed const& wanted) {
    return tell<history::append_only_reader>(
        call, wanted, [](auto const& page) -> auto const& { return page.events; });
}

std::string text_of(history::change const& c, bool colours) {
    return line_of(c.weight > 0 ? '+' : '-', c.mark().text(), c.event, colours);
}

std::string text_of(history::append_only_event const& e, bool colours) {
    auto const* const c = std::get_if<history::event_corrected>(&e.what);
    if (c == nullptr) {
        return line_of(' ', e.mark().text(), std::get<recorded_event>(e.what), colours);
    }
    std::string what;
    for (auto const kind : c->what) {
        what += fmt::format("{}{}", what.empty() ? "" : " and ", name_of(kind));
    }
    auto text = fmt::format("~ {:>10}  {}: {}; {}{}\n", e.mark().text(), what, c->title,
                            c->because, c->by ? " (" + *c->by + ")" : "");
    if (c->before) text += line_of('-', {}, c->before->event, colours);
    if (c->after) text += line_of('+', {}, c->after->event, colours);
    return text;
}

}  // namespace recount
