"""What a service pushes to one name server reaches the others. Needs root."""
from fleet import Fleet
from namespaces import main


class FleetPush(Fleet):
    probers = {}  # the only elector of a site's endpoint is the server at the other site
    monitor = "{ push: 1h }"
    more = "rate_limit: none"

    def leads(self, site, node):
        return self.places[site] in self.members[node].ask(timeout=3).to_text()

    def wait_leads(self, site):
        self.wait_for(lambda: all(self.leads(site, node) for node in self.nodes), 20, "they lead to " + site)

    def push(self, node, *words):
        done = self.members[node].ctl("push", *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_one_server_tells_the_others(self):
        self.start("fra-1", "iad-1")
        for node, other in (("fra-1", "iad-1"), ("iad-1", "fra-1")):
            self.wait_for(lambda n=node, o=other: self.members[n].hears(o), 20, "they hear each other")
        self.push("fra-1", "www", "pass")
        self.wait_leads("fra")
        self.push("iad-1", "www/fra", "fail", "--note", "no database")
        self.wait_leads("iad")
        self.assertIn("no database", self.members["fra-1"].ctl("events").stdout)
        self.push("fra-1", "www/fra", "pass")
        self.wait_leads("fra")


if __name__ == "__main__":
    main()
