// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/metrics.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <span>

#include <fmt/format.h>

#include <recount/core/error.hpp>

namespace recount::metrics {

namespace {

constexpr std::size_t metrics_count = descriptions.size();
constexpr std::size_t buckets_max = 12;
constexpr double nanoseconds_a_second = 1e9;
constexpr std::string_view label_of_the_rest = "other";

constexpr std::array<std::int64_t, 9> bounds_events{1, 2, 4, 16, 64, 256, 1'024, 8'192, 65'536};
constexpr std::array<std::int64_t, 11> bounds_ns{500'000,     1'000'000,   2'000'000,  5'000'000,
                                                 10'000'000,  20'000'000,  50'000'000, 100'000'000,
                                                 500'000'000, 1'000'000'000, 5'000'000'000};
static_assert(bounds_events.size() < buckets_max && bounds_ns.size() < buckets_max);

constexpr bool in_order() {
    for (std::size_t i = 0; i < metrics_count; ++i) {
        if (static_cast<std::size_t>(descriptions[i].metric) != i) return false;
    }
    return true;
}
static_assert(in_order(), "metrics::descriptions stand in the order of metrics::metric");

constexpr std::size_t count_of(bool (*belongs)(description const&)) {
    std::size_t n = 0;
    for (auto const& d : descriptions) n += belongs(d) ? 1 : 0;
    return n;
}
constexpr bool is_labelled(description const& d) { return !d.label.empty(); }
constexpr bool is_histogram(description const& d) { return d.kind == kind::histogram; }

constexpr std::size_t place_among(std::size_t metric, bool (*belongs)(description const&)) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < metric; ++i) n += belongs(descriptions[i]) ? 1 : 0;
    return n;
}

using cell = std::atomic<std::int64_t>;

struct label_text {
    std::array<char, label_bytes_max> bytes{};
    std::size_t size = 0;

    void set(std::string_view to) noexcept {
        std::copy(to.begin(), to.end(), bytes.begin());
        size = to.size();
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
};

struct labelled_cell {
    label_text first;
    label_text second;
    cell value{0};

    [[nodiscard]] bool is_of(labels const& of) const noexcept {
        return first.view() == of.first && second.view() == of.second;
    }
};

// Labels are added under the mutex and never changed; `size` is what may be read without it. The
// last place is that of the rest.
struct labelled_cells {
    std::mutex mutex;
    std::atomic<std::size_t> size{0};
    std::array<labelled_cell, labels_max + 1> cells;

    labelled_cell* find(labels const& label, std::size_t from, std::size_t to) noexcept {
        for (auto i = from; i < to; ++i) {
            if (cells[i].is_of(label)) return &cells[i];
        }
        return nullptr;
    }

    cell& at(labels const& wanted) noexcept {
        labels const label{wanted.first.substr(0, label_bytes_max),
                           wanted.second.substr(0, label_bytes_max)};
        auto const known = size.load(std::memory_order_acquire);
        if (auto* const found = find(label, 0, known)) return found->value;
        std::lock_guard const hold{mutex};
        auto const now = size.load(std::memory_order_relaxed);
        if (auto* const found = find(label, known, now)) return found->value;
        if (now > labels_max) return cells[labels_max].value;
        auto& fresh = cells[now];
        bool const rest = now == labels_max;
        fresh.first.set(rest ? label_of_the_rest : label.first);
        fresh.second.set(rest ? std::string_view{} : label.second);
        size.store(now + 1, std::memory_order_release);
        return fresh.value;
    }
};

struct histogram_cells {
    std::array<cell, buckets_max> buckets{};   // not cumulative; the last is that of the rest
    cell sum{0};
};

// Static storage, so that they are there before main() and after it.
constinit std::array<cell, metrics_count> plain{};
constinit std::array<labelled_cells, count_of(&is_labelled)> labelled{};
constinit std::array<histogram_cells, count_of(&is_histogram)> histograms{};

std::size_t index_of(metric m) noexcept { return static_cast<std::size_t>(m); }
description const& described(metric m) noexcept { return descriptions[index_of(m)]; }
labelled_cells& labels_of(metric m) noexcept {
    assert_that(is_labelled(described(m)), "a label is given to a metric that has none");
    return labelled[place_among(index_of(m), &is_labelled)];
}
histogram_cells& histogram_of(metric m) noexcept {
    assert_that(is_histogram(described(m)), "only a histogram observes");
    return histograms[place_among(index_of(m), &is_histogram)];
}

bool in_seconds(description const& d) { return d.unit == "seconds"; }

std::span<std::int64_t const> bounds_of(description const& d) {
    return in_seconds(d) ? std::span<std::int64_t const>{bounds_ns}
                         : std::span<std::int64_t const>{bounds_events};
}

std::string shown(description const& d, std::int64_t amount) {
    if (!in_seconds(d)) return std::to_string(amount);
    return fmt::format("{}", static_cast<double>(amount) / nanoseconds_a_second);
}

std::string escaped(std::string_view label) {
    std::string text;
    for (char const c : label) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

void show_histogram(std::string& to, description const& d) {
    auto const& cells = histogram_of(d.metric);
    auto const bounds = bounds_of(d);
    std::int64_t below = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        below += cells.buckets[i].load(std::memory_order_relaxed);
        to += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", d.name, shown(d, bounds[i]), below);
    }
    below += cells.buckets[bounds.size()].load(std::memory_order_relaxed);
    to += fmt::format("{}_bucket{{le=\"+Inf\"}} {}\n", d.name, below);
    to += fmt::format("{}_sum {}\n", d.name, shown(d, cells.sum.load(std::memory_order_relaxed)));
    to += fmt::format("{}_count {}\n", d.name, below);
}

void show_labelled(std::string& to, description const& d) {
    auto& cells = labels_of(d.metric);
    auto const size = cells.size.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < size; ++i) {
        auto const& one = cells.cells[i];
        auto const second = one.second.size == 0
                                ? std::string{}
                                : fmt::format(",{}=\"{}\"", d.second_label,
                                              escaped(one.second.view()));
        to += fmt::format("{}{{{}=\"{}\"{}}} {}\n", d.name, d.label, escaped(one.first.view()),
                          second, shown(d, one.value.load(std::memory_order_relaxed)));
    }
}

}  // namespace

std::string_view to_string(kind k) noexcept {
    switch (k) {
        case kind::counter: return "counter";
        case kind::gauge: return "gauge";
        case kind::histogram: return "histogram";
    }
    return "unknown";
}

void add(metric m, std::int64_t amount) noexcept {
    assert_that(!is_labelled(described(m)), "this metric counts by label");
    plain[index_of(m)].fetch_add(amount, std::memory_order_relaxed);
}

void add(metric m, std::string_view label, std::int64_t amount) noexcept {
    add(m, labels{label, {}}, amount);
}

void add(metric m, labels const& of, std::int64_t amount) noexcept {
    labels_of(m).at(of).fetch_add(amount, std::memory_order_relaxed);
}

void set(metric m, std::string_view label, std::int64_t amount) noexcept {
    set(m, labels{label, {}}, amount);
}

void set(metric m, labels const& of, std::int64_t amount) noexcept {
    labels_of(m).at(of).store(amount, std::memory_order_relaxed);
}

void add(metric m, labels const& of, std::chrono::nanoseconds elapsed) noexcept {
    assert_that(in_seconds(described(m)), "a time is added to a metric in seconds");
    add(m, of, static_cast<std::int64_t>(elapsed.count()));
}

void set(metric m, labels const& of, std::chrono::nanoseconds elapsed) noexcept {
    assert_that(in_seconds(described(m)), "a metric in seconds is set to a time");
    set(m, of, static_cast<std::int64_t>(elapsed.count()));
}

void observe(metric m, std::int64_t amount) noexcept {
    auto& cells = histogram_of(m);
    auto const bounds = bounds_of(described(m));
    auto const bucket = std::lower_bound(bounds.begin(), bounds.end(), amount) - bounds.begin();
    cells.buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    cells.sum.fetch_add(amount, std::memory_order_relaxed);
}

void observe(metric m, std::chrono::nanoseconds elapsed) noexcept {
    assert_that(in_seconds(described(m)), "a time is observed by a metric in seconds");
    observe(m, static_cast<std::int64_t>(elapsed.count()));
}

void http_request(int status, std::chrono::nanoseconds elapsed) noexcept {
    std::array<char, 12> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr;
    add(metric::http_requests,
        std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
    observe(metric::http_request_seconds, elapsed);
}

std::string prometheus() {
    std::string text;
    for (auto const& d : descriptions) {
        text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", d.name, d.help, to_string(d.kind));
        if (is_histogram(d)) {
            show_histogram(text, d);
        } else if (is_labelled(d)) {
            show_labelled(text, d);
        } else {
            auto const count = plain[index_of(d.metric)].load(std::memory_order_relaxed);
            text += fmt::format("{} {}\n", d.name, count);
        }
    }
    return text;
}

std::int64_t value(metric m, std::string_view label) noexcept {
    auto const& d = described(m);
    if (is_histogram(d)) {
        std::int64_t count = 0;
        for (auto const& bucket : histogram_of(m).buckets) count += bucket.load();
        return count;
    }
    if (!is_labelled(d)) return plain[index_of(m)].load(std::memory_order_relaxed);
    auto& cells = labels_of(m);
    auto const size = cells.size.load(std::memory_order_acquire);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        auto const& one = cells.cells[i];
        if (one.first.view() == label) sum += one.value.load(std::memory_order_relaxed);
    }
    return sum;
}

}  // namespace recount::metrics
