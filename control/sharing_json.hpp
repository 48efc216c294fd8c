// control/sharing_json.hpp: vantages that exchange reports, and the store they share, as JSON and for a terminal.
#pragma once

#include <string>

#include "control/json_parts.hpp"
#include "control/sharing_views.hpp"

namespace gslb::control {

json::object sharing_object(const SharingView& sharing);
void read_sharing(const Reader& in, SharingView& out);

json::object store_object(const StoreView& store);
void read_store(const Reader& in, StoreView& out);

/// A line on this vantage, and a table of the others and of references; "" if there is no other.
std::string render_sharing(const SharingView& sharing, bool color);

/// A line on the store, and a table of the other nodes; "" if there is no store.
std::string render_store(const StoreView& store, bool color);

}  // namespace gslb::control
