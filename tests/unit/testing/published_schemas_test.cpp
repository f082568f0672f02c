// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/published_schemas.hpp>

#include <fstream>
#include <iterator>

#include <recount/describe/json_schema.hpp>
#include <recount/testing/database.hpp>

#include "support/sample_domain.hpp"
#include "unit/describe/approval.hpp"

namespace {

namespace fs = std::filesystem;
using recount::testing::compare_published;
using recount::testing::schema_changes;

// --- one event as it was, and as it might become ---

enum class colour { red, green };
RECOUNT_ENUM(colour, red, green)
enum class colours { red, green, blue };
RECOUNT_ENUM(colours, red, green, blue)
struct circle {
    double radius = 0;
};
RECOUNT_DESCRIBE(circle, radius)
struct square {
    double side = 0;
};
RECOUNT_DESCRIBE(square, side)
struct part {
    std::string name;
    std::vector<part> parts{};
};
RECOUNT_DESCRIBE(part, name, parts)
struct wide_part {
    std::string name;
    std::vector<wide_part> parts{};
    std::optional<std::string> remark{};
};
RECOUNT_DESCRIBE(wide_part, name, parts, remark)

template <int N>
struct painted;
template <>
struct painted<0> {
    std::int32_t number = 0;
    colour paint = colour::red;
    std::variant<circle> shape{};
    std::map<std::string, part> parts{};
    std::optional<recount::date> on{};
};
RECOUNT_DESCRIBE(painted<0>, number, paint, shape, parts, on)
template <>
struct painted<1> {   // all that may change
    std::optional<std::int64_t> number{};
    colours paint = colours::red;
    std::variant<circle, square> shape{};
    std::map<std::string, wide_part> parts{};
    std::optional<recount::date> on{};
    std::optional<std::string> more{};
};
RECOUNT_DESCRIBE(painted<1>, number, paint, shape, parts, on, more)
template <>
struct painted<2> {   // the same in another order
    std::optional<recount::date> on{};
    std::map<std::string, part> parts{};
    std::variant<circle> shape{};
    colour paint = colour::red;
    std::int32_t number = 0;
};
RECOUNT_DESCRIBE(painted<2>, on, parts, shape, paint, number)
template <>
struct painted<3> {   // types
    std::string number;
    std::string paint;
    circle shape{};
    std::vector<part> parts{};
    std::optional<recount::timestamp> on{};
};
RECOUNT_DESCRIBE(painted<3>, number, paint, shape, parts, on)
template <>
struct painted<4> {   // names
    std::int32_t nr = 0;
    colour paint = colour::red;
    std::variant<circle> shape{};
    std::map<std::string, part> parts{};
    recount::date on{};
};
RECOUNT_DESCRIBE(painted<4>, nr, paint, shape, parts, on)

template <int N>
std::string schema() {
    return recount::describe::json_schema(recount::describe::descriptor_of<painted<N>>(), "");
}
std::vector<std::string> texts(std::string const& before, std::string const& now) {
    std::vector<std::string> list;
    for (auto const& change : schema_changes(before, now)) {
        list.push_back((change.compatible ? "" : "breaks ") + change.text);
    }
    return list;
}
using changes = std::vector<std::string>;

// --- an event of two versions ---

struct noted_v1 {
    std::string book;
};
RECOUNT_EVENT(noted_v1, "log_book.noted", 1, book)
struct noted {
    std::string book;
    std::string text;
    static noted upcast(noted_v1 const& old) { return {old.book, "?"}; }
};
RECOUNT_EVENT(noted, "log_book.noted", 2, book, text)
struct note {
    std::string book;
};
RECOUNT_COMMAND(note, "log_book.note", book)
struct log_book {
    using id = std::string;
    using events = recount::types<noted>;
    using commands = recount::types<note>;
    using decision = recount::decision<events>;
    std::int64_t notes = 0;
    static void evolve(log_book& b, noted const&) { ++b.notes; }
    static decision decide(log_book const&, note const& c) { return noted{c.book, "."}; }
};
RECOUNT_AGGREGATE(log_book, "log_book", 1, notes)

// --- the files ---

struct kept_folder {
    recount::testing::temporary_folder folder;
    [[nodiscard]] fs::path file(char const* name) const { return folder.path() / name; }
    [[nodiscard]] std::string read(char const* name) const {
        std::ifstream stream{file(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{stream}, {}};
    }
    void replace(char const* name, std::string const& what, std::string const& with) const {
        auto text = read(name);
        auto const at = text.find(what);
        REQUIRE(at != std::string::npos);
        write(name, text.replace(at, what.size(), with));
    }
    void write(char const* name, std::string const& text) const {
        std::ofstream{file(name), std::ios::binary} << text;
    }
    [[nodiscard]] recount::testing::schema_report compare(bool approve = false) const {
        return compare_published(recount::testing::parts_of<sample::account, sample::balances>(),
                                 folder.path(), approve);
    }
    [[nodiscard]] std::string failure() const {
        auto const report = compare();
        REQUIRE(report.failures.size() == 1);
        return report.failures.front();
    }
};

constexpr char const* deposited_file = "events/account.deposited.1.json";
constexpr char const* deposit_file = "commands/account.deposit.1.json";
constexpr char const* balances_file = "rows/balances.1.json";
// An optional field that the program has no more: a break.
constexpr char const* properties = "\"properties\": {";
constexpr char const* one_more = "\"properties\": {\n    \"gone\": {\"type\": \"string\"},";

}  // namespace

TEST_CASE("a schema that takes more than before is compatible", "[testing]") {
    CHECK(texts(schema<0>(), schema<0>()).empty());
    CHECK(texts(schema<0>(), schema<2>()).empty());
    CHECK(texts(schema<0>(), schema<1>()) ==
          changes{"$.number: the field became optional",
                  "$.number: the range was -2147483648 to 2147483647, is -9223372036854775808 to "
                  "9223372036854775807",
                  "$.paint: the value \"blue\" was added",
                  "$.parts.*.remark: an optional field was added",
                  "$.shape: the alternative \"square\" was added",
                  "$.more: an optional field was added"});
}

TEST_CASE("a schema that refuses what it took is a break", "[testing]") {
    CHECK(texts(schema<1>(), schema<0>()) ==
          changes{"breaks $.more: the field was removed",
                  "breaks $.number: the field became required",
                  "breaks $.number: the range was -9223372036854775808 to 9223372036854775807, is "
                  "-2147483648 to 2147483647",
                  "breaks $.paint: the value \"blue\" was removed",
                  "breaks $.parts.*.remark: the field was removed",
                  "breaks $.shape: the alternative \"square\" was removed"});
    CHECK(texts(schema<0>(), schema<3>()) ==
          changes{"breaks $.number: the type was integer, is string",
                  "breaks $.on: the type was string (format date), is string (format date-time)",
                  "breaks $.paint: the type was enumeration, is string",
                  "breaks $.parts: the type was map, is array",
                  "breaks $.shape: the type was variant, is structure"});
    CHECK(texts(schema<0>(), schema<4>()) ==
          changes{"breaks $.number: the field was removed",
                  "breaks $.on: the field became required",
                  "breaks $.nr: a field was added that is not optional"});
}

TEST_CASE("what is no schema is a break, not a crash", "[testing]") {
    for (auto const* const text : {"", "<<<<<<<", "[]", "{}", "3", R"({"$ref":"#/$defs/none"})"}) {
        auto const found = texts(text, schema<0>());
        CAPTURE(text);
        REQUIRE(found.size() == 1);
        CHECK(found.front().starts_with("breaks $: "));
    }
}

TEST_CASE("schemas are published when that is approved, and then hold", "[testing]") {
    kept_folder kept;
    auto const missing = kept.compare();
    CHECK(missing.files == 0);
    CHECK(missing.failures.size() == 9);
    CHECK(missing.failures.front() ==
          "events/account.closed.1.json: account.closed version 1 is not published. "
          "RECOUNT_APPROVE=1 publishes it.");
    CHECK_FALSE(fs::exists(kept.folder.path()));
    CHECK(kept.compare(true).failures.empty());
    auto const holds = kept.compare();
    CHECK(holds.failures.empty());
    CHECK(holds.files == 9);
    CHECK(kept.read(deposited_file) ==
          recount::describe::json_schema(recount::describe::descriptor_of<sample::deposited>(),
                                         "urn:recount:events:account.deposited:1") +
              "\n");
}

TEST_CASE("changes of what was published, by kind", "[testing]") {
    kept_folder kept;
    REQUIRE(kept.compare(true).failures.empty());
    std::string texts;
    auto const keep = [&](char const* file, bool approvable) {
        auto const before = kept.read(file);
        texts += kept.failure() + "\n\n";
        CHECK(kept.compare(true).failures.empty() == approvable);
        CHECK((kept.read(file) == before) != approvable);
        kept.write(file, before);
    };
    auto const restore = [&](char const* file, std::string const& text) {
        kept.write(file, text);
        CHECK(kept.compare().failures.empty());
    };
    for (auto const* const file : {deposited_file, deposit_file, balances_file}) {
        auto const good = kept.read(file);
        kept.replace(file, properties, one_more);
        keep(file, file != deposited_file);
        restore(file, good);
    }
    auto const good = kept.read(deposited_file);
    kept.replace(deposited_file, "9223372036854775807", "99");
    keep(deposited_file, true);
    restore(deposited_file, good);
    kept.replace(deposited_file, "\"title\"", "\"description\"");
    keep(deposited_file, true);
    restore(deposited_file, good);
    kept.write(deposited_file, "<<<<<<< ours\n");
    keep(deposited_file, false);
    restore(deposited_file, good);
    approval::check_approved("testing_schemas.txt", texts);
}

TEST_CASE("a version that the program no longer knows fails", "[testing]") {
    kept_folder kept;
    REQUIRE(kept.compare(true).failures.empty());
    auto const copy = [&](char const* from, char const* to) { kept.write(to, kept.read(from)); };
    copy(deposited_file, "events/account.deposited.2.json");
    CHECK(kept.failure() ==
          "events/account.deposited.2.json: the program does not know it any more; the log may "
          "hold such events: keep an upcast from that version. This is never approved.");
    CHECK(kept.compare(true).failures.size() == 1);
    CHECK(fs::exists(kept.file("events/account.deposited.2.json")));
    fs::remove(kept.file("events/account.deposited.2.json"));

    copy(balances_file, "rows/balances.7.json");
    CHECK(kept.failure() == "rows/balances.7.json: the program does not know it any more; "
                            "RECOUNT_APPROVE=1 removes the file.");
    CHECK(kept.compare(true).failures.empty());
    CHECK_FALSE(fs::exists(kept.file("rows/balances.7.json")));
    kept.write("events/README.md", "others' files are left alone");
    CHECK(kept.compare().failures.empty());
}

TEST_CASE("every version of an event that is still read is published", "[testing]") {
    kept_folder kept;
    auto const parts = recount::testing::parts_of<log_book>();
    CHECK(compare_published(parts, kept.folder.path(), true).files == 3);
    CHECK(fs::exists(kept.file("events/log_book.noted.1.json")));
    CHECK(fs::exists(kept.file("events/log_book.noted.2.json")));
    CHECK(compare_published(parts, kept.folder.path(), false).failures.empty());
    // An old version is promised as well.
    kept.replace("events/log_book.noted.1.json", properties, one_more);
    CHECK(compare_published(parts, kept.folder.path(), true).failures.size() == 1);
}

TEST_CASE("events of other aggregates that a projection reads are published too", "[testing]") {
    kept_folder kept;
    auto const report = compare_published(recount::testing::parts_of<sample::totals>(),
                                          kept.folder.path(), true);
    CHECK(report.files == 2);
    CHECK(fs::exists(kept.file(deposited_file)));
    CHECK(fs::exists(kept.file("rows/totals.1.json")));
}
