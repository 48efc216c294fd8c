"""What Consul, Nacos, Eureka, Kubernetes and Envoy say of a site, over the network and with their faults: never more than a
weight, and nothing at all when they are not well."""
import json
import unittest

import registries
from lab import Lab, read


class Registries(Lab):
    def start(self, source, feed):
        self.source = source
        self.addCleanup(source.close)
        self.site("fra", "127.0.16.1")
        self.site("iad", "127.0.16.2")
        zones = "    services: { www: { policy: [weighted], endpoints: { fra: 127.0.16.1, iad: 127.0.16.2 } } }"
        lines = "feeds:\n  fra: { site: fra, %s, interval: 500ms, timeout: 400ms, hold: 3s }\n" % feed
        self.server = self.gslbd(self.config(zones=zones, more=lines))

    def feed(self):
        return json.loads(self.server.ctl("feeds", json=True).stdout)["feeds"][0]

    def share(self):
        told = json.loads(self.server.ctl("states", json=True).stdout)["services"][0]["endpoints"]
        return next(e["weight"] / e["configured"] for e in told if e["address"] == "127.0.16.1")

    def wait_share(self, share, seconds=15):
        self.wait_for(lambda: abs(self.share() - share) < 0.01, seconds, "fra has %d %%" % (share * 100))

    def wait_problem(self, words, seconds=15):
        self.wait_for(lambda: words in self.feed()["problem"], seconds, "the feed's problem is " + words)

    def stays_unknown(self, words):
        """Its fault is told, what was known is forgotten after `hold`, and the site has its whole weight."""
        self.wait_problem(words)
        self.wait_for(lambda: not self.feed()["known"], 15, "nothing is known any more")
        self.wait_share(1)

    def survives(self, back, *faults):
        """Whatever the source does, the site is never taken out; and when it is well again it is heard."""
        for fault, words in faults:
            with self.subTest(fault):
                with self.source.changed:
                    self.source.fault = fault
                    self.source.changed.notify_all()
                self.wait_for(lambda: self.feed()["problem"] and words in self.feed()["problem"], 15, "%s is told" % fault)
                self.wait_for(lambda: not self.feed()["known"], 15, "nothing is known any more")
                self.wait_share(1)
                with self.source.changed:
                    self.source.fault = None
                    self.source.changed.notify_all()
                self.wait_share(back, 20)

    def test_consul(self):
        consul = registries.Consul(token="secret")
        consul.set("web1")
        consul.set("web2")
        self.write("token", "secret\n")
        self.start(consul, 'consul: "%s", of: www, token_file: %s' % (consul.url, self.path("token")))
        self.wait_for(lambda: self.feed()["known"], 10, "it is read")
        asked = consul.asked
        consul.set("web2", "critical")
        self.wait_share(0.5, 5)
        self.assertLess(consul.asked - asked, 20, "blocking queries wait")
        consul.set("web2", "warning", weights=dict(Passing=2, Warning=1))
        self.wait_for(lambda: self.share() > 0.5, 5, "a warning counts less than all, and more than nothing")
        consul.set("web1", maintenance=True)
        consul.set("web2", maintenance=True)
        self.wait_share(0, 5)
        consul.set("web1")
        consul.set("web2", "critical")
        self.wait_share(0.5, 5)

        consul.restore()
        consul.set("web2")
        self.wait_share(1, 10)
        consul.set("web2", "critical")
        self.wait_share(0.5, 5)
        consul.filtered = True  # the token lost its rights: an empty list, and not down
        consul.set("web1")
        self.stays_unknown("leaves out what the token may not read")
        consul.filtered = False
        self.wait_share(0.5, 20)
        consul.leader = False
        consul.set("web1")
        self.stays_unknown("500")
        consul.leader = True
        self.wait_share(0.5, 20)
        self.write("token", "old\n")
        consul.set("web1")
        self.stays_unknown("403")
        self.write("token", "secret\n")
        self.wait_share(0.5, 20)
        self.survives(0.5, ("hang", "timed out"), ("cut", ""), ("garbage", ""), ("huge", ""), (503, "503"))

    def test_gslbd_registers_itself_at_consul(self):
        consul = registries.Consul(token="secret")
        self.addCleanup(consul.close)
        self.write("token", "secret\n")
        self.site("fra", "127.0.16.1")
        more = 'register: { consul: "%s", name: dns, id: ns1, address: 192.0.2.53, tags: [gslb], ttl: 3s, token_file: %s }'
        zones = "    services: { www: { policy: [weighted], endpoints: { fra: 127.0.16.1 } } }"
        server = self.gslbd(self.config(zones=zones, more=more % (consul.url, self.path("token"))))
        self.wait_for(lambda: "ns1" in consul.registered, 10, "it is registered")
        service = consul.registered["ns1"]
        self.assertEqual((service["Name"], service["Address"], service["Port"], service["Tags"]), ("dns", "192.0.2.53", 53, ["gslb"]))
        self.assertEqual(service["Check"]["TTL"], "3s")
        self.wait_for(lambda: len(consul.beats) > 3, 10, "it says that it lives")
        pauses = [b[0] - a[0] for a, b in zip(consul.beats, consul.beats[1:])]
        self.assertLess(max(pauses), 2.5)
        self.assertEqual(consul.beats[0][1], {"Status": "passing", "Output": "serving 1 zones"})
        consul.registered.clear()  # the agent was restarted
        self.wait_for(lambda: "ns1" in consul.registered, 10, "it is registered again")
        consul.fault = 500
        warned = lambda: "Consul does not take the registration: 500" in server.ctl("status").stdout
        self.wait_for(warned, 10, "its status says so")
        consul.fault = None
        self.wait_for(lambda: not warned(), 10, "all is well again")
        # A reload takes it away while an answer of the agent is awaited, and another brings it back.
        with_it = read(server.config)
        consul.fault, asked = "hang", consul.asked
        self.wait_for(lambda: consul.asked > asked, 10, "an answer is awaited")
        server.write("\n".join(line for line in with_it.splitlines() if not line.startswith("register:")))
        self.assertEqual(server.ctl("reload").returncode, 0)
        with consul.changed:
            consul.fault = None
            consul.changed.notify_all()
        self.wait_for(lambda: "ns1" not in consul.registered, 10, "it is not registered any more")
        server.write(with_it)
        self.assertEqual(server.ctl("reload").returncode, 0)
        self.wait_for(lambda: "ns1" in consul.registered, 10, "it is registered again")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(consul.registered, {})

    def test_nacos(self):
        for api in (1, 2, 3):
            with self.subTest(api=api):
                nacos = registries.Nacos()
                nacos.hosts = {"192.0.2.1": {}, "192.0.2.2": {}}
                self.start(nacos, 'nacos: "%s", of: www, api: %d' % (nacos.url, api))
                self.wait_for(lambda: self.feed()["known"], 10, "it is read")
                nacos.hosts["192.0.2.2"] = dict(healthy=False)
                self.wait_share(0.5)
                nacos.hosts["192.0.2.1"] = nacos.hosts["192.0.2.2"] = dict(enabled=False)
                self.wait_share(0)
                nacos.hosts["192.0.2.1"] = {}
                self.wait_share(0.5)
                if api != 3:
                    nacos.protects = True
                    self.stays_unknown("protects the service")
                    nacos.protects = False
                    self.wait_share(0.5, 20)
                nacos.hosts = {}
                self.stays_unknown("knows no instance")
                self.server.stop()
                for process in self.processes:
                    process.stop()
                self._port = None

    def test_eureka(self):
        eureka = registries.Eureka()
        eureka.instances = {"192.0.2.1": {}, "192.0.2.2": {}}
        self.start(eureka, 'eureka: "%s", of: www' % eureka.url)
        self.wait_for(lambda: self.feed()["known"], 10, "it is read")
        # Self-preservation: it is dead, and still listed as UP.
        eureka.instances["192.0.2.2"] = dict(silent=300)
        self.wait_share(0.5)
        eureka.instances = {"192.0.2.1": dict(status="OUT_OF_SERVICE")}
        self.wait_share(0)
        eureka.instances = {"192.0.2.1": {}, "192.0.2.2": dict(status="DOWN")}
        self.wait_share(0.5)
        kept, eureka.instances = eureka.instances, {}
        self.stays_unknown("knows no application")
        eureka.instances = kept
        self.wait_share(0.5, 20)
        self.survives(0.5, ("garbage", ""))

    def test_kubernetes(self):
        kubernetes = registries.Kubernetes(token="first")
        kubernetes.pods = {"www-a": dict(ready=True), "www-b": {}, "www-c": dict(ready=True), "www-d": dict(ready=True)}
        self.write("token", "first\n")
        self.start(
            kubernetes,
            'kubernetes: "%s", of: www, namespace: shop, token_file: %s' % (kubernetes.url, self.path("token")),
        )
        self.wait_for(lambda: self.feed()["known"], 10, "it is read")
        self.assertEqual((self.feed()["usable"], self.feed()["members"]), (4, 4))
        kubernetes.pods["www-c"] = kubernetes.pods["www-d"] = dict(ready=False)
        self.wait_share(0.5)
        kubernetes.token = "second"  # rotated: the file follows
        self.wait_problem("401")
        self.write("token", "second\n")
        self.wait_for(lambda: not self.feed()["problem"], 20, "the new token is read")
        kubernetes.gone = True
        self.stays_unknown("410")
        kubernetes.gone = False
        self.wait_share(0.5, 20)
        self.survives(0.5, ("garbage", ""))

    def test_envoy(self):
        envoy = registries.Envoy()
        envoy.hosts = {"192.0.2.1": {}, "192.0.2.2": {}}
        self.start(envoy, 'envoy: "%s", of: www' % envoy.url)
        self.wait_for(lambda: self.feed()["known"], 10, "it is read")
        # Ejected, and still HEALTHY to discovery.
        envoy.hosts["192.0.2.2"] = dict(failed_outlier_check=True)
        self.wait_share(0.5)
        envoy.hosts = {"192.0.2.1": dict(eds_health_status="DRAINING")}
        self.wait_share(0)
        envoy.hosts = {"192.0.2.1": {}, "192.0.2.2": dict(failed_active_health_check=True)}
        self.wait_share(0.5)
        self.survives(0.5, ("garbage", ""))


if __name__ == "__main__":
    unittest.main()
