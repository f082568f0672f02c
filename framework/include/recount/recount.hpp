// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// All that an application's domain file needs: money, ids and times, the macros that describe
// events and commands, aggregates, projections, sagas, plans of corrections, and the application
// that runs them.
//
//     #include <recount/recount.hpp>
#pragma once

#include <recount/aggregate/aggregate.hpp>
#include <recount/app/app.hpp>
#include <recount/core/error.hpp>
#include <recount/core/money.hpp>
#include <recount/core/strong_id.hpp>
#include <recount/core/time.hpp>
#include <recount/describe/macros.hpp>
#include <recount/projection/projection.hpp>
#include <recount/restructure/plan.hpp>
#include <recount/saga/reactor.hpp>
