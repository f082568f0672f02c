// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/schema_files.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include <recount/describe/json_schema.hpp>

namespace recount::testing {

namespace {

namespace fs = std::filesystem;

// One of the folders, and what is said of its files.
struct published_kind {
    char const* folder;     // and the middle of the schema's urn
    bool breakable;         // a break may be approved
    char const* broken;
    char const* remedy;
    char const* lost;
};
constexpr published_kind events_kind{
    "events", false, "stored events of it could no longer be read",
    "Leave that version as it was; give the event its next version, and an upcast from this one. "
    "This is never approved.",
    "the log may hold such events: keep an upcast from that version. This is never approved."};
constexpr published_kind commands_kind{
    "commands", true, "who sends it today would be refused",
    "RECOUNT_APPROVE=1 publishes it all the same.", "RECOUNT_APPROVE=1 removes the file."};
constexpr published_kind rows_kind{
    "rows", true, "who reads the table today would not find what was there",
    "Raise the version of the projection, or RECOUNT_APPROVE=1 publishes it all the same.",
    "RECOUNT_APPROVE=1 removes the file."};

constexpr published_kind timers_kind{
    "timers", false, "timers that are set could no longer be read",
    "Leave that version as it was; give the timer its next version, and an upcast from this one. "
    "This is never approved.",
    "such timers may be set: keep an upcast from that version. This is never approved."};
constexpr published_kind effects_kind{
    "effects", true, "effects that wait could no longer be sent, or not be understood",
    "RECOUNT_APPROVE=1 publishes it all the same.", "RECOUNT_APPROVE=1 removes the file."};

std::string read(fs::path const& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

void write(fs::path const& file, std::string const& text) {
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    std::ofstream stream{file, std::ios::binary};
    stream << text;
    if (!stream.flush()) {
        throw error{errc::refused, fmt::format("cannot write {}", file.string())};
    }
}

class comparer {
public:
    comparer(fs::path folder, bool approve) : folder_{std::move(folder)}, approve_{approve} {}

    void compare(published_kind const& kind, std::vector<published_shape> const& shapes) {
        std::map<std::string, published_shape const*> known;   // by file
        for (auto const& one : shapes) {
            known.emplace(fmt::format("{}.{}.json", one.name, one.version), &one);
        }
        for (auto const& [file, one] : known) compare(kind, file, *one);
        std::error_code none;
        for (auto const& entry : fs::directory_iterator{folder_ / kind.folder, none}) {
            auto const file = entry.path().filename().string();
            if (entry.path().extension() != ".json" || known.contains(file)) continue;
            lost(kind, file);
        }
    }
    [[nodiscard]] schema_report report() && { return std::move(report_); }

private:
    fs::path folder_;
    bool approve_;
    schema_report report_;

    void fail(published_kind const& kind, std::string const& file, std::string const& text) {
        report_.failures.push_back(fmt::format("{}/{}: {}", kind.folder, file, text));
    }

    void compare(published_kind const& kind, std::string const& file, published_shape const& one) {
        auto const path = folder_ / kind.folder / file;
        auto const id = fmt::format("urn:recount:{}:{}:{}", kind.folder, one.name, one.version);
        auto const now = describe::json_schema(*one.shape, id) + "\n";
        bool const there = fs::exists(path);
        auto const before = there ? read(path) : std::string{};
        if (before == now) {
            ++report_.files;
            return;
        }
        auto const changes = there ? schema_changes(before, now) : std::vector<schema_change>{};
        bool broken = false;
        std::string list;
        for (auto const& change : changes) {
            broken = broken || !change.compatible;
            list += fmt::format("\n  {}{}", change.text, change.compatible ? "" : "  (breaks)");
        }
        if (approve_ && (!broken || kind.breakable)) {
            write(path, now);
            ++report_.files;
        } else if (!there) {
            fail(kind, file, fmt::format("{} version {} is not published. RECOUNT_APPROVE=1 "
                                         "publishes it.",
                                         one.name, one.version));
        } else if (!broken) {
            if (list.empty()) list = "\n  $: the same in other words or another order";
            fail(kind, file,
                 fmt::format("{} version {} has changed, and all that was good still is:{}\n"
                             "RECOUNT_APPROVE=1 publishes it.",
                             one.name, one.version, list));
        } else {
            fail(kind, file,
                 fmt::format("{} version {} has changed, and {}:{}\n{}", one.name, one.version,
                             kind.broken, list, kind.remedy));
        }
    }

    void lost(published_kind const& kind, std::string const& file) {
        if (approve_ && kind.breakable) {
            fs::remove(folder_ / kind.folder / file);
            return;
        }
        fail(kind, file, fmt::format("the program does not know it any more; {}", kind.lost));
    }
};

void add_new(std::vector<published_shape>& to, std::vector<published_shape> const& shapes) {
    for (auto const& one : shapes) {
        bool known = false;
        for (auto const& had : to) {
            known = known || (had.name == one.name && had.version == one.version);
        }
        if (!known) to.push_back(one);
    }
}

}  // namespace

std::vector<published_shape> event_shapes(std::span<event_version const> versions) {
    std::vector<published_shape> list;
    for (auto const& v : versions) {
        list.push_back({std::string{v.event.name}, v.event.version, &v.shape()});
    }
    return list;
}

schema_report compare_published(application_parts const& parts, fs::path const& folder,
                                bool approve) {
    std::vector<published_shape> events;
    std::vector<published_shape> commands;
    std::vector<published_shape> rows;
    for (auto const* a : parts.aggregates) {
        for (auto const& e : a->events) add_new(events, event_shapes(e.versions));
        for (auto const& c : a->commands) {
            commands.push_back({std::string{c.command.name}, c.command.version, &c.shape()});
        }
    }
    for (auto const* p : parts.projections) {
        // Events of aggregates that are not ours are read all the same.
        for (auto const& h : p->handlers) add_new(events, event_shapes(h.versions));
        rows.push_back({std::string{p->name}, p->version, &p->rows->shape()});
    }
    std::vector<published_shape> timers;
    std::vector<published_shape> effects;
    for (auto const* one : parts.sagas) {
        for (auto const& e : one->events) add_new(events, event_shapes(e.versions));
        for (auto const& t : one->timers) add_new(timers, event_shapes(t.versions));
        add_new(effects, event_shapes(one->effects));
    }
    comparer all{folder, approve};
    all.compare(events_kind, events);
    all.compare(commands_kind, commands);
    all.compare(rows_kind, rows);
    all.compare(timers_kind, timers);
    all.compare(effects_kind, effects);
    return std::move(all).report();
}

bool approving() {
    auto const* const set = std::getenv("RECOUNT_APPROVE");
    return set != nullptr && std::string_view{set} != "0" && *set != '\0';
}

}  // namespace recount::testing
