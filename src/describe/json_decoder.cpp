// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "json_decoder.hpp"

#include <bit>
#include <utility>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

#include "objects.hpp"

namespace recount::describe::detail {

namespace {

// Strings that are part of a form and not values of the application: a variant's "type", a
// money's "currency". As descriptors they take the way of every other string.
constexpr type_descriptor form_text{.kind = kind::string, .name = "part of a form"};
constexpr type_descriptor minor_units{.kind = kind::int64, .name = "int64"};

constexpr std::array<std::string_view, 2> money_parts{"minor", "currency"};
constexpr std::array<std::string_view, 2> variant_parts{"type", "value"};

constexpr std::string_view no_nul = "expected text without NUL, found U+0000";

std::string names_of_fields(type_descriptor const& structure) {
    constexpr std::size_t named_max = 12;
    if (structure.fields.empty()) return "the structure has none";
    std::string text = "expected ";
    std::size_t count = 0;
    for (auto const& field : structure.fields) {
        if (count == named_max) return text + ", …";
        if (count++ > 0) text += ", ";
        text += field.name;
    }
    return text;
}

std::string range_sentence(kind k, std::string_view found) {
    auto const range = range_of(k);
    return fmt::format("expected an integer from {} to {}, found {}", range.min, range.max, found);
}

}  // namespace

// --- where the reader is -------------------------------------------------------------------------

json_path json_decoder::path_of(std::size_t levels) const {
    json_path path;
    for (std::size_t i = 0; i < levels; ++i) {
        auto const& f = frames_[i];
        if (f.at == none) continue;
        switch (f.type->kind) {
            case kind::structure: path.field(f.type->fields[f.at].name); break;
            case kind::vector: path.index(f.at); break;
            case kind::money: path.field(money_parts[f.at]); break;
            case kind::variant: path.field(variant_parts[f.at]); break;
            default: {
                // The next map below begins where this one's key ends.
                auto end = keys_.size();
                for (auto j = i + 1; j < depth_; ++j) {
                    if (frames_[j].type->kind != kind::map) continue;
                    end = frames_[j].key_begin;
                    break;
                }
                path.field(std::string_view{keys_}.substr(f.key_begin, end - f.key_begin));
            }
        }
    }
    return path;
}

void json_decoder::mismatch(slot const& s, std::string_view found) const {
    refuse(path(), fmt::format("expected {}, found {}", expectation(*s.type), found));
}

void json_decoder::malformed(slot const& s, std::string_view found) const {
    mismatch(s, quoted_excerpt(found));
}

void json_decoder::refuse_part(std::string_view name, std::string_view sentence) const {
    auto path = path_of(depth_ - 1);
    path.field(name);
    refuse(path, sentence);
}

// --- values --------------------------------------------------------------------------------------

json_decoder::slot json_decoder::next() {
    if (depth_ == 0 || top().type->kind != kind::vector) return slot_;
    auto& f = top();
    ++f.at;  // from none to 0 for the first
    return {&f.type->vector->element(), f.type->vector->append(f.object)};
}

json_decoder::slot json_decoder::next_value() {
    auto s = next();
    while (s.type->kind == kind::optional) {
        s = {&s.type->optional->element(), s.type->optional->emplace(s.object)};
    }
    return s;
}

void json_decoder::null() {
    if (recorded(token::what::null)) return;
    auto const s = next();
    mismatch(s, s.type->kind == kind::optional ? "null (an absent field is left out)" : "null");
}

void json_decoder::boolean(bool value) {
    if (recorded(token::what::boolean, value ? 1 : 0)) return;
    auto const s = next_value();
    if (s.type->kind != kind::boolean) mismatch(s, value ? "true" : "false");
    as<bool>(s.object) = value;
}

template <class Integer> void json_decoder::store_integer(slot const& s, Integer value) {
    if (s.type->kind == kind::float64) {
        as<double>(s.object) = static_cast<double>(value);
        return;
    }
    if (!is_integer(s.type->kind)) mismatch(s, "an integer");
    auto const range = range_of(s.type->kind);
    if (std::cmp_less(value, range.min) || std::cmp_greater(value, range.max)) {
        refuse(path(), range_sentence(s.type->kind, fmt::format("{}", value)));
    }
    switch (s.type->kind) {
        case kind::int8: as<std::int8_t>(s.object) = static_cast<std::int8_t>(value); break;
        case kind::int16: as<std::int16_t>(s.object) = static_cast<std::int16_t>(value); break;
        case kind::int32: as<std::int32_t>(s.object) = static_cast<std::int32_t>(value); break;
        case kind::int64: as<std::int64_t>(s.object) = static_cast<std::int64_t>(value); break;
        case kind::uint8: as<std::uint8_t>(s.object) = static_cast<std::uint8_t>(value); break;
        case kind::uint16: as<std::uint16_t>(s.object) = static_cast<std::uint16_t>(value); break;
        case kind::uint32: as<std::uint32_t>(s.object) = static_cast<std::uint32_t>(value); break;
        default: as<std::uint64_t>(s.object) = static_cast<std::uint64_t>(value); break;
    }
}

void json_decoder::negative_integer(std::int64_t value) {
    if (recorded(token::what::negative, std::bit_cast<std::uint64_t>(value))) return;
    store_integer(next_value(), value);
}

void json_decoder::integer(std::uint64_t value) {
    if (recorded(token::what::integer, value)) return;
    store_integer(next_value(), value);
}

void json_decoder::number(double value, std::string_view raw) {
    if (recorded(token::what::number, std::bit_cast<std::uint64_t>(value), raw)) return;
    auto const s = next_value();
    if (s.type->kind == kind::float64) {
        as<double>(s.object) = value;
    } else if (is_integer(s.type->kind)) {
        refuse(path(), fmt::format("expected an integer without fraction or exponent, found {}",
                                   excerpt(raw)));
    } else {
        mismatch(s, "a number");
    }
}

void json_decoder::too_large(double value, std::string_view raw) {
    if (recorded(token::what::too_large, std::bit_cast<std::uint64_t>(value), raw)) return;
    auto const s = next_value();
    if (s.type->kind == kind::float64) {
        as<double>(s.object) = value;  // jsonb writes 1e+30 with all its digits
        return;
    }
    if (is_integer(s.type->kind)) refuse(path(), range_sentence(s.type->kind, excerpt(raw)));
    mismatch(s, "an integer beyond 64 bits");
}

void json_decoder::string(std::string_view value) {
    if (recorded(token::what::string, 0, value)) return;
    auto const s = next_value();
    if (s.type != &form_text) {
        text(s, value);
    } else if (top().type->kind == kind::variant) {
        variant_type(top(), value);
    } else {
        currency(top(), value);
    }
}

void json_decoder::text(slot const& s, std::string_view value) {
    try {
        switch (s.type->kind) {
            case kind::string:
                if (value.find('\0') != std::string_view::npos) refuse(path(), no_nul);
                as<std::string>(s.object) = value;
                return;
            case kind::bytes: as<bytes>(s.object) = bytes_from_base64url(value); return;
            case kind::uuid: as<uuid>(s.object) = uuid_from_string(value); return;
            case kind::decimal: as<decimal>(s.object) = decimal_from_string(value); return;
            case kind::timestamp: as<timestamp>(s.object) = timestamp_from_string(value); return;
            case kind::date: as<date>(s.object) = date_from_string(value); return;
            case kind::duration: as<duration>(s.object) = duration_from_string(value); return;
            case kind::enumeration: {
                auto const* const found = find_enumerator(*s.type, value);
                if (found == nullptr) malformed(s, value);
                s.type->enumeration->set(s.object, found->value);
                return;
            }
            default: mismatch(s, "a string");
        }
    } catch (error const& e) {
        // The readers of core know no path: say it again with one.
        if (e.code() == errc::invalid_json) throw;
        malformed(s, value);
    }
}

// --- containers ----------------------------------------------------------------------------------

void json_decoder::push(slot s) {
    if (depth_ == frames_.size()) {
        refuse(path(), fmt::format("more than {} levels", limits::json_depth_max));
    }
    frames_[depth_++] = {s.type, s.object, 0, none, keys_.size(), none, none, none};
}

void json_decoder::start_object() {
    if (recorded(token::what::start_object)) return;
    auto const s = next_value();
    switch (s.type->kind) {
        case kind::structure:
        case kind::variant:
        case kind::money: break;
        case kind::map: s.type->map->clear(s.object); break;
        default: mismatch(s, "an object");
    }
    push(s);
}

void json_decoder::start_array() {
    if (recorded(token::what::start_array)) return;
    auto const s = next_value();
    if (s.type->kind != kind::vector) mismatch(s, "an array");
    s.type->vector->clear(s.object);
    push(s);
}

void json_decoder::end_array() {
    if (recorded(token::what::end_array)) return;
    --depth_;
}

void json_decoder::key(std::string_view name) {
    if (recorded(token::what::key, 0, name)) return;
    switch (top().type->kind) {
        case kind::structure: structure_key(name); return;
        case kind::map: map_key(name); return;
        case kind::variant: variant_key(name); return;
        default: money_key(name); return;
    }
}

void json_decoder::end_object() {
    if (recorded(token::what::end_object)) return;
    switch (top().type->kind) {
        case kind::structure: structure_end(); break;
        case kind::variant: variant_end(); break;
        case kind::money: money_end(); break;
        default: keys_.resize(top().key_begin); break;
    }
    --depth_;
}

void json_decoder::mark_part(std::size_t part, std::string_view name) {
    auto& f = top();
    auto const bit = std::uint64_t{1} << part;
    if ((f.seen & bit) != 0) refuse_part(name, "repeated field");
    f.seen |= bit;
    f.at = part;
}

void json_decoder::structure_key(std::string_view name) {
    auto& f = top();
    auto const fields = f.type->fields;
    // Most texts keep the order of the macro: look at the field after the last one first.
    auto part = f.at + 1;
    if (part >= fields.size() || fields[part].name != name) {
        for (part = 0; part < fields.size() && fields[part].name != name;) ++part;
    }
    if (part == fields.size()) {
        refuse_part(name, fmt::format("unknown field, {}", names_of_fields(*f.type)));
    }
    mark_part(part, name);
    slot_ = {&fields[part].type(), fields[part].get(f.object)};
}

void json_decoder::map_key(std::string_view name) {
    auto& f = top();
    f.at = 0;
    keys_.resize(f.key_begin);
    keys_ += name;
    if (name.find('\0') != std::string_view::npos) refuse(path(), no_nul);
    auto* const value = f.type->map->emplace(f.object, name);
    if (value == nullptr) refuse(path(), "repeated key");
    slot_ = {&f.type->map->element(), value};
}

void json_decoder::money_key(std::string_view name) {
    auto& f = top();
    if (name == money_parts[0]) {
        mark_part(0, name);
        slot_ = {&minor_units, &as<money>(f.object).minor};
    } else if (name == money_parts[1]) {
        mark_part(1, name);
        slot_ = {&form_text, nullptr};
    } else {
        refuse_part(name, "unknown field, expected minor, currency");
    }
}

void json_decoder::variant_key(std::string_view name) {
    auto& f = top();
    if (name == variant_parts[0]) {
        mark_part(0, name);
        slot_ = {&form_text, nullptr};
    } else if (name != variant_parts[1]) {
        refuse_part(name, "unknown field, expected type, value");
    } else {
        mark_part(1, name);
        if (f.alternative != none) {
            slot_ = {&f.type->variant->alternatives[f.alternative](),
                     f.type->variant->emplace(f.object, f.alternative)};
            return;
        }
        recording_ = true;
        recorded_levels_ = 0;
        f.tape_begin = plays_ > 0 ? cursor_ : tape_.size();
    }
}

void json_decoder::structure_end() {
    auto const& f = top();
    for (std::size_t i = 0; i < f.type->fields.size(); ++i) {
        if ((f.seen >> i & 1U) != 0) continue;
        auto const& field = f.type->fields[i];
        auto const& type = field.type();
        if (type.kind != kind::optional) {
            refuse_part(field.name, fmt::format("missing field, expected {}", expectation(type)));
        }
        type.optional->reset(field.get(f.object));  // an initializer may have filled it
    }
}

void json_decoder::money_end() {
    auto const& f = top();
    if ((f.seen & 1U) == 0) refuse_part("minor", "missing field, expected an integer");
    if ((f.seen & 2U) == 0) refuse_part("currency", "missing field, expected a string");
    auto const& amount = as<money>(f.object);
    if (amount.currency.empty() && amount.minor != 0) {
        refuse_part("currency", fmt::format("expected a currency of three capital letters for the "
                                            "amount {}, found \"\"",
                                            amount.minor));
    }
}

void json_decoder::currency(frame& f, std::string_view letters) {
    if (!letters.empty() && !currency_code::valid(letters)) {
        refuse(path(), fmt::format("expected a currency of three capital letters, found {}",
                                   quoted_excerpt(letters)));
    }
    as<money>(f.object).currency = currency_code{letters};
}

void json_decoder::variant_end() {
    auto const& f = top();
    if ((f.seen & 1U) == 0) refuse_part("type", "missing field, expected a string");
    if ((f.seen & 2U) == 0) refuse_part("value", "missing field, expected an object");
}

void json_decoder::variant_type(frame& f, std::string_view name) {
    auto const alternatives = f.type->variant->alternatives;
    std::size_t i = 0;
    while (i < alternatives.size() && alternatives[i]().name != name) ++i;
    if (i == alternatives.size()) {
        std::string known;
        for (auto const& a : alternatives) {
            known += fmt::format("{}\"{}\"", known.empty() ? "one of " : ", ", a().name);
        }
        refuse(path(), fmt::format("expected {}, found {}", known, quoted_excerpt(name)));
    }
    f.alternative = i;
    if (f.tape_begin == none) return;
    f.at = 1;
    slot_ = {&alternatives[i](), f.type->variant->emplace(f.object, i)};
    play(f.tape_begin, f.tape_end);
    f.at = 0;
}

// --- the tape ------------------------------------------------------------------------------------

// True when the token belongs to a value that is being kept; ends the keeping with its last token.
bool json_decoder::recorded(token::what is, std::uint64_t bits, std::string_view text) {
    if (!recording_) return false;
    if (is == token::what::start_object || is == token::what::start_array) {
        if (depth_ + ++recorded_levels_ > frames_.size()) {
            refuse(path(), fmt::format("more than {} levels", limits::json_depth_max));
        }
    }
    if (is == token::what::end_object || is == token::what::end_array) --recorded_levels_;
    if (plays_ == 0) {
        tape_.push_back({is, bits, tape_text_.size(), text.size()});
        tape_text_ += text;
    }
    if (recorded_levels_ == 0) {
        recording_ = false;
        top().tape_end = plays_ > 0 ? cursor_ : tape_.size();
    }
    return true;
}

void json_decoder::play(std::size_t begin, std::size_t end) {
    ++plays_;
    for (auto i = begin; i < end; ++i) {
        cursor_ = i + 1;
        play(tape_[i]);
    }
    if (--plays_ == 0) {
        tape_.clear();
        tape_text_.clear();
    }
}

void json_decoder::play(token const& t) {
    auto const text = std::string_view{tape_text_}.substr(t.text_begin, t.text_size);
    switch (t.is) {
        case token::what::null: return null();
        case token::what::boolean: return boolean(t.bits != 0);
        case token::what::negative: return negative_integer(std::bit_cast<std::int64_t>(t.bits));
        case token::what::integer: return integer(t.bits);
        case token::what::number: return number(std::bit_cast<double>(t.bits), text);
        case token::what::too_large: return too_large(std::bit_cast<double>(t.bits), text);
        case token::what::string: return string(text);
        case token::what::key: return key(text);
        case token::what::start_object: return start_object();
        case token::what::end_object: return end_object();
        case token::what::start_array: return start_array();
        case token::what::end_array: return end_array();
    }
}

}  // namespace recount::describe::detail
