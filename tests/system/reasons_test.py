"""The reasons that a running server gives, beside the answers that it gives; and reloads that may move only so much."""
import json

from lab import Lab, addresses, unittest

FRANCE, AMERICA = "198.51.100.0/25", "198.51.100.128/25"


class Reasons(Lab):
    def geo_config(self, french="[48.86, 2.35]", **options):
        """The lab's, with two places and the nearest site first."""
        geo = ('geo: { location: [], places: [ { prefix: %s, at: %s, country: "FR" },'
               ' { prefix: %s, at: [38.9, -77.04], country: "US" } ] }' % (FRANCE, french, AMERICA))
        return self.config(policy="[nearest, weighted, take: 1]", geo=geo, **options)

    def start(self):
        sites = self.sites()
        server = self.gslbd(self.geo_config())
        self.wait_answer("127.0.11.1", 10, subnet=FRANCE)
        self.wait_answer("127.0.11.2", 10, subnet=AMERICA)
        return sites, server

    def explain(self, server, subnet):
        done = server.ctl("explain", "www.gslb.example.org", "--client", subnet, json=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def explained(self, server, subnet):
        steered = self.explain(server, subnet)["steered"]
        return [steered["candidates"][index]["address"] for index in steered["answer"]]

    def test_the_explanation_is_of_the_answer_also_when_a_site_dies(self):
        sites, server = self.start()
        for subnet in (FRANCE, AMERICA):
            self.assertEqual(self.explained(server, subnet), self.answer(subnet))
        sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10, subnet=FRANCE)
        self.assertEqual(self.explained(server, FRANCE), self.answer(FRANCE))
        text = server.ctl("explain", "www.gslb.example.org", "--client", FRANCE).stdout
        self.assertRegex(text, r"health   - fra +down since \S+: \S")

    def test_scope_and_ttl_are_those_of_the_reply(self):
        _, server = self.start()
        reply = self.ask(subnet=FRANCE)
        told = self.explain(server, FRANCE)
        self.assertEqual(told["scope"], reply.options[0].scopelen)
        self.assertEqual(told["steered"]["ttl"], reply.answer[0].ttl)
        self.assertEqual(addresses(reply), self.explained(server, FRANCE))

    def test_prove_and_simulate_speak_of_what_runs(self):
        _, server = self.start()
        proof = json.loads(server.ctl("prove", json=True).stdout)
        self.assertEqual(proof["states"], 4)
        self.assertEqual(proof["findings"], [])
        moved = server.ctl("simulate", "--down", "fra")
        self.assertEqual(moved.returncode, 0, moved.stderr)
        self.assertIn("fra -> iad", moved.stdout)

    def test_a_reload_that_would_move_too_many_changes_nothing(self):
        _, server = self.start()
        server.write(self.geo_config(french="[38.9, -77.04]", serial=2))
        refused = server.ctl("reload", "--max-move", "10%")
        self.assertEqual(refused.returncode, 5, refused.stdout + refused.stderr)
        self.assertIn("fra -> iad", refused.stderr)
        self.assertIn("more than the 10 % allowed", refused.stderr)
        self.assertEqual(self.serial(), 1)
        self.assertEqual(self.answer(FRANCE), ["127.0.11.1"])
        told = json.loads(server.ctl("reload", "--max-move", "10%", json=True).stdout)
        self.assertFalse(told["ok"])
        self.assertGreater(told["difference"]["most_moved"], 0.1)
        self.assertEqual(server.ctl("reload", "--max-move", "90%").returncode, 0)
        self.assertEqual(self.serial(), 2)
        self.assertEqual(self.answer(FRANCE), ["127.0.11.2"])


if __name__ == "__main__":
    unittest.main()
