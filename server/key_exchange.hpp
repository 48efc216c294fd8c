// server/key_exchange.hpp: when the keys of signed zones take effect, through the shared store: who makes them writes,
// the others follow. The keys themselves never leave their files.
//
//   maker: KeyKeeper ─times─► /gslb/keys/ZONE/ALGORITHM+TAG ─► KeyKeeper of every follower ─► its key files
//
// Threads: the control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "health/sharing/shared_store.hpp"
#include "server/key_keeper.hpp"

namespace gslb::server {

class KeyExchange {
 public:
  static constexpr std::string_view prefix = "/gslb/keys/";

  /// @param store  null: there is none
  KeyExchange(KeyKeeper& keys, std::function<health::SharedStore*()> store) : keys_(keys), store_(std::move(store)) {}

  /// @param listing  all that is in a store that is trusted
  /// @param self     the name of this server
  void read(const health::Listing& listing, const std::string& self);

 private:
  KeyKeeper& keys_;
  std::function<health::SharedStore*()> store_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gslb::server
