"""A small Internet in a network namespace: a root and a parent zone on NSD, gslbd twice as the child's name servers,
and resolvers that start from the root. All on port 53, nothing real within reach.

    .              192.0.2.1   NSD
    example.       192.0.2.2   NSD      delegates gslb.example. with glue
    gslb.example.  192.0.2.11  gslbd    ns1
                   192.0.2.12  gslbd    ns2
    below it       192.0.2.3   NSD      child.gslb.example., never signed

signed_world() has the root and the parent signed by dnssec-signzone, the child by both gslbd with the keys that ns1
makes.
"""
import glob
import os
import re
import signal
import subprocess

import dns.dnssec
import dns.exception
import dns.rcode
import dns.rdatatype
from lab import Gslbd, Lab, Process, addresses, ask, program, read
from namespaces import inside, ip

ROOT, PARENT, BELOW, NS1, NS2 = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.11", "192.0.2.12"
CHILD = "gslb.example"
GERMAN, AMERICAN, NOWHERE = "198.51.100.1", "203.0.113.1", "192.0.2.200"
ADDRESSES = [ROOT, PARENT, BELOW, NS1, NS2, GERMAN, AMERICAN, NOWHERE]

ROOT_ZONE = """. 3600 IN SOA a.root. hostmaster.root. 1 3600 600 604800 60
. 3600 IN NS a.root.
a.root. 3600 IN A 192.0.2.1
example. 3600 IN NS ns.example.
ns.example. 3600 IN A 192.0.2.2
{ds}
"""
PARENT_ZONE = """example. 3600 IN SOA ns.example. hostmaster.example. {serial} 3600 600 604800 60
example. 3600 IN NS ns.example.
ns.example. 3600 IN A 192.0.2.2
gslb.example. {ttl} IN NS ns1.gslb.example.
gslb.example. {ttl} IN NS ns2.gslb.example.
ns1.gslb.example. 3600 IN A 192.0.2.11
ns2.gslb.example. 3600 IN A 192.0.2.12
plain.example. 3600 IN A 192.0.2.99
{ds}
"""
BELOW_ZONE = """child.gslb.example. 60 IN SOA ns h 1 3600 600 604800 60
child.gslb.example. 60 IN NS ns.child.gslb.example.
ns.child.gslb.example. 60 IN A 192.0.2.3
host.child.gslb.example. 60 IN A 192.0.2.98
"""
HINTS = ". 3600 NS a.root.\na.root. 3600 A 192.0.2.1\n"

NSD = """
server:
  ip-address: {address}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "{apex}"
  zonefile: "{path}"
"""

# Everything that is answered in a way of its own.
CHILD_CONFIG = """
listen: ["{address}:53"]
control: {{ socket: {folder}/control.sock }}
state: {folder}/state
geo:
  location: []
  places:
    - {{ prefix: 198.51.100.0/24, at: [52.52, 13.4], country: "DE" }}
    - {{ prefix: 203.0.113.0/24, at: [38.9, -77.04], country: "US" }}
sites:
  fra: {{ at: [50.11, 8.68] }}
  iad: {{ at: [39.04, -77.49] }}
defaults: {{ ttl: 5s, monitor: none }}
{more}
zones:
  gslb.example:
    ns: [ns1.gslb.example., ns2.gslb.example.]
    ns_ttl: 5s
    ttl: 5s
    soa: {{ serial: 7, minimum: 5s, ttl: 5s }}
    {zone}
    services:
      www:
        policy: [nearest: {{ within: 300km }}, take: 1]
        https: [h2, h3]
        endpoints: {{ fra: [198.18.0.1, "2001:db8::1"], iad: [198.18.0.2, "2001:db8::2"] }}
      both: {{ policy: [all], https: {{ alpn: h2, port: 8443 }}, endpoints: {{ fra: 198.18.1.1, iad: 198.18.1.2 }} }}
    records:
      ns1: {{ A: [192.0.2.11] }}
      ns2: {{ A: [192.0.2.12] }}
      "@": {{ MX: ["10 mail"], TXT: ["apex"] }}
      mail: {{ A: [192.0.2.25], AAAA: ["2001:db8::25"] }}
      alias: {{ CNAME: mail }}
      alias2: {{ CNAME: alias }}
      steered-alias: {{ CNAME: www }}
      out: {{ CNAME: plain.example. }}
      "*.wild": {{ A: [192.0.2.77], TXT: [any] }}
      known.wild: {{ A: [192.0.2.78] }}
      "*.wild-alias": {{ CNAME: mail }}
      moved: {{ DNAME: new.gslb.example. }}
      host.new: {{ A: [192.0.2.79] }}
      leaf.below.empty: {{ TXT: [leaf] }}
      child: {{ NS: [ns.child] }}
      ns.child: {{ A: [192.0.2.3] }}
      sixty: {{ A: [{sixty}] }}
""".replace("{sixty}", ", ".join("192.0.2.%d" % i for i in range(100, 160)))


class Internet(Lab):
    """The namespace and its servers. The whole test runs inside."""

    child_config = CHILD_CONFIG
    more = ""  # more keys of the configuration

    def setUp(self):
        super().setUp()
        self.namespace = "gslb-i%d" % os.getpid()
        ip("netns", "add", self.namespace)
        self.addCleanup(ip, "netns", "del", self.namespace)
        home = inside(self.namespace)
        home.__enter__()
        self.addCleanup(home.__exit__, None, None, None)
        ip("link", "set", "lo", "up")
        for address in ADDRESSES:
            self.add_address(address)
        self.children = {}

    def add_address(self, address):
        ip("address", "add", address + "/32", "dev", "lo")

    def nsd(self, name, address, apex, text):
        folder = self.path(name)
        os.makedirs(folder)
        path = self.write(os.path.join(name, "zone"), text)
        config = NSD.format(address=address, folder=folder, apex=apex, path=path)
        server = Process(self.folder, name, [program("nsd"), "-d", "-c", self.write(name + ".conf", config)])
        self.run_process(server)
        self.wait_for(lambda: self.reply(apex, "SOA", address) is not None, 20, name + " answers")
        return server

    def child(self, name, address, zone=""):
        """zone: more keys of the zone"""
        folder = self.path(name)
        os.makedirs(os.path.join(folder, "state"))
        config = self.child_config.format(address=address, folder=folder, zone=zone, more=self.more)
        server = self.children[name] = self.run_process(Gslbd(folder, config, 53))
        server.name = name
        self.wait_for(lambda: self.reply(CHILD, "SOA", address) is not None, 30, name + " answers")
        return server

    def world(self):
        """Unsigned."""
        self.nsd("root", ROOT, ".", ROOT_ZONE.format(ds=""))
        self.nsd("parent", PARENT, "example.", PARENT_ZONE.format(ds="", serial=1, ttl=3600))
        self.child("ns1", NS1)
        self.child("ns2", NS2)
        self.nsd("below", BELOW, "child.gslb.example.", BELOW_ZONE)
        self.write("hints", HINTS)

    def signed_world(self):
        """-> the root's DS as text, the trust anchor of resolvers"""
        keys = self.path("keys")
        self.child("ns1", NS1, "dnssec: { keys: %s }" % keys)
        self.wait_for(lambda: self.ds_of(NS1), 30, "ns1 has made a key")
        self.child("ns2", NS2, "dnssec: { role: follower, keys: %s }" % keys)
        self.nsd("below", BELOW, "child.gslb.example.", BELOW_ZONE)
        return self.trusted(self.ds_of(NS1))

    def trusted(self, child_ds):
        """The root and the parent, with this DS for the child. -> the root's DS as text"""
        self.write("hints", HINTS)
        text, ds = self.sign("example.", PARENT_ZONE.format(ds=child_ds, serial=1, ttl=3600))
        self.parent = self.nsd("parent", PARENT, "example.", text)
        text, ds = self.sign(".", ROOT_ZONE.format(ds=ds))
        self.nsd("root", ROOT, ".", text)
        return ds.split(" DS ")[1]

    def change_parent(self, child_ds, serial):
        """The parent has another DS for the child from now on."""
        text, _ = self.sign("example.", PARENT_ZONE.format(ds=child_ds, serial=serial, ttl=3600))
        self.write(os.path.join("parent", "zone"), text)
        self.parent.signal(signal.SIGHUP)

        def shown():
            reply = self.reply("example.", "SOA", PARENT)
            return reply is not None and reply.answer[0][0].serial >= serial

        self.wait_for(shown, 20, "the parent's serial %d" % serial)

    def ds_of(self, server):
        """The DS for what a server publishes as its key signing key, made by dnspython; "" if it publishes none."""
        reply = self.reply(CHILD, "DNSKEY", server)
        keys = [k for rrset in reply.answer for k in rrset if k.rdtype == dns.rdatatype.DNSKEY] if reply else []
        records = [dns.dnssec.make_ds(CHILD + ".", key, "SHA256").to_text() for key in keys if key.flags & 1]
        return "\n".join("%s. 5 IN DS %s" % (CHILD, record) for record in sorted(records))

    def sign(self, apex, text):
        """-> the signed zone as text, and its DS record"""
        name = "root" if apex == "." else apex.rstrip(".")
        folder = self.path("sign-" + name)
        os.makedirs(folder, exist_ok=True)
        path = self.write(os.path.join(folder, "zone"), text)
        run = dict(cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not glob.glob(os.path.join(folder, "*.key")):
            subprocess.run(["dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", apex], **run)
        (key,) = glob.glob(os.path.join(folder, "*.key"))
        subprocess.run(["dnssec-signzone", "-S", "-z", "-o", apex, "-f", path + ".signed", path], **run)
        ds = subprocess.run(["dnssec-dsfromkey", "-2", key], **run).stdout
        return read(path + ".signed"), re.sub(r"^(\S+) IN", r"\1 3600 IN", ds.strip())

    def reply(self, name, rtype="A", server=None, **options):
        """What a server says, or None."""
        try:
            return ask(53, name, rtype, address=server, timeout=options.pop("timeout", 1), **options)
        except (OSError, dns.exception.DNSException):
            return None

    def settled(self, name, rtype, resolver, **options):
        """What a resolver says once it has found out: on a busy machine it may give up a few times before."""
        replies = []

        def told():
            replies.append(self.reply(name, rtype, resolver, timeout=5, **options))
            return replies[-1] is not None and replies[-1].rcode() != dns.rcode.SERVFAIL

        self.wait_for(told, 25, "an answer from %s to %s %s" % (resolver, name, rtype))
        return replies[-1]

    def resolved(self, name, rtype="A", **options):
        reply = self.reply(name, rtype, timeout=5, **options)
        return addresses(reply) if reply is not None else None
