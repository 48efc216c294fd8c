"""Three name servers and two probers that judge four sites together, in network namespaces."""
import time

import dns.exception

from fleet import Fleet
from lab import addresses
from namespaces import ip


class ManyPlaces(Fleet):
    nodes = {"fra-1": "fra", "iad-1": "iad", "gru-1": "gru"}
    probers = {"nrt-1": "", "syd-1": ""}
    places = {"fra": "192.0.2.101", "iad": "192.0.2.102", "gru": "192.0.2.103", "sin": "192.0.2.104"}
    balancers = {"iad": "haproxy", "sin": "haproxy"}

    more = "rate_limit: none"  # these tests ask more often than a client may

    def setUp(self):
        super().setUp()
        self.start()
        for node in self.nodes:
            for other in self.members:
                if other != node:
                    member = self.members[node]
                    self.wait_for(lambda m=member, o=other: m.hears(o), 20, "%s hears %s" % (node, other))

    def answers(self, node):
        try:
            return addresses(self.members[node].ask(timeout=3))
        except (OSError, dns.exception.DNSException):
            return []

    def wait_answers(self, site, seconds=20, nodes=None):
        """-> seconds until all name servers lead to the site"""
        wanted = [self.places[site]]
        return self.wait_for(
            lambda: all(self.answers(node) == wanted for node in nodes or self.nodes), seconds, "all lead to " + site
        )

    def kill_site(self, site):
        self.site_processes[site].stop()

    def part(self, one, other):
        """Nothing of `one` reaches `other` any more; each reaches everybody else."""
        ip("-n", self.tag + one, "route", "add", "blackhole", self.address_of(other) + "/32")
        ip("-n", self.tag + other, "route", "add", "blackhole", self.address_of(one) + "/32")

    def address_of(self, name):
        return self.places.get(name) or self.addresses[name]

    def stays(self, site, seconds, nodes=None):
        """All that time the name servers lead to the site."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for node in nodes or self.nodes:
                self.assertEqual(self.answers(node), [self.places[site]], node)
