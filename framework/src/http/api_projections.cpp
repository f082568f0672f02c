// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include <recount/core/bytes.hpp>
#include <recount/core/text.hpp>

#include "app/summary_json.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

reply list_projections(api_call const& call) {
    auto const head = call.app.log().head().position;
    std::string list;
    for (auto const* p : call.app.parts().projections) {
        auto const at = call.app.row_tables().read_checkpoint(*p, table_build::live).position;
        append_item(list, summary_json(*p, at, head));
    }
    return json_reply(fmt::format(R"({{"projections":[{}],"head":{}}})", list, head));
}

namespace {

// The key of a row as an opaque word. It is a JSON object of the key fields, read as strictly as
// any other: the structure that describes it borrows the row's own fields.
class key_token {
public:
    explicit key_token(row_descriptor const& rows) {
        auto const& shape = rows.shape();
        for (auto const field : rows.key_fields) fields_.push_back(shape.fields[field]);
        shape_.fields = fields_;
    }

    [[nodiscard]] std::string of(void const* row) const {
        std::string text;
        describe::write_json(text, shape_, row);
        auto const* const octets = reinterpret_cast<std::byte const*>(text.data());
        return to_base64url({octets, octets + text.size()});
    }

    void read(std::string_view token, void* row) const {
        try {
            auto const octets = bytes_from_base64url(token);
            describe::read_json({reinterpret_cast<char const*>(octets.data()), octets.size()},
                                shape_, row);
        } catch (error const&) {
            throw bad_request(fmt::format("$after: expected the 'next' of an earlier answer, "
                                          "found '{}'",
                                          excerpt(token)));
        }
    }

private:
    std::vector<describe::field_descriptor> fields_;
    describe::type_descriptor shape_{describe::kind::structure, "key"};
};

// The fields of the answer, in the order of the row; all of them unless some are named.
std::vector<describe::field_descriptor const*> wanted_fields(projection_descriptor const& p,
                                                             api_call const& call) {
    auto const& shape = p.rows->shape();
    std::vector<describe::field_descriptor const*> list;
    auto const text = call.parameter("$fields");
    std::vector<std::string_view> words;
    for (auto rest = text.value_or(""); !rest.empty();) {
        auto const end = std::min(rest.find(','), rest.size());
        words.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (auto const& field : shape.fields) {
        auto const named = std::find(words.begin(), words.end(), field.name);
        if (text && named == words.end()) continue;
        if (named != words.end()) words.erase(named);
        list.push_back(&field);
    }
    if (!words.empty() || list.empty()) {
        std::string known;
        for (auto const& field : shape.fields) known += fmt::format(", {}", field.name);
        throw bad_request(fmt::format("$fields: projection {} has no field '{}'; there are: {}",
                                      p.name, words.empty() ? "" : excerpt(words.front()),
                                      known.substr(2)));
    }
    return list;
}

std::string row_json(std::vector<describe::field_descriptor const*> const& fields,
                     void const* row) {
    std::string text;
    for (auto const* field : fields) {
        auto const& type = field->type();
        auto const* const value = field->read(row);
        if (type.optional != nullptr && type.optional->get(value) == nullptr) continue;
        if (!text.empty()) text += ',';
        describe::append_quoted(text, field->name);
        text += ':';
        describe::write_json(text, type, value);
    }
    return "{" + text + "}";
}

bool reached(api_call const& call, projection_descriptor const& p, position wanted) {
    auto const wait = call.options.at_least_wait;
    if (call.options.followers != nullptr) {
        return call.options.followers->wait_until(p, wanted, wait);
    }
    constexpr std::chrono::milliseconds look_again{20};
    auto const deadline = std::chrono::steady_clock::now() + wait;
    for (;;) {
        auto& rows = call.app.row_tables();
        if (rows.read_checkpoint(p, table_build::live).position >= wanted) return true;
        auto const now = std::chrono::steady_clock::now();
        if (now >= deadline) return false;
        std::this_thread::sleep_until(std::min(deadline, now + look_again));
    }
}

// Of the few that may wait at a time.
class place_to_wait {
public:
    explicit place_to_wait(api_call const& call)
        : count_{call.waiting}, taken_{++count_ <= call.options.at_least_waiting_max} {}
    ~place_to_wait() { --count_; }
    place_to_wait(place_to_wait const&) = delete;
    place_to_wait& operator=(place_to_wait const&) = delete;
    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    std::atomic<std::size_t>& count_;
    bool taken_;
};

void wait_for(api_call const& call, projection_descriptor const& p) {
    auto const wanted = call.number("$at_least", 0);
    if (!wanted) return;
    auto at = call.app.row_tables().read_checkpoint(p, table_build::live).position;
    if (at >= *wanted) return;
    // What the log has not got itself is not worth a worker's time.
    place_to_wait const place{call};
    if (place.taken() && *wanted <= call.app.log().head().position && reached(call, p, *wanted)) {
        return;
    }
    at = call.app.row_tables().read_checkpoint(p, table_build::live).position;
    throw refusal{{.status = 425,
                   .code = "behind",
                   .detail = fmt::format("projection {} is at position {}, not yet at {}", p.name,
                                         at, *wanted),
                   .members = {{"position", std::to_string(at)}},
                   .headers = {{"Retry-After", "1"}}}};
}

row_order order_of(api_call const& call) {
    auto const text = call.parameter("$order").value_or("asc");
    if (text != "asc" && text != "desc") {
        throw bad_request(fmt::format("$order: expected asc or desc, by key, found '{}'",
                                      excerpt(text)));
    }
    return text == "asc" ? row_order::ascending : row_order::descending;
}

}  // namespace

reply query_projection(api_call const& call) {
    auto const& p = call.app.projection(call.places.front());
    key_token const tokens{*p.rows};
    auto const fields = wanted_fields(p, call);
    auto const limit = call.limit("$limit");
    row_query wanted{.limit = limit + 1, .order = order_of(call)};
    auto const after = p.rows->create();
    if (auto const token = call.parameter("$after")) {
        tokens.read(*token, after.get());
        wanted.after = after.get();
    }
    for (auto const& [name, value] : call.asked.query) {
        if (!name.starts_with('$')) wanted.equals.push_back({name, value});
    }
    wait_for(call, p);
    // Read before the rows: they hold at least this.
    auto const at = call.app.row_tables().read_checkpoint(p, table_build::live).position;
    auto const rows = call.app.row_tables().query(p, wanted);
    std::string list;
    for (std::size_t i = 0; i < std::min(rows.size(), limit); ++i) {
        append_item(list, row_json(fields, rows[i].object.get()));
    }
    auto body = R"({"rows":[)" + list + "]";
    if (rows.size() > limit) {
        body += R"(,"next":")" + tokens.of(rows[limit - 1].object.get()) + '"';
    }
    return json_reply(body + fmt::format(R"(,"position":{}}})", at));
}

}  // namespace recount::http
