// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Fills an object from the tokens of a JSON text, checking each against the descriptors as it
// comes: no tree is built, and nothing recurses on the depth of the input. It knows no parser;
// json_parse.hpp feeds it.
//
// A variant whose "value" comes before its "type" is kept as tokens on a tape and played once the
// type is known. While it plays, an inner variant of that kind only remembers its range of the same
// tape, so the tape is never longer than the input.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <recount/core/limits.hpp>

#include "json_path.hpp"

namespace recount::describe::detail {

class json_decoder {
public:
    json_decoder(type_descriptor const& type, void* object) noexcept : slot_{&type, object} {}

    void null();
    void boolean(bool value);
    void negative_integer(std::int64_t value);
    void integer(std::uint64_t value);
    void number(double value, std::string_view raw);     // with a fraction or an exponent
    void too_large(double value, std::string_view raw);  // an integer beyond 64 bits
    void string(std::string_view value);
    void start_object();
    void key(std::string_view name);
    void end_object();
    void start_array();
    void end_array();

    // Where the reader is, for what the parser itself refuses.
    [[nodiscard]] json_path path() const { return path_of(depth_); }

private:
    struct slot {
        type_descriptor const* type;
        void* object;
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    // Trivial on purpose: an array of them costs nothing until used.
    struct frame {
        type_descriptor const* type;
        void* object;
        std::uint64_t seen;       // structure, money, variant: parts met so far
        std::size_t at;           // the current part, element or (map) entry; none before the first
        std::size_t key_begin;    // map: its current key is the end of keys_ from here
        std::size_t alternative;  // variant: as its type said, or none
        std::size_t tape_begin;   // variant: a value that came before its type
        std::size_t tape_end;
    };

    struct token {
        enum class what : std::uint8_t {
            null,
            boolean,
            negative,
            integer,
            number,
            too_large,
            string,
            key,
            start_object,
            end_object,
            start_array,
            end_array,
        } is;
        std::uint64_t bits = 0;      // the boolean, integer or double
        std::size_t text_begin = 0;  // in tape_text_
        std::size_t text_size = 0;
    };

    [[nodiscard]] frame& top() noexcept { return frames_[depth_ - 1]; }
    [[nodiscard]] json_path path_of(std::size_t levels) const;
    [[nodiscard]] slot next();
    [[nodiscard]] slot next_value();
    void push(slot s);
    [[noreturn]] void mismatch(slot const& s, std::string_view found) const;
    [[noreturn]] void malformed(slot const& s, std::string_view found) const;
    [[noreturn]] void refuse_part(std::string_view name, std::string_view sentence) const;
    template <class Integer> void store_integer(slot const& s, Integer value);

    void mark_part(std::size_t part, std::string_view name);
    void structure_key(std::string_view name);
    void map_key(std::string_view name);
    void variant_key(std::string_view name);
    void money_key(std::string_view name);
    void structure_end();
    void variant_end();
    void money_end();
    void variant_type(frame& f, std::string_view name);
    void currency(frame& f, std::string_view letters);
    void text(slot const& s, std::string_view value);

    bool recorded(token::what is, std::uint64_t bits = 0, std::string_view text = {});
    void play(std::size_t begin, std::size_t end);
    void play(token const& t);

    slot slot_;  // where the next value goes, unless it is an element of an array
    std::array<frame, limits::json_depth_max> frames_;
    std::size_t depth_ = 0;
    std::string keys_;

    bool recording_ = false;
    std::size_t recorded_levels_ = 0;
    std::size_t plays_ = 0;   // nested plays under way
    std::size_t cursor_ = 0;  // while playing: the token after the current one
    std::vector<token> tape_;
    std::string tape_text_;
};

}  // namespace recount::describe::detail
