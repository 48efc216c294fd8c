"""nginx with Lua: upstreams that change without a reload, a circuit breaker, and what gslbd reads of both."""
import collections
import http.server
import json
import os
import threading
import unittest
import urllib.error
import urllib.request

from lab import ROOT, Lab, Process, free_port, program

MODULES = "/usr/lib/nginx/modules"
MAIN = """
load_module {modules}/ndk_http_module.so;
load_module {modules}/ngx_http_lua_module.so;
daemon off; master_process on; worker_processes 2; pid {folder}/nginx.pid; error_log stderr warn; user root;
events {{ worker_connections 200; }}
http {{
  access_log off; default_type text/plain;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/gslb.conf;
}}
"""


class Backend(http.server.ThreadingHTTPServer):
    """Says its name; or fails, as it is told."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name):
        self.name, self.failing, self.ids = name, False, []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server_port


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.ids.append(self.headers.get("X-Request-ID"))
        body = b"broken\n" if self.server.failing else self.server.name.encode()
        self.send_response(500 if self.server.failing else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class NginxLua(Lab):
    def setUp(self):
        super().setUp()
        if not os.path.exists(MODULES + "/ngx_http_lua_module.so"):
            self.skipTest("libnginx-mod-http-lua is not installed")
        self.backends = {name: Backend(name) for name in ("a", "b", "c")}
        for backend in self.backends.values():
            self.addCleanup(backend.server_close)
            self.addCleanup(backend.shutdown)
        self.front, self.admin = free_port(), free_port()
        with open(os.path.join(ROOT, "deploy", "nginx", "gslb.conf")) as f:
            conf = f.read()
        for ours, here in (
            ("/etc/nginx/gslb/?.lua", os.path.join(ROOT, "deploy", "nginx", "?.lua")),
            ("192.0.2.11:80", self.backends["a"].address),
            ("192.0.2.12:80", self.backends["b"].address),
            ("listen 80;", "listen 127.0.0.1:%d;" % self.front),
            ("127.0.0.1:8404", "127.0.0.1:%d" % self.admin),
        ):
            self.assertIn(ours, conf)
            conf = conf.replace(ours, here)
        self.write("gslb.conf", conf)
        self.write("nginx.conf", MAIN.format(modules=MODULES, folder=self.folder))
        self.nginx = self.run_process(
            Process(self.folder, "nginx", [program("nginx"), "-e", "stderr", "-c", self.path("nginx.conf")])
        )
        self.wait_for(lambda: self.status() is not None, 10, "nginx tells its status")

    def call(self, path, body=None, method=None, port=None):
        """-> (status, body, headers)"""
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (port or self.front, path), body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode(), answer.headers

    def status(self):
        try:
            return json.loads(self.call("/gslb/status.json", port=self.admin)[1])
        except OSError:
            return None

    def peer(self, name):
        return next(p for p in self.status()["peers"] if p["addr"] == self.backends[name].address)

    def put(self, policy="round_robin", **weights):
        peers = [dict(addr=self.backends[name].address, weight=weight) for name, weight in weights.items()]
        body = json.dumps(dict(policy=policy, peers=peers)).encode()
        status, text, _ = self.call("/gslb/upstream", body, "PUT", self.admin)
        self.assertEqual(status, 200, text)

    def shares(self, count, path="/"):
        """-> how often each answered"""
        return collections.Counter(self.call(path)[1] for _ in range(count))

    def test_a_list_that_is_put_is_used_by_all_workers_without_a_reload(self):
        shares = self.shares(90)
        self.assertAlmostEqual(shares["a"], 60, delta=4)
        self.put(b=1, c=1)
        shares = self.shares(40)
        self.assertEqual(set(shares), {"b", "c"})
        self.assertAlmostEqual(shares["b"], 20, delta=3)
        self.put(b=1, c=0)
        self.assertEqual(set(self.shares(20)), {"b"})
        self.assertTrue(self.peer("c")["draining"])
        self.nginx.signal(1)  # a reload of something else
        self.wait_for(lambda: self.status() is not None, 10, "nginx is there")
        self.assertEqual(set(self.shares(20)), {"b"})
        listed = json.loads(self.call("/gslb/upstream", port=self.admin)[1])
        self.assertEqual([peer["weight"] for peer in listed["peers"]], [1, 0])

    def test_what_is_no_list_is_refused_and_the_old_one_stays(self):
        for body, words in (
            (b"{", "peers"),
            (b'{"peers": []}', "refuse everybody"),
            (b'{"peers": [{"addr": "web1:80"}]}', "peers[0]"),
            (b'{"peers": [{"addr": "192.0.2.1:80", "weight": -1}]}', "weight"),
            (b'{"peers": [{"addr": "192.0.2.1:80"}, {"addr": "192.0.2.1:80"}]}', "twice"),
            (b'{"policy": "random", "peers": [{"addr": "192.0.2.1:80"}]}', "policy"),
        ):
            status, text, _ = self.call("/gslb/upstream", body, "PUT", self.admin)
            self.assertEqual(status, 400, text)
            self.assertIn(words, text)
        self.assertEqual(self.call("/gslb/upstream", b"x", "POST", self.admin)[0], 405)
        self.assertEqual(set(self.shares(12)), {"a", "b"})

    def test_a_dead_server_is_hidden_by_a_retry_and_then_left_alone(self):
        self.put(a=1, b=1)
        self.backends["a"].shutdown()
        self.backends["a"].server_close()
        for _ in range(120):
            status, body, headers = self.call("/")
            self.assertEqual((status, body), (200, "b"))
            self.assertEqual(len(headers["X-Request-ID"]), 32)
        self.assertEqual(self.peer("a")["state"], "open")
        self.assertFalse(self.peer("a")["up"])
        self.assertTrue(all(len(one) == 32 for one in self.backends["b"].ids))
        self.assertEqual(len(set(self.backends["b"].ids)), len(self.backends["b"].ids))

    def test_a_circuit_opens_is_tried_and_closes_again(self):
        self.put(a=1, b=1)
        self.backends["a"].failing = True
        self.wait_for(lambda: self.shares(5) and self.peer("a")["state"] == "open", 20, "the circuit opens")
        self.assertEqual(set(self.shares(30)), {"b"})
        self.backends["a"].failing = False
        half = lambda: self.shares(1) and self.peer("a")["state"] == "half-open"
        self.wait_for(half, 20, "it is tried")
        self.wait_for(lambda: self.shares(10) and self.peer("a")["state"] == "closed", 20, "it closes")
        self.assertGreater(self.shares(40)["a"], 10)

    def test_where_nobody_is_well_somebody_answers(self):
        self.put(a=1)
        self.backends["a"].failing = True
        self.wait_for(lambda: self.shares(5) and self.peer("a")["state"] == "open", 20, "the circuit opens")
        self.assertEqual(self.call("/")[1], "broken\n")

    def test_hashes_keep_clients_and_move_only_those_of_who_left(self):
        self.put("consistent_hash", a=1, b=1, c=1)
        before = {n: self.call("/%d" % n)[1] for n in range(60)}
        self.assertEqual({n: self.call("/%d" % n)[1] for n in range(60)}, before)
        self.assertEqual(set(before.values()), {"a", "b", "c"})
        self.put("consistent_hash", a=1, b=1)
        after = {n: self.call("/%d" % n)[1] for n in range(60)}
        self.assertEqual({n for n in before if before[n] != after[n]}, {n for n in before if before[n] == "c"})
        self.put("ip_hash", a=1, b=1, c=1)
        self.assertEqual(len(self.shares(30)), 1)

    def test_gslbd_lowers_the_sites_weight_by_what_it_reads(self):
        self.put(a=1, b=1)
        self.site("fra", "127.0.15.1")
        self.site("iad", "127.0.15.2")
        zones = "    services: { www: { policy: [weighted], endpoints: { fra: 127.0.15.1, iad: 127.0.15.2 } } }"
        feed = 'feeds: { fra: { site: fra, page: "http://127.0.0.1:%d/gslb/status.json", interval: 500ms } }' % self.admin
        server = self.gslbd(self.config(zones=zones, more=feed))

        def weight():
            told = json.loads(server.ctl("states", json=True).stdout)["services"][0]["endpoints"]
            return next(e["weight"] / e["configured"] for e in told if e["address"] == "127.0.15.1")

        self.wait_for(lambda: self.shares(3) and weight() == 1, 10, "all is well")
        self.backends["a"].failing = True
        self.wait_for(lambda: self.shares(5) and abs(weight() - 0.5) < 0.01, 30, "half of the site is left")


if __name__ == "__main__":
    unittest.main()
