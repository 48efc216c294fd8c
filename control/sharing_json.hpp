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

json::array nodes_array(const std::vector<NodeView>& nodes);
/// Of the member "nodes" of `in`.
void read_nodes(const Reader& in, std::vector<NodeView>& out);

/// A line on this vantage, and a table of the others and of references; "" if there is no other.
std::string render_sharing(const SharingView& sharing, bool color);

/// A line on the store; "" if there is none.
std::string render_store(const StoreView& store, bool color);

/// A table of the other name servers; "" if there is none.
std::string render_nodes(const std::vector<NodeView>& nodes, bool color);

}  // namespace gslb::control
