// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `verify` and `heads export`. They act as the auditor and open neither application nor tables.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include <recount/app/input.hpp>
#include <recount/app/output.hpp>
#include <recount/core/text.hpp>
#include <recount/postgres/stored_log.hpp>
#include <recount/provenance/verify.hpp>

#include "app/provenance_json.hpp"
#include "app/verb_call.hpp"

namespace recount {

namespace {

constexpr std::uintmax_t small_file_bytes_max = 64U << 10U;   // a key, a head

std::string small_file(std::string const& path) {
    auto file = open_input(path);
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.size() > small_file_bytes_max) {
        throw error{errc::refused, fmt::format("{}: expected at most {} bytes, found {}", path,
                                               small_file_bytes_max, text.size())};
    }
    return text;
}

std::unique_ptr<stored_log> open_store(verb_call& call) {
    return postgres::open_stored_log(
        {.url = call.url(), .store = call.store(), .program = call.program()});
}

// The head in a file, its signature checked: with --key that of its owner.
provenance::store_head head_in(verb_call& call, std::string const& path) {
    auto text = small_file(path);
    text.erase(text.find_last_not_of(" \r\n") + 1);
    auto one = provenance::head_from_json(text);
    auto const key = call.get("--key");
    if (!one.signature && !key) {
        call.note(fmt::format("{} is not signed", path));
        return one;
    }
    provenance::check_signature(one, key ? std::optional{small_file(*key)} : std::nullopt);
    if (!key) {
        call.note(fmt::format("{}: signed, by whom is not checked without --key", path));
    }
    return one;
}

std::string counted(std::int64_t number, char const* thing, char const* things) {
    return fmt::format("{} {}", grouped(number), number == 1 ? thing : things);
}

void print(verb_call const& call, provenance::verify_report const& report, double seconds) {
    auto const per_second =
        seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(report.events) / seconds) : 0;
    if (call.json()) {
        for (auto const& one : report.differences) call.line(to_json(one));
        call.line(summary_json(report, per_second));
        return;
    }
    if (!report.good()) {
        text_table table{{{"position", true}, {"stream"}, {"what"}, {"expected"}, {"found"}}};
        for (auto const& d : report.differences) {
            table.add({std::to_string(d.at), printable_utf8(d.stream), d.what,
                       printable_utf8(d.expected), printable_utf8(d.found)});
        }
        fmt::print("{}", table.text());
    }
    auto const differences =
        report.good() ? std::string{"nothing differs"}
                      : counted(report.differences_count, "difference", "differences");
    call.line(fmt::format("{}, {}, {} up to position {}: {}",
                          counted(report.events, "event", "events"),
                          counted(report.streams, "stream", "streams"),
                          counted(report.batches, "batch", "batches"), grouped(report.through),
                          differences));
    call.note(fmt::format("{} events/s", grouped(per_second)));
}

provenance::verify_options options_of(verb_call& call) {
    provenance::verify_options options;
    if (auto const since = call.get("--since")) {
        bool const digits = since->find_first_not_of("0123456789") == std::string::npos;
        if (digits) {
            options.since = call.number("--since").value_or(0);
        } else {
            options.since_head = head_in(call, *since);
        }
    }
    if (auto const file = call.get("--head")) options.head = head_in(call, *file);
    if (call.get("--stream") && (options.head || options.since_head || options.since > 0)) {
        throw error{errc::invalid_argument,
                    "--stream looks at one stream alone: it goes with neither --head nor --since"};
    }
    if (call.get("--key") && !options.head && !options.since_head) {
        throw error{errc::invalid_argument, "--key says who signed the file of --head or --since"};
    }
    return options;
}

int verify(verb_call& call) {
    auto options = options_of(call);
    auto const log = open_store(call);
    auto const begun = std::chrono::steady_clock::now();
    provenance::verify_report report;
    if (auto const stream = call.get("--stream")) {
        report = provenance::verify_stream(*log, *stream);
    } else {
        auto const since = options.since_head ? options.since_head->position : options.since;
        auto const left = std::max<position>(log->ends().log_last - since, 0);
        progress bar{"verify", static_cast<std::uint64_t>(left), call.progress_style()};
        options.progress = [&](std::int64_t done, std::int64_t) {
            bar.update(static_cast<std::uint64_t>(done));
        };
        options.stop_wanted = &verb_call::stop_wanted;
        report = provenance::verify(*log, options);
    }
    print(call, report, seconds_since(begun));
    if (report.stopped) {
        call.note(fmt::format("stopped; go on with --since {}", report.through));
        if (report.good()) return exit_code::failed;
    }
    return report.good() ? exit_code::ok : exit_code::difference;
}

// Beside the file first, then in its place: a head is kept whole or not at all.
void write_file(std::string const& path, std::string const& text) {
    auto const beside = path + ".part";
    errno = 0;
    std::ofstream file{beside, std::ios::binary | std::ios::trunc};
    file << text << '\n';
    file.close();
    std::error_code failed;
    if (file) std::filesystem::rename(beside, path, failed);
    if (file && !failed) return;
    bool const no_folder = !failed && errno == ENOENT;
    auto const reason = failed ? failed.message() : std::string{std::strerror(errno)};
    throw error{no_folder ? errc::not_found : errc::refused,
                fmt::format("unable to write {}: {}", path, reason)};
}

int export_head(verb_call& call) {
    auto const key = call.get("--key");
    if (!key) {
        throw error{errc::invalid_argument,
                    "--key FILE: the private key to sign with; openssl genpkey -algorithm ed25519 "
                    "-out FILE makes one"};
    }
    auto const secret = small_file(*key);
    auto const text = provenance::to_json(
        provenance::sign(provenance::read_head(*open_store(call)), secret));
    if (auto const file = call.get("FILE")) {
        write_file(*file, text);
    } else {
        call.line(text);
    }
    return exit_code::ok;
}

}  // namespace

std::vector<verb> provenance_verbs() {
    using o = verb_option;
    return {
        {"verify",
         "compute every hash and link anew, and say what is not as it was written",
         {o::value("--stream", "this one alone"),
          o::value("--head", "a file of heads export: the log must have been there"),
          o::value("--since", "only what is behind this position, or behind the head in this file"),
          o::value("--key", "the public key (PEM) of who signed the head")},
         &verify},
        {"heads export",
         "where the log ends now, as a small signed file to keep elsewhere",
         {o::maybe("FILE", "to write to; without it stdout"),
          o::value("--key", "the private key (PEM, Ed25519) to sign with")},
         &export_head},
    };
}

}  // namespace recount
