// control/api.hpp: the control API: what an operator may ask a running server over HTTP. docs/control-api.md.
//
//   net::HttpServer ──request──► make_api()'s handler ──► Instance
//
// Borrows: the Instance, which outlives the handler and every reply. Control thread.
#pragma once

#include "control/instance.hpp"
#include "net/http_server.hpp"

namespace gslb::control {

net::HttpServer::Handler make_api(Instance& instance);

}  // namespace gslb::control
