"""A real recursive resolver, Unbound, between the client and gslbd."""
import os

import dns.rcode
from lab import Lab, Process, addresses, ask, free_port, program, unittest

UNBOUND = """
server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  module-config: "iterator"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  qname-minimisation: yes
  use-caps-for-id: yes
  local-zone: "example.org." nodefault
remote-control:
  control-enable: no
stub-zone:
  name: gslb.example.org
  stub-addr: 127.0.0.1@{gslbd}
"""


class BehindUnbound(Lab):
    def setUp(self):
        super().setUp()
        self.lab_sites = self.sites()
        zones = (
            "    services: { www: { ttl: 1s, ttl_min: 1s, endpoints: { fra: 127.0.11.1, iad: 127.0.11.2, gru: 127.0.11.3 } } }\n"
            '    records: { alias: { CNAME: [www] }, text: { TXT: ["' + "x" * 200 + '", "' + "y" * 200 + '"] } }'
        )
        self.gslbd(self.config(zones=zones))
        self.wait_answer("127.0.11.1", 10)
        self.resolver = free_port()
        path = os.path.join(self.folder, "unbound.conf")
        with open(path, "w") as f:
            f.write(UNBOUND.format(port=self.resolver, folder=self.folder, gslbd=self.port))
        self.run_process(Process(self.folder, "unbound", [program("unbound"), "-d", "-c", path]))
        self.wait_for(lambda: self.resolved("www") == ["127.0.11.1"], 20, "Unbound resolves www")

    def resolve(self, name, rtype="A"):
        return ask(self.resolver, name + ".gslb.example.org", rtype, timeout=5)

    def resolved(self, name):
        try:
            return addresses(self.resolve(name))
        except (OSError, dns.exception.DNSException):
            return []

    def test_it_follows_aliases_and_learns_what_does_not_exist(self):
        self.assertEqual(self.resolved("alias"), ["127.0.11.1"])
        self.assertEqual(self.resolve("none").rcode(), dns.rcode.NXDOMAIN)
        nodata = self.resolve("www", "MX")
        self.assertEqual((nodata.rcode(), nodata.answer), (dns.rcode.NOERROR, []))
        self.assertEqual(len(self.resolve("text", "TXT").answer[0]), 2)

    def test_its_clients_are_moved_when_the_ttl_ends(self):
        self.lab_sites["fra"].stop()
        self.wait_for(lambda: self.resolved("www") == ["127.0.11.2"], 10, "the resolver's clients go to iad")


if __name__ == "__main__":
    unittest.main()
