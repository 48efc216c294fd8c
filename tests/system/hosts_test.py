"""Endpoints that are hosts, resolved by a real name server: changes, failures, empty answers, a restart."""
import os
import signal

import dns.exception
import dns.rcode
import dns.rdatatype
from lab import Lab, Process, addresses, ask, free_port, program, unittest

NSD = """
server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
remote-control:
  control-enable: no
zone:
  name: "example.net."
  zonefile: "{folder}/example.net"
zone:
  name: "broken.example."
  zonefile: "{folder}/there-is-none"
"""
HEAD = """$ORIGIN example.net.
@ 5 IN SOA ns h {serial} 3600 600 604800 5
@ 5 IN NS ns
ns 5 IN A 127.0.0.1
"""
FRA, IAD, GRU = "127.0.11.1", "127.0.11.2", "127.0.11.3"


class Hosts(Lab):
    def setUp(self):
        super().setUp()
        self.nsd_port, self.zone_serial, self.nsd = free_port(), 0, None

    def publish(self, *records):
        """The zone example.net has these from now on."""
        self.zone_serial += 1
        with open(self.path("example.net.new"), "w") as f:
            f.write(HEAD.format(serial=self.zone_serial) + "".join(r + "\n" for r in records))
        os.rename(self.path("example.net.new"), self.path("example.net"))
        if self.nsd is None:
            with open(self.path("nsd.conf"), "w") as f:
                f.write(NSD.format(port=self.nsd_port, folder=self.folder))
            command = [program("nsd"), "-d", "-c", self.path("nsd.conf")]
            self.nsd = self.run_process(Process(self.folder, "nsd", command))
        else:
            self.nsd.signal(signal.SIGHUP)
        self.wait_for(lambda: self.nsd_serial() == self.zone_serial, 20, "NSD has serial %d" % self.zone_serial)

    def nsd_serial(self):
        try:
            return ask(self.nsd_port, "example.net", "SOA", timeout=0.5).answer[0][0].serial
        except (OSError, IndexError, dns.exception.DNSException):
            return None

    def start(self, services, monitor="none", wait=True):
        zones = "    services:\n" + "".join("      %s\n" % s for s in services)
        config = self.config(zones=zones, more="resolvers: 127.0.0.1:%d" % self.nsd_port)
        return self.gslbd(config.replace("monitor: web", "monitor: " + monitor), wait=wait)

    def found(self, name, rtype="A"):
        """The addresses in an answer; None without a reply, or the RCODE of one that is an error."""
        reply = self.try_ask(name, rtype)
        if reply is None:
            return None
        return addresses(reply) if reply.rcode() == dns.rcode.NOERROR else dns.rcode.to_text(reply.rcode())

    def wait_found(self, expected, seconds=30, name="gslb.example.org", rtype="A"):
        self.wait_for(lambda: self.found(name, rtype) == expected, seconds, "%s %s is %s" % (name, rtype, expected))

    def test_every_kind_of_host_is_answered_as_what_it_is(self):
        many = ["many 0 IN A 198.51.100.%d" % i for i in range(1, 201)]
        self.publish(
            "lb 0 IN A " + FRA,
            "six 60 IN AAAA 2001:db8::6",
            "alias 60 IN CNAME both",
            "both 60 IN A " + IAD,
            "both 60 IN AAAA 2001:db8::2",
            "text 60 IN TXT nothing",
            *many,
        )
        self.start([
            '"@": { endpoints: [{ site: fra, host: lb.example.net. }] }',
            "www: { endpoints: [{ site: fra, host: lb.example.net. }] }",
            'six: { fallback: "2001:db8::ffff", endpoints: [{ site: fra, host: six.example.net. }] }',
            "alias: { https: [h2], endpoints: [{ site: fra, host: alias.example.net. }] }",
            "many: { fallback: 192.0.2.250, endpoints: [{ site: fra, host: many.example.net. }] }",
            "text: { https: on, endpoints: [{ site: fra, host: text.example.net. }] }",
            "gone: { https: on, endpoints: [{ site: fra, host: gone.example.net. }] }",
            "broken: { https: on, endpoints: [{ site: fra, host: lb.broken.example. }] }",
        ])
        self.wait_found([FRA])
        reply = self.ask()
        self.assertEqual([str(r) for r in reply.answer], ["www.gslb.example.org. 5 IN CNAME lb.example.net."])
        for name, rtype, expected in (
            ("six", "AAAA", ["2001:db8::6"]),
            ("six", "A", []),
            ("alias", "A", [IAD]),
            ("alias", "AAAA", ["2001:db8::2"]),
            ("text", "A", "SERVFAIL"),
            ("gone", "AAAA", "SERVFAIL"),
            ("broken", "A", "SERVFAIL"),
        ):
            with self.subTest(name=name, rtype=rtype):
                self.wait_found(expected, name=name + ".gslb.example.org", rtype=rtype)
        self.wait_for(lambda: len(self.found("many.gslb.example.org") or []) == 8, 30, "8 of 200 addresses")

    def test_a_change_is_followed_and_no_failure_takes_an_address_away(self):
        self.publish("lb 0 IN A " + FRA)
        server = self.start(['"@": { endpoints: [{ site: fra, host: lb.example.net. }] }'])
        self.wait_found([FRA])
        self.publish("lb 0 IN A " + IAD, "lb 0 IN AAAA 2001:db8::2")
        self.wait_found([IAD])
        self.wait_found(["2001:db8::2"], rtype="AAAA")
        for records in ((), ("lb 5 IN TXT nothing",)):  # NXDOMAIN, then no data
            self.publish(*records)
            before = self.warnings(server)
            self.wait_for(lambda: self.warnings(server) > before, 30, "the server has asked in vain")
            self.assertEqual(self.found("gslb.example.org"), [IAD])
        before = self.warnings(server)
        self.nsd.stop()
        self.wait_for(lambda: self.warnings(server) > before, 60, "nobody answers the server")
        self.assertEqual(self.found("gslb.example.org"), [IAD])
        server.stop()
        again = self.start(['"@": { endpoints: [{ site: fra, host: lb.example.net. }] }'])
        self.assertEqual(self.found("gslb.example.org"), [IAD])
        self.assertTrue(again.running())

    def warnings(self, server):
        with open(server.log) as log:
            return log.read().count("no new addresses of a host")

    def test_hosts_are_probed_at_their_addresses_and_a_dead_one_is_left(self):
        sites = self.sites()
        self.publish("one 60 IN A " + FRA, "two 60 IN A " + IAD)
        server = self.start(
            [
                "www: { endpoints: [{ site: fra, host: one.example.net. }, { site: iad, host: two.example.net. }] }",
                '"@": { endpoints: [{ site: fra, host: one.example.net. }, { site: gru, address: %s }] }' % GRU,
            ],
            monitor="web",
        )
        self.wait_found([FRA])
        self.assertEqual(self.target(), "one.example.net.")
        sites["fra"].freeze()
        self.wait_found([GRU])
        self.wait_for(lambda: self.target() == "two.example.net.", 10, "the CNAME leads to the other host")
        shown = server.ctl("states").stdout
        self.assertRegex(shown, FRA + r" +fra +down.* of one\.example\.net")

    def target(self):
        reply = self.try_ask()
        found = [r for r in reply.answer if r.rdtype == dns.rdatatype.CNAME] if reply is not None else []
        return str(found[0][0].target) if found else None


if __name__ == "__main__":
    unittest.main()
