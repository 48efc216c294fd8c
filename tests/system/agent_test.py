"""What gslbd says to HAProxy's agent-check, and what a real HAProxy makes of it."""
import csv
import os
import socket
import time

from lab import Lab, Process, free_port, program, shutil, unittest

BALANCER = """
global
  stats socket {folder}/admin.sock mode 660 level admin
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
  default-server check inter 200ms agent-check agent-inter 200ms agent-addr 127.0.0.1 agent-port {agent}
backend sites
  server fra 127.0.11.1:{port} agent-send "www/fra\\n"
  server iad 127.0.11.2:{port} agent-send "www/iad\\n"
  server odd 127.0.11.2:{port} agent-send "shop/fra\\n"
backend own
  server web1 127.0.11.1:{port} agent-send "local www/fra\\n"
frontend any
  bind 127.0.0.1:{front}
  default_backend sites
"""
SERVICES = """    services:
      www: { ttl: 1s, policy: [weighted], endpoints: { fra: 127.0.11.1, iad: 127.0.11.2 } }"""


class Agent(Lab):
    def setUp(self):
        super().setUp()
        self.agent = free_port()
        self.fra = self.site("fra", "127.0.11.1")
        self.site("iad", "127.0.11.2", "nginx")
        more = "agent: 127.0.0.1:%d\n" % self.agent
        self.server = self.gslbd(self.config(SERVICES, more=more))
        self.wait_for(lambda: self.answer() != [], 10, "gslbd answers")
        text = BALANCER.format(folder=self.folder, agent=self.agent, port=self.site_port, front=free_port())
        self.write("lb.cfg", text)
        self.run_process(Process(self.folder, "lb", [program("haproxy"), "-db", "-f", self.path("lb.cfg")]))
        self.wait_for(lambda: self.state("sites", "iad")[0] == "UP", 10, "HAProxy finds the sites well")

    def state(self, backend, server):
        """Status and weight of a server, as HAProxy says."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(os.path.join(self.folder, "admin.sock"))
                s.sendall(b"show stat\n")
                text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
        except OSError:
            return "", 0
        for row in csv.DictReader(text.lstrip("# ").splitlines()):
            if (row["pxname"], row["svname"]) == (backend, server):
                return row["status"], int(row["uweight"])
        return "", 0

    def wait_state(self, backend, server, status, seconds=10):
        what = "%s/%s is %s" % (backend, server, status)
        self.wait_for(lambda: self.state(backend, server)[0].startswith(status), seconds, what)

    def test_one_drain_drains_at_both_levels_dns_first(self):
        began = time.monotonic()
        self.assertEqual(self.server.ctl("drain", "fra", "--for", "1h", "--reason", "kernel").returncode, 0)
        self.wait_answer("127.0.11.2", 5)
        self.wait_state("sites", "fra", "DRAIN")
        self.assertEqual(self.state("own", "web1")[0], "UP")
        # The TTL of a second, and thirty of resolvers that keep answers longer.
        self.wait_state("own", "web1", "DRAIN", 60)
        self.assertGreaterEqual(time.monotonic() - began, 30)
        self.assertEqual(self.state("sites", "iad")[0], "UP")
        self.server.ctl("undrain", "fra")
        self.wait_state("sites", "fra", "UP")
        self.wait_state("own", "web1", "UP")

    def test_what_gslbd_finds_down_is_down_at_the_balancer_too_and_comes_back(self):
        self.server.ctl("force", "down", "fra", "--for", "1h", "--reason", "test")
        self.wait_state("sites", "fra", "DOWN (agent)")
        self.assertEqual(self.state("own", "web1")[0], "UP")
        self.server.ctl("force", "auto", "fra")
        self.wait_state("sites", "fra", "UP")

    def test_a_remark_changes_nothing(self):
        time.sleep(1)  # several questions of the agent
        self.assertEqual(self.state("sites", "odd")[0], "UP")
        self.server.stop()
        time.sleep(1)
        self.assertEqual(self.state("sites", "fra")[0], "UP")

    def test_it_is_a_line_for_a_line(self):
        with socket.create_connection(("127.0.0.1", self.agent), 5) as s:
            s.sendall(b"www/fra\r\n")
            self.assertEqual(b"".join(iter(lambda: s.recv(4096), b"")), b"ready up 100%\n")


if __name__ == "__main__":
    unittest.main()
