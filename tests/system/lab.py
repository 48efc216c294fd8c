"""A small world for system tests: the real gslbd, real balancers as sites, real questions over the network.

Everything runs on loopback with ports that were free a moment ago, in a temporary folder, and ends with its test.
GSLB_BIN names the folder of the programs (default build/release/bin).
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.path.realpath(os.environ.get("GSLB_BIN") or os.path.join(ROOT, "build", "release", "bin"))
COUNTRIES = os.path.join(ROOT, "geo", "data", "dbip-country.mmdb")
GERMANY, BRAZIL, JAPAN = "85.214.132.0/24", "200.147.3.0/24", "133.242.0.0/24"


def free_port():
    """A port that is free for UDP and TCP, on every address of both families."""
    for _ in range(100):
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as tcp, socket.socket(
            socket.AF_INET6, socket.SOCK_DGRAM
        ) as udp:
            tcp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            tcp.bind(("::", 0))
            try:
                udp.bind(("::", tcp.getsockname()[1]))
            except OSError:
                continue
            return tcp.getsockname()[1]
    raise RuntimeError("no free port")


def query(name, rtype="A", subnet=None, payload=1232):
    options = []
    if subnet:
        address, length = subnet.split("/")
        options.append(dns.edns.ECSOption(address, int(length)))
    return dns.message.make_query(name, rtype, use_edns=0, payload=payload, options=options)


def addresses(reply):
    """The addresses in the answer section, sorted."""
    kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return sorted(r.address for rrset in reply.answer if rrset.rdtype in kinds for r in rrset)


def read(path):
    with open(path, errors="replace") as f:
        return f.read()


class Process:
    """A program in the foreground whose output goes to a file."""

    def __init__(self, folder, name, command):
        self.name, self.command, self.log = name, command, os.path.join(folder, name + ".log")
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def freeze(self):
        """Still there for the kernel, silent for everybody else: connections are taken, and nothing answers."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)  # on a busy machine a thread may run on until then

    def thaw(self):
        self.signal(signal.SIGCONT)

    def stop(self, grace=10):
        """Ends it. -> its exit status"""
        if self.running():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode if self.process else None


HAPROXY = """
global
  maxconn 200
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend site
  bind {address}:{port}
  http-request return status 200 content-type text/plain string "ok\\n" if {{ path /healthz }}
  http-request return status 200 content-type text/plain string "{name}\\n"
"""
NGINX = """
daemon off; master_process off; pid {folder}/{name}.pid; error_log stderr warn;
events {{ worker_connections 200; }}
http {{
  access_log off;
  client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy; fastcgi_temp_path {folder}/{name}-fcgi;
  uwsgi_temp_path {folder}/{name}-uwsgi; scgi_temp_path {folder}/{name}-scgi;
  default_type text/plain;
  server {{
    listen {address}:{port};
    location = /healthz {{ return 200 "ok\\n"; }}
    location / {{ return 200 "{name}\\n"; }}
  }}
}}
"""


class Site(Process):
    """A site: a real balancer with a health page at /healthz and its name everywhere else."""

    def __init__(self, folder, name, address, port, balancer="haproxy"):
        path = os.path.join(folder, "%s.%s" % (name, balancer))
        template = {"haproxy": HAPROXY, "nginx": NGINX}[balancer]
        with open(path, "w") as f:
            f.write(template.format(folder=folder, name=name, address=address, port=port))
        options = ["-db", "-f"] if balancer == "haproxy" else ["-e", "stderr", "-c"]
        super().__init__(folder, name, [program(balancer), *options, path])
        self.address, self.port = address, port

    def answers(self):
        try:
            with socket.create_connection((self.address, self.port), 1) as s:
                s.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b" 200 " in s.recv(4096)
        except OSError:
            return False


class Gslbd(Process):
    def __init__(self, folder, config, port, arguments=(), before=()):
        self.config, self.port = os.path.join(folder, "gslb.yaml"), port
        self.socket = os.path.join(folder, "control.sock")
        self.write(config)
        super().__init__(folder, "gslbd", [*before, os.path.join(BIN, "gslbd"), "--config", self.config, *arguments])

    def write(self, config):
        """Replaces the configuration as an editor does."""
        with open(self.config + ".new", "w") as f:
            f.write(config)
        os.rename(self.config + ".new", self.config)

    def ctl(self, *arguments, json=False):
        command = [os.path.join(BIN, "gslbctl"), "--socket", self.socket, *(["--json"] if json else []), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def ask(port, name, rtype="A", subnet=None, tcp=False, address="127.0.0.1", timeout=2.0, payload=1232):
    request = query(name, rtype, subnet, payload)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(request, address, port=port, timeout=timeout)


def program(name):
    """The path of a program, those for root too. None if it is not there"""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Lab(unittest.TestCase):
    """Gives each test a folder, free ports, and an end to everything that it started."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gslb-system-")
        self.processes = []
        self.site_port = free_port()
        self.addCleanup(self._end)

    def _end(self):
        for process in reversed(self.processes):
            process.stop()
        outcome = self._outcome.result
        if any(test is self for test, _ in [*outcome.failures, *outcome.errors]):
            for process in self.processes:
                sys.stderr.write("---- %s\n%s" % (process.log, "".join(read(process.log).splitlines(True)[-40:])))
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """A file in the test's folder, with the folders it needs. -> its path"""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def run_process(self, process):
        self.processes.append(process)
        return process.start()

    def site(self, name, address, balancer="haproxy"):
        site = self.run_process(Site(self.folder, name, address, self.site_port, balancer))
        self.wait_for(site.answers, 10, "%s answers on %s:%d" % (name, address, self.site_port))
        return site

    def etcd(self, client):
        """A store of one member, with its data in the test's folder. @param client: its port -> Process"""
        peer = free_port()
        url, peers = "http://127.0.0.1:%d" % client, "http://127.0.0.1:%d" % peer
        command = [program("etcd"), "--name", "one", "--data-dir", self.path("etcd-data"), "--log-level", "error"]
        command += ["--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peers]
        command += ["--initial-advertise-peer-urls", peers, "--initial-cluster", "one=" + peers]
        return self.run_process(Process(self.folder, "etcd", command))

    def sites(self):
        """Three of them: two HAProxy, one nginx. -> {name: Site}"""
        return {
            "fra": self.site("fra", "127.0.11.1"),
            "iad": self.site("iad", "127.0.11.2"),
            "gru": self.site("gru", "127.0.11.3", "nginx"),
        }

    def config(
        self,
        zones=None,
        policy="[priority: [fra, iad, gru], take: 1]",
        monitor=None,
        listen="127.0.0.1:{port}",
        geo="",
        more="",
        serial=1,
    ):
        """The configuration of most tests: service www of three sites, probed five times a second."""
        monitor = (
            monitor
            or "{ http: /healthz, port: %d, interval: 200ms, timeout: 150ms, fall: 2, rise: 2 }" % self.site_port
        )
        return """
listen: [{listen}]
control: {{ socket: {folder}/control.sock }}
state: {folder}/state
{geo}
sites:
  fra: {{ at: [50.11, 8.68] }}
  iad: {{ at: [39.04, -77.49] }}
  gru: {{ at: [-23.55, -46.63] }}
monitors: {{ web: {monitor} }}
defaults: {{ ttl: 5s, slowstart: 0s, monitor: web, policy: {policy} }}
zones:
  gslb.example.org:
    ns: [ns1.example.org., ns2.example.org.]
    soa: {{ serial: {serial} }}
{zones}
{more}
""".format(
            listen=listen.format(port=self.port),
            folder=self.folder,
            geo=geo,
            monitor=monitor,
            policy=policy,
            serial=serial,
            more=more,
            zones=zones
            or "    services: { www: { endpoints: { fra: 127.0.11.1, iad: 127.0.11.2, gru: 127.0.11.3 } } }",
        )

    _port = None

    @property
    def port(self):
        self._port = self._port or free_port()
        return self._port

    def gslbd(self, config=None, arguments=(), before=(), wait=True):
        if not os.access(os.path.join(BIN, "gslbd"), os.X_OK):
            sys.exit("no gslbd in %s: cmake --preset release && cmake --build --preset release" % BIN)
        os.makedirs(os.path.join(self.folder, "state"), exist_ok=True)
        server = self.run_process(Gslbd(self.folder, config or self.config(), self.port, arguments, before))
        if wait:
            self.wait_for(lambda: self.try_ask("gslb.example.org", "SOA") is not None, 30, "gslbd answers")
        return server

    def ask(self, name="www.gslb.example.org", rtype="A", **options):
        return ask(self.port, name, rtype, **options)

    def try_ask(self, name="www.gslb.example.org", rtype="A", **options):
        """The reply, or None if there is none soon."""
        if self.processes and not self.processes[-1].running():
            self.fail("%s ended:\n%s" % (self.processes[-1].name, read(self.processes[-1].log)))
        try:
            return self.ask(name, rtype, timeout=options.pop("timeout", 0.3), **options)
        except (OSError, dns.exception.DNSException):
            return None

    def answer(self, subnet=None, name="www.gslb.example.org"):
        """The addresses of www, [] without a reply."""
        reply = self.try_ask(name, subnet=subnet)
        return addresses(reply) if reply is not None else []

    def serial(self):
        reply = self.try_ask("gslb.example.org", "SOA")
        return reply.answer[0][0].serial if reply is not None and reply.answer else None

    def wait_for(self, condition, seconds, what):
        """Waits until the condition holds. -> seconds it took; fails after `seconds`"""
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > seconds:
                self.fail("after %.1f s still not: %s" % (seconds, what))
            time.sleep(0.01)
        return time.monotonic() - start

    def wait_answer(self, address, seconds, subnet=None):
        return self.wait_for(lambda: self.answer(subnet) == [address], seconds, "www is %s" % address)
