// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/format.hpp"

#include <limits>

#include <fmt/format.h>

#include <recount/core/sha256.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/raw_json.hpp>
#include <recount/saga/limits.hpp>

namespace recount {

std::string_view to_string(verdict::kind k) noexcept {
    switch (k) {
        case verdict::kind::retry: return "retry";
        case verdict::kind::skip: return "skip";
        case verdict::kind::compensate: return "compensate";
        case verdict::kind::park: return "park";
    }
    return "park";
}

}  // namespace recount

namespace recount::detail {

using describe::append_quoted;
using describe::raw_json;
using describe::raw_object;
using kind = reaction_output::kind;

info saga_input::about() const {
    return {position, stream, version, trigger, at(), timer ? due_at : effective_at};
}

saga_input input_of(recorded_event const& row) {
    saga_input input;
    input.trigger = row.id;
    input.type = row.type;
    input.schema_version = row.schema_version;
    input.payload = row.payload;
    input.correlation = metadata_from_json(row.meta).correlation;
    input.position = row.position;
    input.k = row.commit_last;
    input.stream = row.stream;
    input.version = row.version;
    input.effective_at = row.effective();
    input.recorded_at = row.recorded_at;
    return input;
}

namespace {

constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();

// Writes the members of one object.
class object_writer {
public:
    explicit object_writer(std::string& to) : to_{to} { to_ += '{'; }
    void raw(std::string_view name, std::string_view json) {
        begin(name);
        to_ += json;
    }
    void text(std::string_view name, std::string_view value) {
        begin(name);
        append_quoted(to_, value);
    }
    void id(std::string_view name, uuid const& value) { text(name, to_string(value)); }
    void time(std::string_view name, timestamp value) { text(name, to_string(value)); }
    void number(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
    std::string& begin(std::string_view name) {
        if (!first_) to_ += ',';
        first_ = false;
        to_ += '"';
        to_ += name;
        to_ += "\":";
        return to_;
    }
    void end() { to_ += '}'; }

private:
    std::string& to_;
    bool first_ = true;
};

void write(std::string& to, saga_command const& c) {
    object_writer o{to};
    o.text("name", c.name);
    o.number("version", c.version);
    o.raw("payload", c.payload);
    o.end();
}

void write(std::string& to, saga_input const& input) {
    object_writer o{to};
    if (input.timer) {
        o.id("timer", input.trigger);
        o.text("name", input.name);
        o.time("due_at", input.due_at);
        o.time("fired_at", input.fired_at);
    } else {
        o.id("event", input.trigger);
        o.number("position", input.position);
        o.number("k", input.k);
        o.text("stream", input.stream);
        o.number("version", input.version);
    }
    o.text("type", input.type);
    o.number("schema_version", input.schema_version);
    if (!input.timer) {
        o.time("effective_at", input.effective_at);
        o.time("recorded_at", input.recorded_at);
    }
    o.raw("payload", input.payload);
    o.end();
}

void write_content(object_writer& o, saga_output const& output) {
    o.text("type", output.type);
    o.number("schema_version", output.schema_version);
    o.raw("payload", output.payload);
}

void write(std::string& to, saga_output const& output) {
    object_writer o{to};
    o.number("n", output.n);
    switch (output.what) {
        case kind::command:
            o.id("key", output.key);
            write(o.begin("command"), output.command);
            if (output.undo) write(o.begin("undo"), *output.undo);
            break;
        case kind::timer:
            o.id("key", output.key);
            o.text("timer", output.name);
            o.time("due_at", output.due_at);
            write_content(o, output);
            break;
        case kind::cancel: o.text("cancel", output.name); break;
        case kind::effect: {
            o.id("key", output.key);
            object_writer inner{o.begin("effect")};
            write_content(inner, output);
            inner.end();
            if (!output.order.empty()) o.text("order", output.order);
            break;
        }
    }
    o.end();
}

void write(std::string& to, std::vector<saga_output> const& outputs) {
    to += '[';
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (i > 0) to += ',';
        write(to, outputs[i]);
    }
    to += ']';
}

int small_number(raw_json const& value) {
    return static_cast<int>(value.integer(0, std::numeric_limits<int>::max()));
}

saga_command command_of(raw_json const& value) {
    raw_object o{value, true};
    saga_command c;
    c.name = o.need("name").string();
    c.version = small_number(o.need("version"));
    c.payload = std::string{o.need("payload").text()};
    return c;
}

saga_input input_from(raw_json const& value) {
    raw_object o{value, true};
    saga_input input;
    if (auto const key = o.take("timer")) {
        input.timer = true;
        input.trigger = key->id();
        input.name = o.need("name").string();
        input.due_at = o.need("due_at").time();
        input.fired_at = o.need("fired_at").time();
    } else {
        input.trigger = o.need("event").id();
        input.position = o.need("position").integer(0, number_max);
        input.k = o.need("k").integer(0, number_max);
        input.stream = o.need("stream").string();
        input.version = o.need("version").integer(0, number_max);
        input.effective_at = o.need("effective_at").time();
        input.recorded_at = o.need("recorded_at").time();
    }
    input.type = o.need("type").string();
    input.schema_version = small_number(o.need("schema_version"));
    input.payload = std::string{o.need("payload").text()};
    return input;
}

void read_content(raw_object& o, saga_output& into) {
    into.type = o.need("type").string();
    into.schema_version = small_number(o.need("schema_version"));
    into.payload = std::string{o.need("payload").text()};
}

saga_output output_from(raw_json const& value) {
    raw_object o{value, true};
    saga_output output;
    output.n = small_number(o.need("n"));
    if (auto const name = o.take("cancel")) {
        output.what = kind::cancel;
        output.name = name->string();
        return output;
    }
    output.key = o.need("key").id();
    if (auto const command = o.take("command")) {
        output.command = command_of(*command);
        if (auto const undo = o.take("undo")) output.undo = command_of(*undo);
    } else if (auto const effect = o.take("effect")) {
        output.what = kind::effect;
        raw_object inner{*effect, true};
        read_content(inner, output);
        if (auto const order = o.take("order")) output.order = order->string();
    } else {
        output.what = kind::timer;
        output.name = o.need("timer").string();
        output.due_at = o.need("due_at").time();
        read_content(o, output);
    }
    return output;
}

std::vector<saga_output> outputs_from(raw_json const& list) {
    std::vector<saga_output> outputs;
    for (auto const& one : list.elements()) outputs.push_back(output_from(one));
    return outputs;
}

bool flag(raw_object& o, std::string_view name) {
    auto const found = o.take(name);
    return found && found->boolean();
}

uuid uuid_of(digest const& full) {
    uuid id;
    for (std::size_t i = 0; i < id.octets.size(); ++i) id.octets[i] = full[i];
    id.octets[6] = (id.octets[6] & std::byte{0x0F}) | std::byte{0x80};
    id.octets[8] = (id.octets[8] & std::byte{0x3F}) | std::byte{0x80};
    return event_id(id, 0);
}

uuid made_of(std::string_view what, std::string_view saga, std::string_view instance,
             uuid const& trigger, std::string_view last) {
    constexpr std::string_view zero{"\0", 1};
    thread_local hasher one;
    return uuid_of(one.raw(what)
                       .raw(zero)
                       .raw(saga)
                       .raw(zero)
                       .raw(instance)
                       .raw(zero)
                       .raw(to_string(trigger))
                       .raw(zero)
                       .raw(last)
                       .finish());
}

verdict::kind verdict_from(raw_json const& value) {
    auto const text = value.string();
    for (auto const k : {verdict::kind::retry, verdict::kind::skip, verdict::kind::compensate,
                         verdict::kind::park}) {
        if (to_string(k) == text) return k;
    }
    value.expected("retry, skip, compensate or park");
}

}  // namespace

std::string to_json(saga_command const& c) {
    std::string text;
    write(text, c);
    return text;
}

saga_command command_from_json(std::string_view text) { return command_of(raw_json::of(text)); }

json_text to_json(reacted_row const& row) {
    std::string text;
    text.reserve(512 + row.input.payload.size());
    object_writer o{text};
    write(o.begin("input"), row.input);
    write(o.begin("outputs"), row.outputs);
    if (row.ended) o.raw("ended", "true");
    o.end();
    return json_text::trusted(std::move(text));
}

json_text held_json(saga_input const& input, std::string_view because) {
    std::string text;
    object_writer o{text};
    write(o.begin("input"), input);
    o.text("because", because);
    o.end();
    return json_text::trusted(std::move(text));
}

json_text to_json(parked_row const& row) {
    std::string text;
    object_writer o{text};
    if (row.trigger) o.id("trigger", *row.trigger);
    o.text("because", row.because);
    o.end();
    return json_text::trusted(std::move(text));
}

json_text to_json(refused_row const& row) {
    std::string text;
    object_writer o{text};
    o.id("message", row.message);
    o.number("attempt", row.attempt);
    o.text("command", row.command);
    o.text("code", row.code);
    o.text("text", row.text);
    o.text("verdict", to_string(row.what));
    if (row.again_at) o.time("again_at", *row.again_at);
    if (!row.outputs.empty()) write(o.begin("outputs"), row.outputs);
    if (!row.withdrawn.empty()) {
        auto& list = o.begin("withdrawn");
        for (std::size_t i = 0; i < row.withdrawn.size(); ++i) {
            list += fmt::format("{}\"{}\"", i == 0 ? "[" : ",", to_string(row.withdrawn[i]));
        }
        list += ']';
    }
    if (row.ended) o.raw("ended", "true");
    o.end();
    return json_text::trusted(std::move(text));
}

json_text because_json(std::string_view because) {
    std::string text;
    object_writer o{text};
    o.text("because", because);
    o.end();
    return json_text::trusted(std::move(text));
}

reacted_row reacted_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    reacted_row row;
    row.input = input_from(o.need("input"));
    row.outputs = outputs_from(o.need("outputs"));
    row.ended = flag(o, "ended");
    return row;
}

saga_input held_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    return input_from(o.need("input"));
}

parked_row parked_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    parked_row row;
    if (auto const trigger = o.take("trigger")) row.trigger = trigger->id();
    row.because = o.need("because").string();
    return row;
}

refused_row refused_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    refused_row row;
    row.message = o.need("message").id();
    row.attempt = small_number(o.need("attempt"));
    row.command = o.need("command").string();
    row.code = o.need("code").string();
    row.text = o.need("text").string();
    row.what = verdict_from(o.need("verdict"));
    if (auto const at = o.take("again_at")) row.again_at = at->time();
    if (auto const list = o.take("outputs")) row.outputs = outputs_from(*list);
    if (auto const list = o.take("withdrawn")) {
        for (auto const& one : list->elements()) row.withdrawn.push_back(one.id());
    }
    row.ended = flag(o, "ended");
    return row;
}

std::string because_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    return o.need("because").string();
}

uuid saga_commit_id(std::string_view saga, std::string_view instance, uuid const& trigger,
                    std::string_view step) {
    return made_of("recount/saga/1", saga, instance, trigger, step);
}

uuid saga_output_key(std::string_view saga, std::string_view instance, uuid const& trigger,
                     int n) {
    return made_of("recount/saga/output/1", saga, instance, trigger, std::to_string(n));
}

namespace {

std::string json_of(named_object const& object) {
    std::string text;
    describe::write_json(text, *object.shape, object.object.get());
    return text;
}

void refuse_timer_name(std::string_view name) {
    if (!name.empty() && name.size() <= limits::saga_timer_name_bytes_max && is_utf8(name)) return;
    throw error{errc::invalid_argument,
                fmt::format("a timer's name has 1 to {} bytes of UTF-8, found {}",
                            limits::saga_timer_name_bytes_max, name.size())};
}

timestamp due_of(reaction_output const& from, saga_input const& input) {
    if (from.when && *from.when >= timestamp_min && *from.when <= timestamp_max) return *from.when;
    if (!from.when && from.after <= timestamp_max - input.at() &&
        from.after >= timestamp_min - input.at()) {
        return input.at() + from.after;
    }
    throw error{errc::invalid_argument,
                fmt::format("the timer '{}' is due outside of the years 1 to 9999", from.name)};
}

}  // namespace

saga_command command_of(named_object const& object) {
    return {std::string{object.name}, object.version, json_of(object)};
}

std::vector<saga_output> outputs_of(reaction_parts const& made, std::string_view saga,
                                    std::string_view instance, saga_input const& input) {
    if (made.outputs.size() > limits::saga_outputs_max) {
        throw error{errc::limit_exceeded,
                    fmt::format("a reaction has at most {} outputs, found {}",
                                limits::saga_outputs_max, made.outputs.size())};
    }
    std::vector<saga_output> outputs;
    outputs.reserve(made.outputs.size());
    for (auto const& from : made.outputs) {
        auto& output = outputs.emplace_back();
        output.what = from.what;
        output.n = static_cast<int>(outputs.size()) - 1;
        output.name = from.name;
        if (from.what == kind::cancel) continue;
        output.key = saga_output_key(saga, instance, input.trigger, output.n);
        if (from.what == kind::command) {
            output.command = command_of(from.object);
            if (from.undo) output.undo = command_of(*from.undo);
            continue;
        }
        output.type = from.object.name;
        output.schema_version = from.object.version;
        output.payload = json_of(from.object);
        output.order = from.order;
        if (from.what == kind::timer) {
            refuse_timer_name(from.name);
            output.due_at = due_of(from, input);
        }
    }
    return outputs;
}

}  // namespace recount::detail
