"""Delegated for real: resolvers find gslbd from the root down, through a parent on NSD. Needs root."""
import json
import os
import shutil
import time

import dns.flags
import dns.rcode
import resolvers
from internet import AMERICAN, CHILD, GERMAN, NS1, NS2, PARENT, Internet
from lab import addresses, read
from namespaces import main
from watching import Watched

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


class SignedRollover(Watched):
    """ns1 makes the keys; each state of its key files reaches ns2 late, later than the rollover's waits are long."""

    LAG = 6.0  # seconds
    TIMES = "dnskey_ttl: 2s, propagation: 1s, ds_ttl: 2s"

    def copy_keys(self):
        """Like rsync: what has changed, each file whole."""
        there, here = self.path("ns2-keys"), self.path("ns1-keys")
        os.makedirs(there, exist_ok=True)
        for name in sorted(os.listdir(here)):
            if name.startswith("K") and not name.endswith((".tmp", ".new")):
                shutil.copy2(os.path.join(here, name), os.path.join(there, name + ".tmp"))
                os.rename(os.path.join(there, name + ".tmp"), os.path.join(there, name))

    def copy_late(self):
        """Each state that ns1's folder has arrives LAG seconds later."""
        states = []
        while not self.done.is_set():
            state = {}
            for name in os.listdir(self.path("ns1-keys")):
                if name.startswith("K") and name.endswith((".key", ".private")):
                    try:
                        state[name] = read(os.path.join(self.path("ns1-keys"), name))
                    except FileNotFoundError:
                        continue
            states.append((time.monotonic() + self.LAG, state))
            while states and states[0][0] <= time.monotonic():
                for name, text in states.pop(0)[1].items():
                    path = os.path.join(self.path("ns2-keys"), name)
                    if not os.path.exists(path) or read(path) != text:
                        descriptor = os.open(path + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                        with os.fdopen(descriptor, "w") as f:
                            f.write(text)
                        os.rename(path + ".tmp", path)
            self.done.wait(0.2)

    def test_a_node_that_lags_through_a_whole_rollover_breaks_nothing(self):
        others = "{ %s, keys: %s, servers: [%s], parent: [%s], role: %s }"
        maker = others % (self.TIMES, self.path("ns1-keys"), NS2, PARENT, "maker")
        follower = others % (self.TIMES, self.path("ns2-keys"), NS1, PARENT, "follower")
        anchor = self.trusted("")
        one = self.child("ns1", NS1, "dnssec: " + maker)
        self.wait_for(lambda: self.published(NS1), 30, "ns1 has made a key")
        self.copy_keys()
        two = self.child("ns2", NS2, "dnssec: " + follower)
        (old,) = self.published(NS1)
        self.assertEqual(self.published(NS2), [old])
        self.beside(self.copy_late)
        self.wait_for(lambda: self.cds(NS1), 40, "a first CDS")
        self.change_parent(self.cds(NS1), 2)
        resolvers.start(self, "unbound", RESOLVERS["unbound"], [anchor])
        self.wait_for(lambda: not self.cds(NS1), 20, "ns1 sees its DS at the parent")
        self.watch(RESOLVERS["unbound"])

        done = one.ctl("key", "generate", CHILD)
        self.assertEqual(done.returncode, 0, done.stderr)

        self.note("ns1 publishes it", lambda: len(self.published(NS1)) == 2)
        (new,) = set(self.published(NS1)) - {old}
        self.assertEqual((self.published(NS2), self.signer(NS1)), ([old], [old]))
        self.assertEqual(one.stop(), 0)  # what is under way survives a restart
        one.start()
        self.note("ns1 is back", lambda: self.reply(CHILD, "SOA", NS1) is not None)
        self.assertEqual((len(self.published(NS1)), self.signer(NS1)), (2, [old]))
        self.note("ns2 publishes it", lambda: len(self.published(NS2)) == 2)
        self.assertEqual(self.signer(NS1), [old], "before ns2 publishes it, ns1 must not sign with it")
        self.note("ns1 signs with it", lambda: self.signer(NS1) == [new])
        self.assertEqual(self.signer(NS2), [old], "ns2 lags")
        self.note("CDS for it", lambda: " DS %d " % new in self.cds(NS1))
        self.change_parent(self.cds(NS1), 3)
        self.note("ns2 signs with it", lambda: self.signer(NS2) == [new])
        self.note("the old one left ns1", lambda: self.published(NS1) == [new])
        self.note("the old one left ns2", lambda: self.published(NS2) == [new])
        self.wait_for(lambda: not self.cds(NS2), 20, "nothing more is asked of the parent")
        self.end_watch(200)
        for server in (one, two):
            status = json.loads(server.ctl("key", "status", json=True).stdout)
            self.assertEqual(status["zones"][0]["warnings"], [])


if __name__ == "__main__":
    main()
