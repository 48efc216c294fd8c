"""Orders that are given at one name server and hold at all, without a shared store. Needs root."""
import json

from fleet import Fleet
from namespaces import main


class FleetOrders(Fleet):
    def setUp(self):
        super().setUp()
        self.start()
        self.wait_leads("fra", "fra-1", "iad-1")

    def wait_leads(self, site, *nodes, seconds=20):
        self.wait_for(lambda: all(self.leads(site, node) for node in nodes), seconds, "they lead to " + site)

    def leads(self, site, node):
        return self.places[site] in self.members[node].ask(timeout=3).to_text()

    def drain(self, node):
        return self.members[node].ctl("drain", "fra", "--for", "1h", "--reason", "test")

    def test_an_order_holds_at_all_nodes_when_the_command_returns_and_ends_at_any(self):
        given = self.drain("fra-1")
        self.assertEqual(given.returncode, 0, given.stderr)
        self.assertIn("took effect on 2 of 2 nodes", given.stdout)
        self.assertTrue(self.leads("iad", "fra-1"))
        self.assertTrue(self.leads("iad", "iad-1"))
        self.assertIn("1@fra-1", self.members["iad-1"].ctl("orders").stdout)
        self.assertIn("by fra-1: fra drained by root: test", self.members["iad-1"].ctl("events").stdout)
        ended = self.members["iad-1"].ctl("--json", "orders", "end", "1@fra-1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        outcome = json.loads(ended.stdout)
        self.assertEqual((outcome["took_effect_on"], outcome["of"]), (2, 2))
        self.assertEqual(outcome["nodes"][1]["node"], "fra-1")
        self.wait_leads("fra", "fra-1", "iad-1")

    def test_a_node_that_cannot_be_reached_is_named_and_told_once_it_can(self):
        self.cut("iad-1")
        given = self.drain("fra-1")
        self.assertEqual(given.returncode, 7, given.stdout)
        self.assertIn("took effect on 1 of 2 nodes", given.stdout)
        self.assertIn("not on iad-1: ", given.stderr)
        self.assertTrue(self.leads("iad", "fra-1"))
        self.assertTrue(self.leads("fra", "iad-1"))
        self.heal("iad-1")
        self.wait_leads("iad", "iad-1")

    def test_a_node_that_was_down_is_told_when_it_starts(self):
        self.members["iad-1"].stop()
        self.assertEqual(self.drain("fra-1").returncode, 7)
        self.start("iad-1")
        self.wait_leads("iad", "iad-1")
        # And what ended while it was down stays ended.
        self.members["iad-1"].stop()
        self.assertEqual(self.members["fra-1"].ctl("undrain", "fra").returncode, 7)
        self.start("iad-1")
        self.wait_leads("fra", "fra-1", "iad-1")

    def test_only_name_servers_give_orders(self):
        book = b'{"version":1}'
        prober = self.authority.issue("nrt-1")
        self.assertEqual(self.post(book, prober, target="/v1/orders")[0], 403)
        self.assertEqual(self.post(book, self.authority.issue("www.example.org"), target="/v1/orders")[0], 403)
        self.assertEqual(self.post(book, None, target="/v1/orders")[0], 0)
        status, text = self.post(book, self.authority.issue("iad-1"), target="/v1/orders")
        self.assertEqual(status, 400)
        self.assertIn("the file of orders is damaged", text)
        self.assertTrue(self.leads("fra", "fra-1"))


if __name__ == "__main__":
    main()
