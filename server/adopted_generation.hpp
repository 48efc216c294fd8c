// server/adopted_generation.hpp: the generation a worker reads, and how it changes: between two batches, never
// backwards.
#pragma once

#include <functional>
#include <utility>

#include "engine/generation.hpp"
#include "engine/query_handler.hpp"

namespace gslb::server {

/// Takes back a generation that a worker no longer reads; called on the worker's thread, must not free it there.
using Retire = std::function<void(engine::GenerationPtr)>;

class AdoptedGeneration {
 public:
  AdoptedGeneration(engine::QueryHandler& handler, Retire retire) : handler_(handler), retire_(std::move(retire)) {}

  /// `next` answers from now on, unless a newer one does already; what is not read any more goes back.
  void adopt(engine::GenerationPtr next) {
    if (current_ && next->epoch <= current_->epoch) return retire_(std::move(next));
    handler_.adopt(next.get());
    std::swap(current_, next);
    if (next) retire_(std::move(next));
  }

 private:
  engine::QueryHandler& handler_;
  engine::GenerationPtr current_;
  Retire retire_;
};

}  // namespace gslb::server
