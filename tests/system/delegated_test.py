"""Delegated for real: resolvers find gslbd from the root down, through a parent on NSD. Needs root."""
import dns.flags
import dns.rcode
import resolvers
from internet import AMERICAN, CHILD, GERMAN, NS1, PARENT, Internet
from lab import addresses
from namespaces import main

RESOLVERS = {"unbound": "192.0.2.101", "named": "192.0.2.102", "kresd": "192.0.2.103", "recursor": "192.0.2.104"}


class FromTheRoot(Internet):
    def setUp(self):
        super().setUp()
        self.world()

    def test_the_referral_leads_to_both_name_servers(self):
        referral = self.reply("www." + CHILD, "A", PARENT)
        self.assertEqual(len(referral.authority[0]), 2)
        self.assertFalse(referral.flags & dns.flags.AA)

    def test_every_resolver_finds_every_kind_of_answer(self):
        for name, address in RESOLVERS.items():
            resolvers.start(self, name, address)
            with self.subTest(name):
                self.check(address)

    def check(self, resolver):
        def records(name, rtype="A"):
            reply = self.settled(name + "." + CHILD, rtype, resolver)
            return dns.rcode.to_text(reply.rcode()), reply

        for name, expected in (
            ("mail", ["192.0.2.25"]),
            ("both", ["198.18.1.1", "198.18.1.2"]),
            ("alias2", ["192.0.2.25"]),
            ("out", ["192.0.2.99"]),
            ("x.y.wild", ["192.0.2.77"]),
            ("known.wild", ["192.0.2.78"]),
            ("x.wild-alias", ["192.0.2.25"]),
            ("host.moved", ["192.0.2.79"]),
        ):
            rcode, reply = records(name)
            self.assertEqual((rcode, addresses(reply)), ("NOERROR", expected), name)
        for name in ("www", "steered-alias"):
            self.assertIn(addresses(records(name)[1]), (["198.18.0.1"], ["198.18.0.2"]))
            self.assertIn(addresses(records(name, "AAAA")[1]), (["2001:db8::1"], ["2001:db8::2"]))
        self.assertEqual(len(addresses(records("sixty")[1])), 60)
        for name, rtype, rcode in (
            ("nothing", "A", "NXDOMAIN"),
            ("below.mail", "A", "NXDOMAIN"),
            ("gone.moved", "A", "NXDOMAIN"),
            ("mail", "TXT", "NOERROR"),
            ("www", "MX", "NOERROR"),
            ("empty", "A", "NOERROR"),
            ("below.empty", "TXT", "NOERROR"),
            ("x.wild", "MX", "NOERROR"),
        ):
            got, reply = records(name, rtype)
            self.assertEqual((got, addresses(reply)), (rcode, []), (name, rtype))

    def test_clients_of_several_countries_get_their_own_site_through_one_resolver(self):
        resolvers.start(
            self, "unbound", RESOLVERS["unbound"], subnetcache=["subnetcache"], more="send-client-subnet: 192.0.2.0/24"
        )
        for _ in range(2):  # the second time from the cache
            for client, site in ((GERMAN, "198.18.0.1"), (AMERICAN, "198.18.0.2")):
                got = self.resolved("www." + CHILD, server=RESOLVERS["unbound"], subnet=client + "/24")
                self.assertEqual(got, [site])

    def test_one_name_server_is_enough(self):
        resolvers.start(self, "unbound", RESOLVERS["unbound"])
        self.children["ns1"].freeze()
        self.assertIsNone(self.reply(CHILD, "SOA", NS1))
        for name in ("mail", "alias2", "x.wild"):
            # unbound has to find out for itself which of the two is silent.
            self.wait_for(lambda: self.resolved(name + "." + CHILD, server=RESOLVERS["unbound"]), 30, name)


if __name__ == "__main__":
    main()
