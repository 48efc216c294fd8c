"""Sites that fail and come back, as a client of the service sees it."""
import dns.rcode
from lab import BRAZIL, COUNTRIES, GERMANY, Lab, unittest

INTERVAL, TIMEOUT, FALL, JITTER = 0.2, 0.15, 2, 0.1
# The promise is FALL x INTERVAL x (1 + JITTER) [+ TIMEOUT] + 0.25 s, measured tight by tests/bench/failover. Here a busy
# machine may add a second.
BOUND = FALL * INTERVAL * (1 + JITTER) + 0.25 + 1.0


class Failover(Lab):
    def test_a_stopped_site_is_left_within_the_bound(self):
        sites = self.sites()
        self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        sites["fra"].stop()
        took = self.wait_answer("127.0.11.2", 10)
        self.assertLess(took, BOUND)

    def test_a_site_that_swallows_packets_is_left_within_the_bound(self):
        sites = self.sites()
        self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        sites["fra"].freeze()
        took = self.wait_answer("127.0.11.2", 10)
        self.assertLess(took, BOUND + TIMEOUT)

    def test_a_site_that_came_back_is_used_again(self):
        sites = self.sites()
        self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        for site in ("fra", "iad"):
            sites[site].stop()
        self.wait_answer("127.0.11.3", 10)
        sites["fra"].start()
        self.wait_answer("127.0.11.1", 10)

    def test_a_site_whose_health_page_fails_is_left_though_it_answers(self):
        sites = self.sites()
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        page = self.config().replace("http: /healthz", "http: /healthz, body: nothing like this")
        server.write(page)
        server.ctl("reload")
        # Nothing is up then, and health is ignored: every client keeps its normal site.
        self.wait_for(lambda: "0 of 3" in server.ctl("states", "www").stdout, 10, "all three are down")
        self.assertEqual(self.answer(), ["127.0.11.1"])
        self.assertTrue(all(site.running() for site in sites.values()))

    def test_with_every_site_down_clients_keep_their_normal_site(self):
        sites = self.sites()
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        for site in sites.values():
            site.stop()
        self.wait_for(lambda: "0 of 3" in server.ctl("states", "www").stdout, 10, "all three are down")
        self.wait_answer("127.0.11.1", 5)

    def test_all_down_none_answers_servfail_and_never_nodata(self):
        sites = self.sites()
        services = "    services: { www: { all_down: none, endpoints: { fra: 127.0.11.1, iad: 127.0.11.2, gru: 127.0.11.3 } } }"
        self.gslbd(self.config(zones=services))
        self.wait_answer("127.0.11.1", 10)
        for site in sites.values():
            site.stop()
        self.wait_for(lambda: self.ask().rcode() == dns.rcode.SERVFAIL, 10, "SERVFAIL")

    def test_the_next_nearest_site_takes_the_clients_of_a_dead_one(self):
        sites = self.sites()
        self.gslbd(
            self.config(
                policy="[nearest: { within: 300km }, weighted, take: 1]", geo="geo: { country: %s }" % COUNTRIES
            )
        )
        self.wait_answer("127.0.11.1", 10, GERMANY)
        self.wait_answer("127.0.11.3", 10, BRAZIL)
        sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10, GERMANY)
        self.assertEqual(self.answer(BRAZIL), ["127.0.11.3"])

    def test_the_log_has_a_line_with_the_reason_for_every_transition(self):
        sites = self.sites()
        server = self.gslbd()
        self.wait_answer("127.0.11.1", 10)
        sites["fra"].stop()
        self.wait_answer("127.0.11.2", 10)
        with open(server.log) as log:
            lines = [line for line in log if "127.0.11.1" in line and "down" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0].lower(), "refused")


if __name__ == "__main__":
    unittest.main()
