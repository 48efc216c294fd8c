"""gdnsd and Knot DNS with the equivalent configuration, over the same database: the same site for 10,000 client
subnets, where their model can say what ours says. What differs must have one of the reasons below; how often each was
it is printed.

    special    the subnet lies in a special-purpose block: we go by the resolver, they by what stands in the file
    unknown    the database knows no place of it: we go by weights, gdnsd by the order of its datacenters
    mixed      the subnet's addresses are in several classes: we take the one that most of them are in; gdnsd and Knot
               look at its first address alone
"""
import collections
import ipaddress
import os
import random
import socket
import sys

import dns.message

from lab import ROOT, Lab, Process, addresses, free_port, program, query, unittest

sys.path.insert(0, os.path.join(ROOT, "tests", "model"))

import maxmind  # noqa: E402
from geography import SPECIAL  # noqa: E402
from model import World  # noqa: E402

SUBNETS = 10000
WINDOW = 50  # queries under way
SITES = {"fra": (50.11, 8.68), "lon": (51.51, -0.09), "iad": (39.04, -77.49), "gru": (-23.55, -46.63),
         "sin": (1.35, 103.82), "syd": (-33.87, 151.21)}
ADDRESS = {name: f"192.0.2.{i + 1}" for i, name in enumerate(SITES)}
TOWNS = [("EU", "DE", 52.52, 13.4), ("EU", "GB", 53.48, -2.24), ("EU", "FR", 48.86, 2.35), ("EU", "PL", 52.23, 21.01),
         ("NA", "US", 40.71, -74.01), ("NA", "US", 34.05, -118.24), ("NA", "CA", 45.5, -73.57),
         ("NA", "MX", 19.43, -99.13), ("SA", "BR", -22.91, -43.17), ("SA", "AR", -34.6, -58.38),
         ("AS", "JP", 35.68, 139.69), ("AS", "IN", 28.61, 77.21), ("AS", "SG", 1.35, 103.82),
         ("AF", "ZA", -33.92, 18.42), ("AF", "EG", 30.04, 31.24), ("OC", "AU", -37.81, 144.96), ("OC", "NZ", -36.85, 174.76)]
# In words both sides have: a country before its continent, and the rest of the world.
ORDER = [("lon", {"countries": ["GB"]}), ("fra", {"continents": ["EU", "AF"]}), ("iad", {"continents": ["NA"]}),
         ("gru", {"continents": ["SA"]}), ("syd", {"countries": ["AU", "NZ"]}), ("sin", None)]

OURS = """
control: { socket: none }
listen: [127.0.0.1:%(port)d]
geo: { city: %(database)s }
sites: { %(sites)s }
defaults: { ttl: 60s, monitor: none }
zones:
  example.org:
    ns: [ns1.example.net.]
    services:
      near: { policy: [nearest, take: 1], endpoints: { %(endpoints)s } }
      map:
        policy: [fence, priority: [lon, fra, iad, gru, syd, sin], take: 1]
        endpoints:
%(map)s
"""
GDNSD = """
options => {
  listen => 127.0.0.1:%(port)d, udp_threads => 1, tcp_threads => 1,
  run_dir => %(folder)s/run, state_dir => %(folder)s/state
}
plugins => { geoip => {
  maps => {
    near => {
      geoip2_db => %(database)s, datacenters => [%(names)s], auto_dc_coords => { %(coordinates)s }, auto_dc_limit => 0
    }
    map => { geoip2_db => %(database)s, datacenters => [sin, lon, fra, iad, gru, syd], map => {
      default => [sin], AF => [fra], NA => [iad], SA => [gru], EU => { default => [fra], GB => [lon] },
      OC => { default => [sin], AU => [syd], NZ => [syd] } } }
  }
  resources => {
    near => { map => near, dcmap => { %(endpoints)s } }
    map => { map => map, dcmap => { %(endpoints)s } }
  }
} }
"""
GDNSD_ZONE = """@ 60 SOA ns1 h 1 60 60 60 60
@ 60 NS ns1
ns1 60 A 192.0.2.250
near 60 DYNA geoip!near
map 60 DYNA geoip!map
"""
KNOT = """
server:
  rundir: %(folder)s
  listen: 127.0.0.1@%(port)d
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  edns-client-subnet: on
log:
  - target: stderr
    any: warning
database:
  storage: %(folder)s/db
mod-geoip:
  - id: geo
    config-file: %(folder)s/geo.conf
    ttl: 60
    mode: geodb
    geodb-file: %(database)s
    geodb-key: [continent/code, country/iso_code]
zone:
  - domain: example.org
    file: %(folder)s/zone
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    module: mod-geoip/geo
"""
KNOT_MAP = [("EU;GB", "lon"), ("EU;*", "fra"), ("AF;*", "fra"), ("NA;*", "iad"), ("SA;*", "gru"), ("OC;AU", "syd"),
            ("OC;NZ", "syd")]


def make_database(path, seed=1):
    r = random.Random(seed)
    entries = []
    for family in [4] * 4000 + [6] * 2000:
        bits, top = (32, r.randrange(1, 224)) if family == 4 else (128, r.choice((0x24, 0x26, 0x28, 0x2A, 0x2C)))
        lengths = (10, 12, 14, 16, 18, 19, 20, 22, 24, 26) if family == 4 else (20, 24, 29, 32, 36, 40, 44, 48, 52)
        length = r.choice(lengths)
        number = (top << (bits - 8) | r.getrandbits(bits - 8)) >> (bits - length) << (bits - length)
        network = (ipaddress.IPv4Network if family == 4 else ipaddress.IPv6Network)((number, length))
        continent, country, latitude, longitude = r.choice(TOWNS)
        entries.append((network, {"continent": {"code": continent}, "country": {"iso_code": country},
                                  "location": {"latitude": latitude + r.uniform(-3, 3),
                                               "longitude": longitude + r.uniform(-3, 3)}}))
    entries.sort(key=lambda entry: entry[0].prefixlen)
    maxmind.write(path, entries, kind="GeoLite2-City")
    return [network for network, _ in entries]


def subnets(networks, count, seed=2):
    """Nine in ten drawn by the database's networks, the rest by the address space."""
    r = random.Random(seed)
    out = []
    while len(out) < count:
        if r.random() < 0.9:
            inside = r.choice(networks)
            bits = inside.max_prefixlen
            number = int(inside.network_address) + r.randrange(inside.num_addresses)
        else:
            bits = r.choice((32, 32, 128))
            number = r.randrange(1 << 24, 224 << 24) if bits == 32 else r.randrange(0x2400 << 112, 0x2D00 << 112)
        length = r.choice((16, 20, 22, 24, 24, 24, 32) if bits == 32 else (32, 40, 48, 56, 56, 64))
        kind = ipaddress.IPv4Network if bits == 32 else ipaddress.IPv6Network
        out.append(kind((number >> (bits - length) << (bits - length), length)))
    return out


class GeoPeers(Lab):
    @classmethod
    def setUpClass(cls):
        for peer in ("gdnsd", "knotd"):
            if program(peer) is None:
                sys.exit(77)

    def start_all(self):
        database = os.path.join(self.folder, "city.mmdb")
        networks = make_database(database)
        endpoints = ", ".join(f"{name}: {address}" for name, address in ADDRESS.items())
        lines = []
        for site, serves in ORDER:
            also = f", serves: {serves}" if serves else ""
            lines.append(f"          - {{ site: {site}, address: {ADDRESS[site]}{also} }}")
        sites = ", ".join(f"{name}: {{ at: [{at[0]}, {at[1]}] }}" for name, at in SITES.items())
        self.ours = OURS % {"port": self.port, "database": database, "endpoints": endpoints, "sites": sites,
                            "map": "\n".join(lines)}
        self.gslbd(self.ours, wait=False)
        self.ports = {"gslbd": self.port, "gdnsd": free_port(), "knot": free_port()}
        with_arrows = ", ".join(f"{name} => {address}" for name, address in ADDRESS.items())
        coordinates = ", ".join(f"{name} => [{at[0]}, {at[1]}]" for name, at in SITES.items())
        for folder in ("run", "state", "zones", "geoip"):
            os.makedirs(f"{self.folder}/gdnsd/{folder}")
        values = {"port": self.ports["gdnsd"], "folder": f"{self.folder}/gdnsd", "database": database,
                  "names": ", ".join(SITES), "coordinates": coordinates, "endpoints": with_arrows}
        self.write("gdnsd/config", GDNSD % values)
        self.write("gdnsd/zones/example.org", GDNSD_ZONE)
        self.run_process(Process(self.folder, "gdnsd", ["/usr/sbin/gdnsd", "-c", f"{self.folder}/gdnsd", "start"]))
        os.makedirs(f"{self.folder}/knot/db")
        self.write("knot/geo.conf", "map.example.org:\n" +
                   "".join(f'  - geo: "{key}"\n    A: {ADDRESS[site]}\n' for key, site in KNOT_MAP))
        self.write("knot/zone", "$ORIGIN example.org.\n$TTL 60\n@ SOA ns1 h 1 60 60 60 60\n@ NS ns1\n"
                   f"ns1 A 192.0.2.250\nmap A {ADDRESS['sin']}\n")
        config = self.write("knot/knot.conf", KNOT % {"port": self.ports["knot"], "folder": f"{self.folder}/knot",
                                                      "database": database})
        self.run_process(Process(self.folder, "knot", ["/usr/sbin/knotd", "-c", config]))
        for server in self.ports:
            self.wait_for(lambda server=server: self.site_of(server, "map", None) is not None, 20, f"{server} answers")
        return networks

    def sites_of(self, server, name, clients):
        """The site that a server answers each of at most 65,536 clients with; None without a reply."""
        sites = {address: site for site, address in ADDRESS.items()}
        out = [None] * len(clients)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1)
            channel.connect(("127.0.0.1", self.ports[server]))
            for first in range(0, len(clients), WINDOW):
                window = range(first, min(first + WINDOW, len(clients)))
                try:
                    for number in window:
                        request = query(f"{name}.example.org", "A", clients[number])
                        request.id = number
                        channel.send(request.to_wire())
                    for _ in window:
                        reply = dns.message.from_wire(channel.recv(4096))
                        found = addresses(reply)
                        out[reply.id] = sites.get(found[0], found[0]) if len(found) == 1 else str(found)
                except OSError:
                    continue
        return out

    def site_of(self, server, name, subnet):
        return self.sites_of(server, name, [subnet])[0]

    def reason(self, world, name, subnet):
        """Why servers of another model may answer differently; "" if there is none."""
        if any(subnet.overlaps(block) for block in SPECIAL if block.version == subnet.version):
            return "special"
        runs = world.runs[subnet.version]
        first = int(subnet.network_address)
        if runs[f"{name}.example.org"].depth(first, subnet.prefixlen) is None:
            return "mixed"
        place = runs["places"].at(first)[0]
        return "unknown" if place.at is None else ""

    def test_gdnsd_and_knot_with_the_equivalent_configuration_give_the_same_site(self):
        clients = subnets(self.start_all(), SUBNETS)
        world = World(os.path.join(self.folder, "gslb.yaml"), os.path.join(ROOT, "geo/data/country-points.csv"))
        same, why, unexplained = collections.Counter(), collections.Counter(), []
        texts = [str(subnet) for subnet in clients]
        for name, peers in (("near", ["gdnsd"]), ("map", ["gdnsd", "knot"])):
            all_ours = self.sites_of("gslbd", name, texts)
            for peer in peers:
                all_theirs = self.sites_of(peer, name, texts)
                for subnet, ours, theirs in zip(clients, all_ours, all_theirs):
                    if ours is None or theirs is None:
                        ours = self.site_of("gslbd", name, str(subnet))
                        theirs = self.site_of(peer, name, str(subnet))
                    self.assertIsNotNone(ours)
                    self.assertIsNotNone(theirs)
                    if theirs == ours:
                        same[peer, name] += 1
                        continue
                    reason = self.reason(world, name, subnet)
                    why[peer, name, reason] += 1
                    if not reason:
                        unexplained.append((peer, name, str(subnet), ours, theirs))
        for (peer, name), count in sorted(same.items()):
            reasons = ", ".join(f"{c} {r}" for (p, n, r), c in sorted(why.items()) if (p, n) == (peer, name))
            print(f"{peer} {name}: {count:,} of {len(clients):,} the same; {reasons or 'none differs'}")
        self.assertEqual(unexplained[:10], [])
        for key, count in same.items():
            self.assertGreater(count, SUBNETS * 0.75, key)


if __name__ == "__main__":
    unittest.main()
