// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Readers of corrections, kept between two pages of one client: what they know of restructured
// streams need not be read again for every page.
//
//     auto reader = readers.take<history::change_reader>(wanted);   // one that was set aside there
//     auto page = (reader ? *reader : …).next(limit);
//     readers.set_aside(wanted_next, std::move(*reader));
//
// A reader goes on exactly as one that begins there (restructure/changes.hpp), so whether it is
// found makes no difference but of cost; those set aside longest ago are let go.
// Thread safety: from any thread; who takes a reader has it alone. Lifetimes: the log must outlive
// it.
// Memory: of readers_max readers, limits::refold_rows_kept rows each.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

namespace recount::http {

class told_readers {
public:
    template <class Reader>
    [[nodiscard]] std::optional<Reader> take(history::change_options const& wanted) {
        std::lock_guard const hold{mutex_};
        for (auto one = kept_.begin(); one != kept_.end(); ++one) {
            auto* const reader = std::get_if<Reader>(&one->reader);
            if (reader == nullptr || !same(one->at, wanted)) continue;
            std::optional<Reader> found{std::move(*reader)};
            kept_.erase(one);
            return found;
        }
        return std::nullopt;
    }

    template <class Reader>
    void set_aside(history::change_options at, Reader reader) {
        reader.set_aside();
        std::lock_guard const hold{mutex_};
        kept_.push_front({std::move(at), std::move(reader)});
        if (kept_.size() > readers_max) kept_.pop_back();
    }

private:
    static constexpr std::size_t readers_max = 4;
    struct kept {
        history::change_options at;
        std::variant<history::change_reader, history::append_only_reader> reader;
    };
    std::mutex mutex_;
    std::list<kept> kept_;   // the newest first

    static bool same(history::change_options const& a, history::change_options const& b) {
        return a.after == b.after && a.filter == b.filter && a.until == b.until;
    }
};

}  // namespace recount::http
