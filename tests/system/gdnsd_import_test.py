"""gdnsd serves a folder, gslbd what `gslbctl import gdnsd` made of it: the same answers to the same names and clients."""
import collections
import os
import shutil
import subprocess
import sys

import dns.exception
import dns.rcode

from geo_peers_test import make_database, subnets
from lab import BIN, ROOT, Lab, Process, ask, free_port, unittest

sys.path.insert(0, os.path.join(ROOT, "tests", "model"))

from geography import SPECIAL  # noqa: E402

DRAWS = 600

CONFIG = """
# what a farm of three datacenters has
options => { listen => [ 127.0.0.1:%(port)d ], zones_default_ttl = 300, run_dir => %(folder)s/run, state_dir => %(folder)s/state }
service_types => {
  web => { plugin => http_status, vhost => www.example.org, url_path => "/check me", interval => 5, timeout => 2, down_thresh = 3
           up_thresh = 2, ok_codes => [ 200, 301 ] } ; unused by what is compared
  $include{more/*.cfg}
}
plugins => {
  $include{geoip.cfg}
  multifo => {
    all => { lb01 => 192.0.2.11, lb02 => 192.0.2.12, "lb 03" => 192.0.2.\\049\\051 }
    both => { addrs_v4 => [ 192.0.2.21, 192.0.2.22 ], addrs_v6 => { one = 2001:db8::21 } }
  }
  weighted => { draw => { a => [ 192.0.2.31, 3 ], b => [ 192.0.2.32, 1 ] }, names => { a => [ one.example.net., 1 ] } }
  simplefo => { pair => { primary => 192.0.2.41, secondary => 192.0.2.42 } }
  static => { fixed => 192.0.2.51, outside => www.example.net. }
  metafo => { resources => { order => { datacenters => [ iad, fra ], dcmap => { fra => %%multifo!all, iad => { l => 192.0.2.62 } } } } }
  reflect => {}
}
"""
GEOIP = """
geoip => {
  maps => {
    near => { geoip2_db => %(database)s, datacenters => [fra, iad, sin], auto_dc_limit => 0,
              auto_dc_coords => { fra => [50.11, 8.68], iad => [39.04, -77.49], sin => [1.35, 103.82] } }
    agreed => { geoip2_db => %(database)s, datacenters => [fra, iad, sin], map => {
      default => [iad, sin], EU => [fra, iad], AF => [fra], AS => { default => [sin], JP => [iad, sin] },
      NA => { US => { default => [iad], CA => [iad, sin] } } }
      nets => { 24.0.0.0/10 => sin, 24.16.0.0/12 => [iad, sin] } }
    firsts => { geoip2_db => %(database)s, datacenters => [fra, iad, sin], map => {
      EU => [fra, iad, sin], NA => [iad, fra, sin], AS => [sin, fra, iad] } }
  }
  resources => {
    near => { map => near, dcmap => { fra => 192.0.2.1, iad => 192.0.2.2, sin => [ 192.0.2.3, 192.0.2.4 ] } }
    agreed => { map => agreed, dcmap => { fra => { plugin => multifo, addrs_v4 = [ 192.0.2.1 ], addrs_v6 = { b = 2001:db8::1 } },
                iad => 192.0.2.2, sin => 192.0.2.3 } }
    firsts => { map => firsts, dcmap => { fra => 192.0.2.1, iad => 192.0.2.2, sin => 192.0.2.3 } }
  }
}
"""
ZONE = """
@ SOA ns1 hostmaster ( 7 7200 1800 ; in parentheses
  259200 900 )
@ NS ns1
ns1 60 A 192.0.2.250
near 300/60 DYNA geoip!near
     MX 10 mail
agreed 300 DYNA geoip!agreed
only-sin 300 IN DYNA geoip!agreed/sin
firsts 300 DYNA geoip!firsts
all 1h DYNA multifo!all
both 30 DYNA multifo!both
draw DYNA weighted!draw
pair DYNA simplefo!pair
order DYNA metafo!order
me DYNA reflect!best
fixed DYNA static!fixed
outside DYNC static!outside
names 60 DYNC weighted!names
mail A 192.0.2.251
text TXT "a ; no comment" two
$ORIGIN sub
@ A 192.0.2.252
deep DYNA simplefo!pair
$INCLUDE parts/common other.@Z
back A 192.0.2.254
"""
PART = """
$TTL 77
www A 192.0.2.253
here.@F TXT included
there.@Z TXT zone
pair DYNA simplefo!pair
"""
STEERED = ["near", "agreed", "only-sin", "firsts", "all", "both", "pair", "order", "fixed", "outside", "names", "deep.sub", "pair.other"]
STATIC = [("@", "SOA"), ("@", "NS"), ("ns1", "A"), ("near", "MX"), ("mail", "A"), ("text", "TXT"), ("sub", "A"), ("www.other", "A"),
          ("here.other", "TXT"), ("there", "TXT"), ("back.sub", "A")]


def content(reply):
    """Code, TTL and records of an answer, in any order; gslbd gives the target of a CNAME in the zone, too."""
    records = {(rrset.name, rrset.rdtype, rrset.ttl, record.to_text()) for rrset in reply.answer for record in rrset}
    return reply.rcode(), frozenset(records)


class GdnsdImport(Lab):
    @classmethod
    def setUpClass(cls):
        if not os.path.exists("/usr/sbin/gdnsd"):
            sys.exit(77)

    def start_both(self):
        folder, port, ours = os.path.join(self.folder, "gdnsd"), free_port(), free_port()
        networks = make_database(os.path.join(self.folder, "city.mmdb"))
        values = {"port": port, "folder": folder, "database": os.path.join(self.folder, "city.mmdb")}
        for name, text in (("config", CONFIG % values), ("geoip.cfg", GEOIP % values), ("zones/example.org", ZONE),
                           ("parts/common", PART), ("more/tcp.cfg", "tcp => { plugin = tcp_connect, port = 25 }"),
                           ("run/.keep", ""), ("state/.keep", "")):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        shutil.move(os.path.join(folder, "parts"), os.path.join(folder, "zones", ".parts"))
        with open(os.path.join(folder, "zones/example.org"), "w", encoding="utf-8") as file:
            file.write(ZONE.replace("parts/common", ".parts/common"))
        self.run_process(Process(self.folder, "gdnsd", ["/usr/sbin/gdnsd", "-c", folder, "start"]))
        new = os.path.join(self.folder, "new")
        self.imported = subprocess.run([os.path.join(BIN, "gslbctl"), "import", "gdnsd", folder, "--to", new],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(self.imported.returncode, 7, self.imported.stderr)
        checked = subprocess.run([os.path.join(BIN, "gslbctl"), "check", new + "/gslb.yaml"], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        with open(new + "/gslb.yaml", "a", encoding="utf-8") as file:
            file.write("control: { socket: none }\n")
        self.run_process(Process(self.folder, "gslbd", [os.path.join(BIN, "gslbd"), "--config", new + "/gslb.yaml", "--listen",
                                                        "127.0.0.1:%d" % ours]))
        self.ports = {"gdnsd": port, "gslbd": ours}
        for server in self.ports:
            self.wait_for(lambda server=server: self.answer(server, "ns1", "A", None) is not None, 20, server + " answers")
        return networks

    def answer(self, server, name, rtype, subnet):
        whole = "example.org" if name == "@" else name + ".example.org"
        try:
            return content(ask(self.ports[server], whole, rtype, subnet, timeout=1))
        except (OSError, dns.exception.DNSException):
            return None

    def same(self, name, rtype, subnet=None):
        theirs, ours = (self.answer(server, name, rtype, subnet) for server in ("gdnsd", "gslbd"))
        self.assertIsNotNone(theirs)
        self.assertEqual(theirs, ours, f"{name} {rtype} {subnet}")
        return theirs

    def test_what_was_imported_answers_as_gdnsd_does(self):
        networks = self.start_both()
        for name, rtype in STATIC:
            self.same(name, rtype)
        for name in ("nothing", "nothing.sub"):
            self.assertEqual(self.answer("gslbd", name, "A", None)[0], self.answer("gdnsd", name, "A", None)[0])
        seen = collections.defaultdict(set)
        clients = subnets(networks, 600)
        for number, client in enumerate(clients):
            place = networks_around(networks, client)
            special = any(client.overlaps(block) for block in SPECIAL if block.version == client.version)
            if place is None or special:
                continue  # gdnsd looks at the first address of a subnet, gslbd at all; here they are in one network
            for name in ("near", "agreed", "firsts"):
                seen[name].add(self.same(name, "A", str(client)))
            if number % 20 == 0:
                for name in STEERED:
                    self.same(name, "A", str(client))
        self.same("both", "AAAA")
        # Where a datacenter has no address of the family, gdnsd says that the type does not exist; with us that never
        # depends on who asks.
        without = [self.answer(server, "agreed", "AAAA", "24.0.1.0/24") for server in ("gdnsd", "gslbd")]
        self.assertEqual(without, [(dns.rcode.NOERROR, frozenset()), (dns.rcode.SERVFAIL, frozenset())])
        for name in ("near", "agreed", "firsts"):
            self.assertGreaterEqual(len(seen[name]), 3, name)
        print("%d clients: the same answers, of %s kinds" % (len(clients), sum(map(len, seen.values()))))
        draws = {server: collections.Counter(next(iter(self.answer(server, "draw", "A", None)[1]))[3] for _ in range(DRAWS))
                 for server in self.ports}
        for server, counter in draws.items():
            self.assertAlmostEqual(counter["192.0.2.31"] / DRAWS, 0.75, delta=0.09, msg=server)  # 5 standard deviations
        self.assertEqual(self.answer("gslbd", "me", "A", "198.51.100.0/24")[1],
                         self.answer("gdnsd", "me", "A", "198.51.100.0/24")[1])

    def test_what_stays_behind_is_said_where_it_stands(self):
        self.start_both()
        lost = self.imported.stderr
        self.assertIn("/gdnsd/config:3:", lost)
        self.assertIn("options.run_dir: a setting of the server, not carried", lost)
        with open(os.path.join(self.folder, "new", "gslb.yaml"), encoding="utf-8") as file:
            self.assertIn("# not carried: ", file.read())
        again = subprocess.run([os.path.join(BIN, "gslbctl"), "import", "gdnsd", os.path.join(self.folder, "gdnsd"), "--to",
                                os.path.join(self.folder, "new")], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("import into another folder", again.stderr)


def networks_around(networks, client):
    """The network of the database that is around the whole client, if there is one and none is inside."""
    same = [network for network in networks if network.version == client.version]
    if any(network.subnet_of(client) for network in same if network != client):
        return None
    around = [network for network in same if client.subnet_of(network)]
    return max(around, key=lambda network: network.prefixlen, default=None)


if __name__ == "__main__":
    unittest.main()
