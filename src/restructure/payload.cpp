// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/payload.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <recount/core/error.hpp>

#include "restructure/registers_json.hpp"

namespace recount::history {

using describe::raw_json;
using describe::raw_object;

namespace {

// --- writing -------------------------------------------------------------------------------------

void quoted(std::string& to, std::string_view name, std::string_view text) {
    to += fmt::format(R"("{}":)", name);
    describe::append_quoted(to, text);
}

std::string to_json(anchor const& a, position own) {
    switch (a.what) {
        case anchor::kind::end: return R"("end")";
        case anchor::kind::keep: return R"("keep")";
        default: break;
    }
    return fmt::format(R"({{"{}":"{}","place":"{}"}})",
                       a.what == anchor::kind::after ? "after" : "before", to_string(a.event),
                       a.at.text(own));
}

std::string to_json(origin const& o) {
    auto text = fmt::format(R"({{"position":{},"recorded_at":"{}","version":{},)", o.position,
                            to_string(o.recorded_at), o.version);
    quoted(text, "stream", o.stream);
    return text + fmt::format(R"(,"meta":{},"hash":"{}","commit_last":{}}})", o.meta,
                              to_hex(o.hash), o.commit_last);
}

std::string to_json(brought_slot const& b, position own) {
    auto text = fmt::format(R"({{"content":{},"present":{})", to_json(*b.content), b.present);
    if (b.at) text += fmt::format(R"(,"place":"{}")", b.at->text(own));
    if (b.origin) text += fmt::format(R"(,"origin":{})", to_json(*b.origin));
    return text + '}';
}

struct operation_writer {
    std::string& to;
    position own;
    std::string_view row;  // empty: for all streams

    void begin(std::string_view name, uuid const& event) const {
        to += fmt::format(R"(,"op":"{}","event":"{}")", name, to_string(event));
    }
    void stream(std::string_view name, std::string_view value) const {
        to += ',';
        quoted(to, name, value);
    }
    void brought(std::optional<brought_slot> const& b, std::string_view to_stream) const {
        if (!b || (!row.empty() && row != to_stream)) return;
        to += fmt::format(R"(,"brought":{})", to_json(*b, own));
    }
    void operator()(op::exclude const& o) const { begin("exclude", o.event); }
    void operator()(op::replace const& o) const {
        begin("replace", o.event);
        to += fmt::format(R"(,"content":{})", to_json(*o.content));
    }
    void operator()(op::insert const& o) const {
        begin("insert", o.event);
        stream("to", o.to);
        to += fmt::format(R"(,"anchor":{},"content":{})", to_json(o.anchor, own),
                          to_json(*o.content));
    }
    void operator()(op::move const& o) const {
        begin("move", o.event);
        stream("from", o.from);
        stream("to", o.to);
        to += fmt::format(R"(,"anchor":{})", to_json(o.anchor, own));
        brought(o.brought, o.to);
    }
    void operator()(op::reinstate const& o) const {
        begin("reinstate", o.event);
        stream("from", o.from);
        stream("to", o.to);
        to += fmt::format(R"(,"registers":[{}],"as_at":{})", names_of(o.which), o.as_at);
        brought(o.brought, o.to);
    }
};

std::string list_of(std::vector<std::string> const& texts) {
    std::string list = "[";
    for (auto const& text : texts) {
        if (list.size() > 1) list += ',';
        describe::append_quoted(list, text);
    }
    return list + ']';
}

using some_operations = std::vector<operation const*>;

some_operations all_of(restructure_payload const& p) {
    some_operations all;
    all.reserve(p.ops.size());
    for (auto const& o : p.ops) all.push_back(&o);
    return all;
}

void append_operation(std::string& to, operation const& o, std::string_view stream,
                      position own) {
    to += fmt::format(R"({{"n":{})", o.n);
    std::visit(operation_writer{to, own, stream}, o.what);
    to += '}';
}

void append_operations(std::string& to, some_operations const& ops, std::string_view stream,
                       position own) {
    to += '[';
    bool first = true;
    for (auto const* const o : ops) {
        if (!std::exchange(first, false)) to += ',';
        append_operation(to, *o, stream, own);
    }
    to += ']';
}

std::string written(restructure_payload const& p, some_operations const& ops,
                    std::string_view stream, position own) {
    auto text = fmt::format(R"({{"restructure":"{}",)", to_string(p.restructure));
    quoted(text, "title", p.title);
    text += ',';
    quoted(text, "because", p.because);
    text += R"(,"evidence":)" + list_of(p.evidence);
    if (p.preview) {
        text += ',';
        quoted(text, "preview", *p.preview);
    }
    if (!p.acknowledged.empty()) text += R"(,"acknowledged":)" + list_of(p.acknowledged);
    if (p.undoes) text += fmt::format(R"(,"undoes":"{}")", to_string(*p.undoes));
    text += R"(,"ops":)";
    append_operations(text, ops, stream, own);
    return text + '}';
}

// --- reading -------------------------------------------------------------------------------------

class reader {
public:
    reader(position own, bool tolerant) : own_{own}, tolerant_{tolerant} {}

    restructure_payload payload(raw_json const& value) const {
        auto o = object(value);
        restructure_payload p;
        p.restructure = o.need("restructure").id();
        if (ordinal_of(p.restructure) != 0) value.expected("a command id for \"restructure\"");
        p.title = o.need("title").string();
        auto const because = o.need("because");
        p.because = because.string();
        if (p.because.empty()) because.expected("a reason");
        p.evidence = texts(o.need("evidence"));
        if (auto const v = o.take("preview")) p.preview = v->string();
        if (auto const v = o.take("acknowledged")) p.acknowledged = texts(*v);
        if (auto const v = o.take("undoes")) p.undoes = v->id();
        auto const ops = o.need("ops");
        o.finish();
        p.ops = operations(ops);
        return p;
    }

    history::content content(raw_json const& value) const {
        auto o = object(value);
        history::content c;
        c.type = o.need("type").string();
        c.schema_version = static_cast<int>(
            o.need("schema_version").integer(0, std::numeric_limits<int>::max()));
        c.payload = o.need("payload").text();
        c.effective_at = o.need("effective_at").time();
        o.finish();
        return c;
    }

private:
    position own_;
    bool tolerant_;

    raw_object object(raw_json const& value) const { return raw_object{value, tolerant_}; }

    // Reasons that are told in another way are no reason to ignore a correction.
    std::vector<std::string> texts(raw_json const& value) const {
        std::vector<std::string> all;
        if (tolerant_ && value.text().front() != '[') return all;
        for (auto const& e : value.elements()) {
            all.push_back(tolerant_ && !e.is_string() ? std::string{e.text()} : e.string());
        }
        return all;
    }

    std::vector<operation> operations(raw_json const& value) const {
        std::vector<operation> all;
        std::set<int> seen;
        auto elements = value.elements();
        if (elements.size() > limits::restructure_operations_max) {
            if (!tolerant_) {
                value.expected(fmt::format("at most {} operations",
                                           limits::restructure_operations_max));
            }
            elements.erase(elements.begin() + limits::restructure_operations_max, elements.end());
        }
        for (auto const& element : elements) {
            try {
                auto o = one(element);
                bool const fresh = seen.insert(o.n).second;
                if (!fresh && !tolerant_) element.expected("an \"n\" of its own");
                if (fresh) all.push_back(std::move(o));
            } catch (error const&) {
                if (!tolerant_) throw;
            }
        }
        std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.n < b.n; });
        return all;
    }

    operation one(raw_json const& value) const {
        auto o = object(value);
        operation made;
        made.n = static_cast<int>(
            o.need("n").integer(
                0, static_cast<std::int64_t>(limits::restructure_operations_max) - 1));
        auto const kind = o.need("op");
        auto const name = kind.string();
        auto const event = o.need("event").id();
        if (name == "exclude") {
            made.what = op::exclude{event};
        } else if (name == "replace") {
            made.what = op::replace{event, shared_content(o)};
        } else if (name == "insert") {
            made.what = op::insert{event, o.need("to").string(), anchor_of(o.need("anchor"), false),
                                   shared_content(o)};
        } else if (name == "move") {
            made.what = op::move{event, o.need("from").string(), o.need("to").string(),
                                 anchor_of(o.need("anchor"), true), brought(o)};
        } else if (name == "reinstate") {
            made.what = op::reinstate{event, o.need("from").string(), o.need("to").string(),
                                      registers_of(o.need("registers")), as_at(o.need("as_at")),
                                      brought(o)};
        } else {
            kind.expected("exclude, replace, insert, move or reinstate");
        }
        o.finish();
        return made;
    }

    static position as_at(raw_json const& value) {
        return value.integer(0, std::numeric_limits<position>::max());
    }

    content_ptr shared_content(raw_object& from) const {
        return std::make_shared<history::content const>(content(from.need("content")));
    }

    place place_of(raw_json const& value) const {
        auto const found = place::from_text(value.string(), own_);
        if (!found) value.expected("a place of at most 64 steps like \"12.0>40.2\"");
        return *found;
    }

    anchor anchor_of(raw_json const& value, bool may_keep) const {
        if (value.is_string()) {
            auto const name = value.string();
            if (name == "end") return {anchor::kind::end};
            if (name == "keep" && may_keep) return {anchor::kind::keep};
            value.expected(may_keep ? "an anchor, \"end\" or \"keep\"" : "an anchor or \"end\"");
        }
        auto o = object(value);
        anchor a{anchor::kind::after};
        if (auto const after = o.take("after")) {
            a.event = after->id();
        } else {
            a.what = anchor::kind::before;
            a.event = o.need("before").id();
        }
        a.at = place_of(o.need("place"));
        o.finish();
        return a;
    }

    std::optional<brought_slot> brought(raw_object& from) const {
        auto const value = from.take("brought");
        if (!value) return {};
        auto o = object(*value);
        brought_slot b;
        b.content = shared_content(o);
        b.present = o.need("present").boolean();
        if (auto const at = o.take("place")) b.at = place_of(*at);
        b.origin = std::make_shared<origin const>(origin_of(o.need("origin")));
        o.finish();
        return b;
    }

    origin origin_of(raw_json const& value) const {
        auto o = object(value);
        origin made;
        made.position = as_at(o.need("position"));
        made.recorded_at = o.need("recorded_at").time();
        made.version = as_at(o.need("version"));
        made.stream = o.need("stream").string();
        made.meta = o.need("meta").text();
        auto const hash = o.need("hash");
        try {
            made.hash = digest_from_hex(hash.string());
        } catch (error const& e) {
            if (e.code() == errc::invalid_json) throw;
            hash.expected("a hash of 64 hexadecimal digits");
        }
        made.commit_last = as_at(o.need("commit_last"));
        o.finish();
        return made;
    }
};

}  // namespace

std::string to_json(content const& c) {
    std::string text = "{";
    quoted(text, "type", c.type);
    return text + fmt::format(R"(,"schema_version":{},"payload":{},"effective_at":"{}"}})",
                              c.schema_version, c.payload, to_string(c.effective_at));
}

content content_from_json(std::string_view text) {
    return reader{own_position, false}.content(raw_json::of(text));
}

std::vector<std::string> streams_of(restructure_payload const& payload) {
    std::set<std::string> all;
    for (auto const& o : payload.ops) all.insert(o.streams.begin(), o.streams.end());
    return {all.begin(), all.end()};
}

// Of all rows together: this may be larger than a text that is read.
json_text to_json(restructure_payload const& payload, position own) {
    return json_text::trusted(written(payload, all_of(payload), {}, own));
}

std::string operations_json(restructure_payload const& payload, position own) {
    std::string text;
    append_operations(text, all_of(payload), {}, own);
    return text;
}

std::vector<payload_row> rows_for(restructure_payload const& payload, position own) {
    std::map<std::string_view, some_operations> by_stream;
    for (auto const& o : payload.ops) {
        for (auto const& stream : o.streams) by_stream[stream].push_back(&o);
    }
    std::vector<payload_row> rows;
    rows.reserve(by_stream.size());
    for (auto const& [stream, ops] : by_stream) {
        rows.push_back(
            {std::string{stream}, json_text::checked(written(payload, ops, stream, own))});
    }
    return rows;
}

std::vector<row_size> row_sizes(restructure_payload const& payload) {
    std::map<std::string_view, std::size_t> by_stream;
    std::string one;
    for (auto const& o : payload.ops) {
        for (auto const& stream : o.streams) {
            one.clear();
            append_operation(one, o, stream, own_position);
            auto const [bytes, first] = by_stream.try_emplace(stream, 0);
            bytes->second += one.size() + (first ? 0 : 1);
        }
    }
    auto const frame = written(payload, {}, {}, own_position).size();
    std::vector<row_size> sizes;
    sizes.reserve(by_stream.size());
    for (auto const& [stream, bytes] : by_stream) {
        sizes.push_back({std::string{stream}, frame + bytes});
    }
    return sizes;
}

restructure_payload payload_from_json(std::string_view text, position own) {
    return reader{own, false}.payload(raw_json::of(text));
}

std::optional<restructure_payload> payload_from_log(std::string_view text, position own) noexcept {
    try {
        return reader{own, true}.payload(raw_json::of(text));
    } catch (error const&) {
        return {};
    }
}

}  // namespace recount::history
