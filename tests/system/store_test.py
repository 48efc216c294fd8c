"""A name server and a real etcd that is restarted, paused, wiped and filled: answers never depend on it."""
import json
import os
import shutil
import unittest

import dns.exception

from lab import Gslbd, Lab, addresses, ask, free_port


class Store(Lab):
    def setUp(self):
        super().setUp()
        self.etcd_port = free_port()

    def status(self):
        out = self.server.ctl("status", json=True).stdout
        return json.loads(out) if out else {"store": None, "warnings": []}

    def warned(self, words):
        return any(words in warning for warning in self.status()["warnings"])

    def settled(self):
        store = self.status()["store"]
        return store and store["read"] is not None and not store["problem"] and store["revision"] > 0

    def test_the_store_is_followed_refused_and_accepted(self):
        self.site("fra", "127.0.11.1")
        etcd = self.etcd(self.etcd_port)
        config = self.config(
            zones="    services: { www: { endpoints: { fra: 127.0.11.1 } } }",
            policy="[all]",
            more="etcd: { endpoints: '127.0.0.1:%d' }" % self.etcd_port,
        )
        self.server = self.gslbd(config)
        self.wait_for(self.settled, 30, "the store is read")
        revision = self.status()["store"]["revision"]
        self.assertGreaterEqual(revision, 2)

        etcd.freeze()
        self.wait_for(lambda: self.warned("cannot be read"), 30, "a frozen store is noticed")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        etcd.thaw()
        self.wait_for(self.settled, 40, "the store is read again")

        etcd.stop()
        shutil.rmtree(os.path.join(self.folder, "etcd-data"))
        self.etcd(self.etcd_port)
        self.wait_for(lambda: self.warned("the store is empty"), 60, "a wiped store is refused")
        self.assertEqual(self.server.stop(), 0)
        self.server = self.gslbd(config)
        self.wait_for(lambda: self.warned("the store is empty"), 30, "and still is after a restart")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        accepted = self.server.ctl("store", "accept")
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        self.wait_for(self.settled, 30, "the store is believed")
        self.assertFalse(self.warned("the store is empty"))
        self.assertIn("store 127.0.0.1:", self.server.ctl("status").stdout)

    def test_servers_that_share_nothing_else_share_orders(self):
        self.site("fra", "127.0.11.1")
        self.site("iad", "127.0.11.2")
        etcd = self.etcd(self.etcd_port)
        services = "    services: { www: { endpoints: { fra: 127.0.11.1, iad: 127.0.11.2 } } }"
        nodes = []
        for name in ("one", "two"):
            more = "etcd: { endpoints: '127.0.0.1:%d' }" % self.etcd_port
            config = self.config(zones=services, policy="[priority: [fra, iad], take: 1]", more=more)
            os.mkdir(self.path(name))
            port = free_port()
            config = config.replace(self.folder, self.path(name)).replace(":%d" % self.port, ":%d" % port)
            named = ["unshare", "--uts", "sh", "-c", 'hostname %s && exec "$@"' % name, "sh"]
            nodes.append(self.run_process(Gslbd(self.path(name), config, port, before=named)))

        def lead_to(site, *those):
            address = {"fra": "127.0.11.1", "iad": "127.0.11.2"}[site]
            return all(answers(node) == [address] for node in those)

        def answers(node):
            try:
                return addresses(ask(node.port, "www.gslb.example.org", timeout=1))
            except (OSError, dns.exception.DNSException):
                return []

        one, two = nodes
        self.wait_for(lambda: lead_to("fra", one, two), 20, "both lead to fra")
        known = lambda node: [n["name"] for n in json.loads(node.ctl("status", json=True).stdout)["nodes"]]
        self.wait_for(lambda: known(one) == ["two"] and known(two) == ["one"], 20, "they know each other")
        given = one.ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.assertEqual(given.returncode, 0, given.stderr)
        self.assertIn("took effect on 2 of 2 nodes", given.stdout)
        self.assertTrue(lead_to("iad", one, two))
        # What is ordered while the store is away is shared once it is back.
        etcd.stop()
        alone = two.ctl("undrain", "fra")
        self.assertEqual(alone.returncode, 7, "on one of two: " + alone.stdout)
        self.assertIn("not on one: it has not said so in the shared store", alone.stderr)
        self.wait_for(lambda: lead_to("fra", two), 20, "it is back at the one that was told")
        self.etcd(self.etcd_port)
        self.wait_for(lambda: lead_to("fra", one, two), 60, "and at the other")

    def test_without_a_store_there_is_none_to_accept(self):
        self.site("fra", "127.0.11.1")
        self.server = self.gslbd(
            self.config(zones="    services: { www: { endpoints: { fra: 127.0.11.1 } } }", policy="[all]")
        )
        refused = self.server.ctl("store", "accept")
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn("there is no shared store", refused.stderr)
        self.assertIsNone(self.status()["store"])


if __name__ == "__main__":
    unittest.main()
