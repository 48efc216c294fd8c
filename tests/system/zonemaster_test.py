"""Zonemaster, which registries judge delegations with, walks from the test's own root and finds nothing at WARNING or
above in a zone with everything left at its default, but for what its addresses cause. Needs root."""
import json
import subprocess

from internet import CHILD, Internet
from namespaces import main

# What is accepted, and why. One that no longer comes is a failure too.
ACCEPTED = {
    "NAMESERVER_IP_PRIVATE_NETWORK": "the addresses are those of documentation (RFC 5737)",
    "NAMESERVER_IP_WITHOUT_REVERSE": "and so nobody delegates their reverse tree",
}
SEVERE = ("WARNING", "ERROR", "CRITICAL")

CONFIG = """
listen: ["{address}:53"]
control: {{ socket: {folder}/control.sock }}
state: {folder}/state
sites: {{ fra: {{ at: [50.11, 8.68] }}, iad: {{ at: [39.04, -77.49] }} }}
{more}
zones:
  gslb.example:
    ns: [ns1.gslb.example., ns2.gslb.example.]
    soa: {{ serial: 7 }}
    {zone}
    services:
      www: {{ monitor: none, endpoints: {{ fra: 198.18.0.1, iad: 198.18.0.2 }} }}
    records:
      ns1: {{ A: [192.0.2.11] }}
      ns2: {{ A: [192.0.2.12] }}
      "@": {{ MX: ["10 mail"], TXT: ["v=spf1 -all"] }}
      mail: {{ A: [192.0.2.25] }}
"""


class Zonemaster(Internet):
    child_config = CONFIG

    def judge(self):
        """-> {tag: [message]}"""
        command = ["zonemaster-cli", "--hints", self.path("hints"), "--no-ipv6", "--json-stream", "--raw"]
        run = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200)
        done = subprocess.run([*command, "--level", "INFO", CHILD], **run)
        found = {}
        for line in done.stdout.splitlines():
            message = json.loads(line)
            found.setdefault(message["tag"], []).append(message)
        self.assertEqual(done.stderr, "")
        return found

    def check(self, found, *proofs):
        """proofs: what it says only where it has looked and is content"""
        severe = {tag: said for tag, said in found.items() if any(m["level"] in SEVERE for m in said)}
        self.assertEqual({tag: said for tag, said in severe.items() if tag not in ACCEPTED}, {})
        self.assertEqual(sorted(severe), sorted(ACCEPTED))
        for tag in ("ENOUGH_NS_DEL", "NAMES_MATCH", "EDNS0_SUPPORT", "AXFR_FAILURE", "QNAME_CASE_SENSITIVE", *proofs):
            self.assertIn(tag, found)

    def test_an_unsigned_zone(self):
        self.world()
        self.check(self.judge(), "NOT_SIGNED")

    def test_a_signed_zone(self):
        self.signed_world()
        found = self.judge()
        self.check(found, "RRSIG_EXPIRATION", "ALGORITHM_OK", "DS10_HAS_NSEC")
        self.assertNotIn("NOT_SIGNED", found)


if __name__ == "__main__":
    main()
