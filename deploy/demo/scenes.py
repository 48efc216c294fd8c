"""What happens, one scene after the other: each begins and ends with all well."""
import time

from world import CLOUDS, FALL, INTERVAL, TIMEOUT, TTL

# The promise of docs/health.md for a site that is gone: fall x interval x (1 + jitter) + timeout, and a second.
LEFT_WITHIN = FALL * INTERVAL * 1.1 + TIMEOUT + 1
HOME = {country: cloud for cloud, (country, _) in CLOUDS.items()}


class Stage:
    def __init__(self, world, clients, say):
        self.world, self.clients, self.say = world, clients, say
        self.begun, self.recovery, self.wrong = time.monotonic(), None, []

    def tell(self, what):
        self.say("  %5.1f s  %s" % (time.monotonic() - self.begun, what))

    def check(self, holds, what):
        if not holds:
            self.wrong.append(what)
        self.tell(("" if holds else "WRONG: ") + what)

    def wait(self, condition, seconds, what):
        try:
            took = self.world.wait(condition, seconds, what)
        except TimeoutError:
            self.check(False, "after %d s still not: %s" % (seconds, what))
            return seconds
        self.tell(what)
        return took

    def up(self, node, cloud):
        told = self.world.ctl(node, "states", "www", json_out=True)
        endpoints = told["services"][0]["endpoints"] if told.get("services") else []
        return any(e["site"] == cloud and e["verdict"] == "up" and e["weight"] > 0 for e in endpoints)

    def share_of(self, cloud, node):
        told = self.world.ctl(node, "states", "www", json_out=True)["services"][0]["endpoints"]
        return next(e["weight"] / e["configured"] for e in told if e["site"] == cloud)

    def left_by_all(self, cloud, nodes=None):
        return all(not self.up(node, cloud) for node in nodes or CLOUDS)

    def all_well(self):
        full = lambda: all(self.share_of(cloud, node) > 0.99 for cloud in CLOUDS for node in CLOUDS)
        self.wait(full, 90, "all sites are up again, with their whole weight, at all name servers")

    def served(self, country, site, seconds):
        """Until requests of a country that begin now are answered by that site, ten in a row."""

        def settled():
            mine = [one for one in self.clients.since(self.begun) if one[1] == country][-10:]
            return len(mine) == 10 and all(one[2] == site for one in mine)

        return self.wait(settled, seconds, "clients in %s are served by %s" % (country, site))

    def fail_over(self, break_it, cloud, nodes=None):
        """Breaks a site, and measures how long clients suffer."""
        country = CLOUDS[cloud][0]
        broken = time.monotonic()
        break_it()
        left = self.wait(lambda: self.left_by_all(cloud, nodes), 60, "name servers have left " + cloud)
        self.check(left <= LEFT_WITHIN, "new answers are right after %.2f s (at most %.2f s)" % (left, LEFT_WITHIN))
        others = [one for one in CLOUDS if one != cloud]

        def served():
            mine = [one for one in self.clients.since(broken) if one[1] == country][-10:]
            return len(mine) == 10 and all(one[2] in others for one in mine)

        self.wait(served, 30, "clients in %s are served again" % country)
        self.recovery = time.monotonic() - broken
        untouched = [one for one in self.clients.since(broken) if one[1] != country and one[2] is None]
        self.check(len(untouched) == 0 or nodes is not None, "nobody else noticed (%d failures)" % len(untouched))

    def result(self, name):
        outcomes = self.clients.since(self.begun)
        failed = sum(site is None for _, _, site in outcomes)
        return dict(scene=name, requests=len(outcomes), failed=failed, success=1 - failed / max(1, len(outcomes)),
                    recovery_s=self.recovery, wrong=self.wrong, ok=not self.wrong)  # fmt: skip


def steady(stage):
    """all is well: each country is served by its nearest cloud"""
    time.sleep(5)
    for country, shares in stage.clients.shares(stage.begun).items():
        text = ", ".join("%s %.0f %%" % (site, 100 * share) for site, share in shares.items())
        stage.check(shares.get(HOME[country], 0) > 0.99, "%s: %s" % (country, text))
    stage.check(not any(site is None for _, _, site in stage.clients.since(stage.begun)), "no request failed")


def backend(stage):
    """one of two web servers dies: the local balancer copes, and the site's share falls"""
    stage.world.stop("fra/web1", hard=True)
    stage.recovery = stage.wait(lambda: all(stage.share_of("fra", node) < 0.6 for node in CLOUDS), 20, "fra counts half at all name servers")
    begun = time.monotonic()
    time.sleep(3)
    failed = sum(site is None for _, _, site in stage.clients.since(begun))
    stage.check(failed == 0, "no request fails any more (%d)" % failed)
    stage.world.start("fra/web1")
    stage.all_well()


def balancer(stage):
    """a site's balancer dies"""
    stage.fail_over(lambda: stage.world.stop("iad/balancer", hard=True), "iad")
    stage.world.start("iad/balancer")
    stage.all_well()


def cloud(stage):
    """a whole cloud is cut off: its balancer, name server, prober and store member"""
    others = [one for one in CLOUDS if one != "sin"]
    stage.fail_over(lambda: stage.world.cut("sin"), "sin", others)
    stage.world.heal("sin")
    stage.all_well()


def gray(stage):
    """a gray failure: a third of the packets to a site's HTTP port are lost"""
    stage.world.lose("fra", 33)
    stage.recovery = stage.wait(lambda: all(stage.share_of("fra", node) < 0.99 for node in CLOUDS), 40, "fra counts less, or not at all")
    time.sleep(5)
    stage.world.lose_nothing("fra")
    stage.all_well()


def drain(stage):
    """a planned drain for maintenance, DNS first; not one request fails"""
    done = stage.world.ctl("fra", "drain", "fra", "--for", "10m", "--reason", "demonstration", "--wait")
    stage.check(done.returncode == 0 and "3 of 3 nodes" in done.stdout, "drained at 3 of 3 nodes, and safe to work")
    begun = time.monotonic()
    time.sleep(2)
    still = sum(site == "fra" for _, _, site in stage.clients.since(begun))
    stage.check(still == 0, "no request comes to fra any more (%d)" % still)
    stage.world.stop("fra/balancer")
    time.sleep(2)
    stage.world.start("fra/balancer")
    time.sleep(2)
    stage.check(stage.world.ctl("sin", "undrain", "fra").returncode == 0, "undrained, at another node")
    stage.all_well()
    while len(stage.clients.since(stage.begun)) < 10000:
        time.sleep(0.2)
    failed = sum(site is None for _, _, site in stage.clients.since(stage.begun))
    stage.check(failed == 0, "%d requests, %d failed" % (len(stage.clients.since(stage.begun)), failed))


def store(stage):
    """the shared store is lost: nothing that is answered changes, and orders reach all nodes all the same"""
    for one in CLOUDS:
        stage.world.stop(one + "/etcd", hard=True)
    time.sleep(3)
    done = stage.world.ctl("iad", "drain", "sin", "--for", "10m", "--reason", "demonstration")
    stage.check(done.returncode == 0 and "3 of 3 nodes" in done.stdout, "an order takes effect at 3 of 3 nodes without it")
    stage.check(stage.world.ctl("iad", "undrain", "sin").returncode == 0, "and ends")
    for one in CLOUDS:
        stage.world.start(one + "/etcd")
    stage.all_well()
    failed = sum(site is None for _, _, site in stage.clients.since(stage.begun))
    stage.check(failed == 0, "no request failed (%d)" % failed)


def recovery(stage):
    """a site comes back, and gets its clients back slowly"""
    stage.fail_over(lambda: stage.world.stop("sin/balancer", hard=True), "sin")
    stage.world.start("sin/balancer")
    stage.wait(lambda: stage.up("sin", "sin"), 30, "sin is up")
    stage.check(stage.share_of("sin", "sin") < 0.9, "with %.0f %% of its weight at first" % (100 * stage.share_of("sin", "sin")))
    stage.all_well()
    stage.served("sg", "sin", TTL + 10)


ALL = dict(steady=steady, backend=backend, balancer=balancer, cloud=cloud, gray=gray, drain=drain, store=store, recovery=recovery)
