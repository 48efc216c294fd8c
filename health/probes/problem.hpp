// health/probes/problem.hpp: errors of the system in words, and which of them are our own fault. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gslb::health {

/// A message of the system as the middle of a sentence: "connection refused".
std::string in_words(int error);

/// A shortage on our own side, of file descriptors, ports or memory, says nothing of the target.
bool is_own_shortage(int error);
bool is_own_shortage(std::string_view words);

}  // namespace gslb::health
