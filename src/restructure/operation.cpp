// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/operation.hpp>

namespace recount::history {

uuid const& target_of(operation const& o) noexcept {
    return *std::visit([](auto const& what) { return &what.event; }, o.what);
}

registers written_by(operation const& o) noexcept {
    struct {
        registers operator()(op::replace const&) const { return {registers::contents}; }
        registers operator()(op::exclude const&) const { return {registers::presence}; }
        registers operator()(op::insert const&) const { return registers::all(); }
        registers operator()(op::move const&) const { return {registers::place}; }
        registers operator()(op::reinstate const& r) const { return r.which; }
    } constexpr of;
    return std::visit(of, o.what);
}

anchor const* anchor_of(operation const& o) noexcept {
    if (auto const* const i = std::get_if<op::insert>(&o.what)) return &i->anchor;
    if (auto const* const m = std::get_if<op::move>(&o.what)) return &m->anchor;
    return nullptr;
}

}  // namespace recount::history
