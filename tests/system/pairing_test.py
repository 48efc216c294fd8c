"""What a site's balancer or registry knows changes the weights of its endpoints: real HAProxy, nginx, etcd, Prometheus."""
import base64
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request

from lab import ROOT, Lab, Process, free_port, program, read, unittest

BALANCER = """
global
  maxconn 200
  stats socket {folder}/admin.sock mode 660 level admin
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend site
  bind 127.0.11.1:{port}
  http-request return status 503 content-type application/json lf-string '{{"servers":0,"conn":%[be_conn(www)]}}' if {{ path /gslb }} {{ nbsrv(www) lt 1 }}
  http-request return status 200 content-type application/json lf-string '{{"servers":%[nbsrv(www)],"of":4,"conn":%[be_conn(www)],"free":%[connslots(www)]}}' if {{ path /gslb }}
  http-request return status 200 content-type text/plain string "ok\\n" if {{ path /healthz }}
  default_backend www
frontend statistics
  bind 127.0.11.1:{stats}
  stats enable
  stats uri /stats
backend www
  server web1 127.0.11.2:{port} maxconn 50
  server web2 127.0.11.3:{port} maxconn 50
  server web3 127.0.11.2:{port} maxconn 50
  server web4 127.0.11.3:{port} maxconn 50
"""
NGINX = """
daemon off; master_process off; pid {folder}/load.pid; error_log stderr warn;
events {{ worker_connections 200; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.11.3:{stats}; location = /stub_status {{ stub_status; }} }}
}}
"""
SERVICES = """    services:
      www: { policy: [weighted], endpoints: { fra: 127.0.11.1, iad: 127.0.11.2 } }"""


class Pairing(Lab):
    def setUp(self):
        super().setUp()
        self.stats = free_port()
        self.site("iad", "127.0.11.2")
        self.site("gru", "127.0.11.3", "nginx")
        self.fill("lb.cfg", BALANCER)
        self.balancer = self.run_process(
            Process(self.folder, "lb", [program("haproxy"), "-db", "-f", self.path("lb.cfg")])
        )
        self.wait_for(lambda: "web1" in self.runtime("show stat"), 10, "HAProxy's Runtime API answers")

    def fill(self, name, template):
        self.write(name, template.format(folder=self.folder, port=self.site_port, stats=self.stats))

    def runtime(self, command):
        """What HAProxy's Runtime API answers."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.path("admin.sock"))
                s.sendall(command.encode() + b"\n")
                return b"".join(iter(lambda: s.recv(65536), b"")).decode()
        except OSError:
            return ""

    def start(self, *feeds):
        lines = "".join("  %s, interval: 500ms, hold: 2s }\n" % feed for feed in feeds)
        self.server = self.gslbd(self.config(zones=SERVICES, more="feeds:\n" + lines))
        self.wait_for(lambda: self.share() > 0, 10, "the site is up")

    def share(self, address="127.0.11.1"):
        """What is left of an endpoint's weight."""
        told = json.loads(self.server.ctl("states", json=True).stdout)
        endpoints = [e for service in told["services"] for e in service["endpoints"]]
        return next(e["weight"] / e["configured"] for e in endpoints if e["address"] == address)

    def explain(self):
        return self.server.ctl("explain", "www.gslb.example.org", "A", "--client", "198.51.100.1").stdout

    def feed(self, place=0):
        return json.loads(self.server.ctl("feeds", json=True).stdout)["feeds"][place]

    def wait_share(self, share):
        self.wait_for(lambda: abs(self.share() - share) < 0.01, 10, "fra has %d %%" % (share * 100))

    def disable(self, *servers):
        for server in servers:
            self.runtime("set server www/%s state maint" % server)

    def enable(self, *servers):
        for server in servers:
            self.runtime("set server www/%s state ready" % server)

    def follow_haproxy(self, feed):
        """Half its servers are half its weight; without any the site is drained; and back."""
        self.start(feed)
        self.wait_for(lambda: self.feed()["known"], 10, "the feed is read")
        self.assertEqual((self.feed()["usable"], self.feed()["members"]), (4, 4))
        self.disable("web1", "web2")
        self.wait_share(0.5)
        self.wait_for(lambda: "x 0.5 feed" in self.explain(), 5, "explain shows the factor")
        self.disable("web3", "web4")

    def test_haproxys_statistics_lower_a_weight_and_drain(self):
        self.follow_haproxy('fra: { site: fra, haproxy: "http://127.0.11.1:%d/stats;csv", of: www' % self.stats)
        self.wait_share(0)
        self.wait_answer("127.0.11.2", 5)
        self.assertEqual(self.feed()["says"], "draining")
        self.assertIn("web1 (draining)", self.server.ctl("feeds").stdout)
        self.assertIn("its site's feed says so", self.explain())
        told = "feed fra says that people took all members of fra out: the site is drained"
        self.assertIn(told, self.server.ctl("events", "--site", "fra").stdout)
        self.assertEqual(read(self.server.log).count(told), 1)
        self.enable("web1", "web2", "web3", "web4")
        self.wait_share(1)

    def test_haproxys_runtime_api_does_too(self):
        self.follow_haproxy('fra: { site: fra, haproxy: "unix:%s", of: www' % self.path("admin.sock"))
        self.wait_share(0)
        self.wait_answer("127.0.11.2", 5)
        self.enable("web1")
        self.wait_share(0.3)  # a quarter, in tenths

    def test_a_feed_that_says_all_is_broken_does_not_overrule_probes(self):
        self.follow_haproxy('fra: { site: fra, page: "http://127.0.11.1:%d/gslb"' % self.site_port)
        # The page cannot tell drained from broken.
        self.wait_share(0.1)
        feed = self.feed()
        self.assertEqual((feed["says"], feed["disagrees"]), ("failing", True))
        self.assertIn("probes succeed all the same", self.server.ctl("feeds").stdout)

    def test_a_silent_feed_says_nothing_after_a_while(self):
        self.follow_haproxy('fra: { site: fra, haproxy: "unix:%s", of: www' % self.path("admin.sock"))
        self.wait_share(0)
        self.wait_answer("127.0.11.2", 5)
        os.rename(self.path("admin.sock"), self.path("moved.sock"))
        self.wait_share(1)
        self.assertFalse(self.feed()["known"])
        self.assertIn("no such file", self.feed()["problem"].lower())

    def test_a_drain_of_a_person_wins_over_what_a_feed_says(self):
        self.start('fra: { site: fra, haproxy: "unix:%s", of: www' % self.path("admin.sock"))
        self.server.ctl("drain", "fra", "--for", "1h", "--reason", "test")
        self.wait_answer("127.0.11.2", 5)

    def test_nginxs_stub_status_tells_of_load(self):
        self.fill("load.conf", NGINX)
        self.run_process(
            Process(self.folder, "load", [program("nginx"), "-e", "stderr", "-c", self.path("load.conf")])
        )
        self.start('gru: { site: iad, stub_status: "http://127.0.11.3:%d/stub_status"' % self.stats)
        self.wait_for(lambda: (self.feed()["rate"] or 0) > 0, 10, "a rate is known")
        self.assertEqual(self.feed()["says"], "unknown")
        self.assertEqual(self.share("127.0.11.2"), 1)

    def test_registrations_in_etcd_are_members(self):
        port = free_port()
        self.etcd(port)

        def call(path, **what):
            coded = {k: base64.b64encode(v.encode()).decode() for k, v in what.items()}
            body = json.dumps(coded).encode()
            with urllib.request.urlopen("http://127.0.0.1:%d/v3/kv/%s" % (port, path), body, 2) as answer:
                return answer.status == 200

        def put(name, value):
            try:
                return call("put", key="/services/www/" + name, value=value)
            except OSError:
                return False

        self.wait_for(lambda: put("web1", "{}"), 20, "etcd takes a key")
        put("web2", '{"up": false}')
        self.start('fra: { site: fra, etcd: "http://127.0.0.1:%d", of: /services/www/' % port)
        self.wait_share(0.5)
        put("web2", '{"draining": true}')
        put("web1", '{"draining": true}')
        self.wait_share(0)
        self.wait_answer("127.0.11.2", 5)
        call("deleterange", key="/services/www/web1")
        call("deleterange", key="/services/www/web2")
        self.wait_share(1)
        self.assertIn("nothing is registered", self.feed()["problem"])

    def test_a_query_of_prometheus_is_a_load(self):
        port = free_port()
        with open(self.path("prometheus.yml"), "w") as f:
            f.write("global: { scrape_interval: 1s }\n")
        self.run_process(
            Process(
                self.folder,
                "prometheus",
                [program("prometheus"), "--config.file", self.path("prometheus.yml"), "--storage.tsdb.path"]
                + [self.path("tsdb"), "--web.listen-address", "127.0.0.1:%d" % port],
            )
        )
        self.start('fra: { site: fra, prometheus: "http://127.0.0.1:%d", of: "vector(0.25) + 0.5"' % port)
        self.wait_for(lambda: self.feed()["utilization"] == 0.75, 20, "the value is known")
        self.assertIn("75% used", self.server.ctl("feeds").stdout)


class Snippets(unittest.TestCase):
    """What docs/pairing tells to write is what the programs accept."""

    def blocks(self, language):
        found = []
        for path in sorted(glob.glob(os.path.join(ROOT, "docs", "pairing", "*.md"))):
            found += [(path, b) for b in re.findall("```%s\n(.*?)```" % language, read(path), re.S)]
        self.assertTrue(found, language)
        return found

    def check(self, text, suffix, *command):
        path = os.path.join(self.folder, "snippet" + suffix)
        with open(path, "w") as f:
            f.write(text)
        done = subprocess.run([*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, text + done.stdout)

    def setUp(self):
        import tempfile

        self.folder = tempfile.mkdtemp(prefix="gslb-snippets-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def test_haproxy_accepts_its_snippets(self):
        for _, text in self.blocks("haproxy"):
            settled = text.replace("/run/haproxy/", self.folder + "/")
            timeouts = "defaults\n  timeout client 5s\n  timeout server 5s\n  timeout connect 1s\n"
            more = "" if "frontend" in text else "frontend any\n  mode http\n  bind 127.0.0.1:8080\n"
            self.check(timeouts + settled + more, ".cfg", program("haproxy"), "-c", "-f")

    def test_nginx_accepts_its_snippets(self):
        for _, text in self.blocks("nginx"):
            whole = "pid %s/pid; events {}\nhttp { access_log off;\n%s}\n" % (self.folder, text)
            self.check(whole, ".conf", program("nginx"), "-t", "-q", "-e", "stderr", "-c")

    def test_our_own_checker_accepts_all_feeds(self):
        from lab import BIN

        for path, text in self.blocks("yaml"):
            if "feeds:" not in text:
                continue
            if "zones:" not in text:
                text = (
                    "sites: { fra: { at: [50, 8] }, iad: { at: [39, -77] } }\n%szones: { gslb.example.org: { ns: [ns1],"
                    " services: { www: { endpoints: { fra: 192.0.2.1, iad: 192.0.2.2 } } } } }\n" % text
                )
            with self.subTest(path):
                self.check(text, ".yaml", os.path.join(BIN, "gslbctl"), "check")

    def test_pages_are_json(self):
        for _, text in self.blocks("json"):
            json.loads(text)


if __name__ == "__main__":
    unittest.main()
