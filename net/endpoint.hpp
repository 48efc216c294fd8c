// net/endpoint.hpp: our addresses as Asio's, its errors in words, and the socket types of this folder. For its .cpp
// files.
//
// One socket type for TCP and Unix, with the executor known at compile time: half the code, no type erasure.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>

#include "base/address.hpp"
#include "base/result.hpp"

namespace gslb::net {

using StreamSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
using SteadyTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

boost::asio::generic::stream_protocol::endpoint tcp_endpoint(const base::SocketAddress& address);
/// Fails if the path is longer than a socket's may be.
[[nodiscard]] base::Result<boost::asio::generic::stream_protocol::endpoint> unix_endpoint(const std::string& path);
/// The port of an IPv4 or IPv6 endpoint.
std::uint16_t port_of(const boost::asio::generic::stream_protocol::endpoint& endpoint);

/// "192.0.2.1:53"; of a Unix socket "".
std::string in_words(const boost::asio::generic::stream_protocol::endpoint& endpoint);
/// The system's words, beginning in lower case so that they fit into a sentence: "connection refused".
std::string in_words(const boost::system::error_code& error);

}  // namespace gslb::net
