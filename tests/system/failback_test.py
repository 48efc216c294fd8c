"""Clients that `failback: manual` keeps where they went: at all name servers alike, over restarts without memory, until
somebody lets them back. Needs root."""
import os
import shutil

from fleet import Fleet
from namespaces import main


class Failback(Fleet):
    nodes = {"fra-1": "fra", "iad-1": "iad", "gru-1": "gru"}
    probers = {"nrt-1": "", "syd-1": ""}
    places = {"fra": "192.0.2.101", "iad": "192.0.2.102", "gru": "192.0.2.103"}
    defaults = "failback: manual, "
    more = "rate_limit: none"

    def leads(self, site, *nodes):
        return all(self.places[site] in self.members[node].ask(timeout=3).to_text() for node in nodes or self.nodes)

    def wait_leads(self, site, *nodes, seconds=30):
        self.wait_for(lambda: self.leads(site, *nodes), seconds, "%s lead to %s" % (nodes or "all", site))

    def fail_over_and_recover(self):
        self.start()
        self.wait_leads("fra")
        self.site_processes["fra"].stop()
        self.wait_leads("iad")
        self.start_site("fra")
        up = lambda node: "up, but" in self.members[node].ctl("states", "www").stdout
        self.wait_for(lambda: all(up(node) for node in self.nodes), 30, "fra is up and held back")
        self.assertTrue(self.leads("iad"))

    def test_one_word_lets_clients_back_everywhere(self):
        self.fail_over_and_recover()
        done = self.members["gru-1"].ctl("failback", "www")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("took effect on 3 of 3 nodes", done.stdout)
        self.assertTrue(self.leads("fra"))
        refused = self.members["gru-1"].ctl("failback", "ftp")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("ftp", refused.stderr)

    def test_a_node_that_forgot_everything_learns_it_from_the_others(self):
        self.fail_over_and_recover()
        member = self.members["gru-1"]
        self.assertEqual(member.stop(), 0)
        shutil.rmtree(os.path.join(member.folder, "state"))
        self.start("gru-1")
        self.wait_leads("iad", "gru-1")
        self.assertTrue(self.leads("iad", "fra-1", "iad-1"))


if __name__ == "__main__":
    main()
