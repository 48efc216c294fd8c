"""How long after its failure is an endpoint still in the answers of three name servers alike that judge together?

Each of some services has an endpoint of its own at a site without a vantage, and another elsewhere. Endpoints fail at
random moments, and every name server is asked for all of them every few milliseconds. The promise, for each of them:

    fall x interval x (1 + jitter) [+ timeout where the endpoint is silent] + 250 ms at p99, + 1 s always
"""
import select
import socket
import struct
import time

from fleet import Fleet
from lab import Site
from namespaces import inside, ip

FALL, JITTER = 3, 0.1
TICK = 0.01


def question(number, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", number, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


class Withdrawal(Fleet):
    nodes = {"fra-1": "fra", "iad-1": "iad", "gru-1": "gru"}
    probers = {}
    places = {"fra": "192.0.2.101", "iad": "192.0.2.102", "gru": "192.0.2.103", "sin": "192.0.2.104"}
    interval, timeout = 0.3, 0.15
    services = 10

    def setUp(self):
        self.monitor = "{ http: /healthz, port: 80, interval: %dms, timeout: %dms, fall: %d, rise: 1, jitter: %g }" % (
            self.interval * 1000,
            self.timeout * 1000,
            FALL,
            JITTER,
        )
        self.endpoints = ["198.51.100.%d" % (i + 1) for i in range(self.services)]
        # Endpoints that fail again and again would be kept away for longer, by damping.
        services = "".join(
            "      s%d: { policy: [priority: [sin, iad], take: 1], damping: none,"
            " endpoints: { sin: %s, iad: 192.0.2.102 } }\n" % pair
            for pair in enumerate(self.endpoints)
        )
        self.more = "  many.example.org:\n    ns: [ns1.example.org.]\n    services:\n" + services + "rate_limit: none\n"
        super().setUp()
        for name in [*self.nodes, "sin"]:
            ip("-n", self.tag + name, "route", "add", "198.51.100.0/24", "dev", "eth0")
        self.servers = []
        for i, address in enumerate(self.endpoints):
            ip("-n", self.tag + "sin", "address", "add", address + "/32", "dev", "eth0")
            with inside(self.tag + "sin"):
                self.servers.append(self.run_process(Site(self.folder, "sin%d" % i, address, 80, "nginx")))
        with inside(self.tag + "sin"):
            for server in self.servers:
                self.wait_for(server.answers, 10, server.name + " answers")
        self.sockets = {}
        for node in self.nodes:
            with inside(self.tag + node):
                self.sockets[node] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[node].connect((self.addresses[node], 53))
            self.sockets[node].setblocking(False)
            self.addCleanup(self.sockets[node].close)
        self.start()
        for node in self.nodes:
            for other in self.nodes:
                if other != node:
                    self.wait_for(lambda m=self.members[node], o=other: m.hears(o), 20, node + " hears " + other)
        self.wait_all_back()

    def look(self, wanted):
        """Asks each name server for the services wanted of it, {node: numbers}. -> {(node, service): address}"""
        waiting, found = set(), {}
        for node, numbers in wanted.items():
            for i in numbers:
                try:
                    self.sockets[node].send(question(i, "s%d.many.example.org" % i))
                    waiting.add((node, i))
                except OSError:
                    pass
        end = time.monotonic() + 0.5
        by_socket = {s: node for node, s in self.sockets.items()}
        while waiting and time.monotonic() < end:
            for ready in select.select(list(by_socket), [], [], 0.05)[0]:
                try:
                    reply = ready.recv(4096)
                except OSError:
                    continue
                number, _, _, answers = struct.unpack_from("!HHHH", reply)
                key = (by_socket[ready], number)
                waiting.discard(key)
                if answers == 1:
                    found[key] = socket.inet_ntoa(reply[-4:])
        return found

    def wait_all_back(self):
        everything = {node: range(self.services) for node in self.nodes}
        self.wait_for(
            lambda: sum(a == self.endpoints[i] for (_, i), a in self.look(everything).items())
            == self.services * len(self.nodes),
            60,
            "every name server answers with every endpoint",
        )

    def strike(self, i, kind):
        if kind == "silent":
            self.servers[i].freeze()
        else:
            self.servers[i].process.kill()
            self.servers[i].process.wait()

    def mend(self, i, kind):
        if kind == "silent":
            self.servers[i].thaw()
        else:
            with inside(self.tag + "sin"):
                self.servers[i].start()

    def round(self, kind, randomly):
        """All endpoints fail within two intervals. -> seconds from each failure to each name server's new answer"""
        begin = time.monotonic()
        due = {i: begin + randomly.uniform(0, 2 * self.interval) for i in range(self.services)}
        failed, taken = {}, {}
        limit = begin + 2 * self.interval + 10 * self.bound(kind)
        while len(taken) < self.services * len(self.nodes):
            if time.monotonic() > limit:
                late = ["s%d at %s" % (i, n) for n in self.nodes for i in failed if (n, i) not in taken]
                raise AssertionError("still in the answers: " + ", ".join(late))
            tick = time.monotonic()
            for i in [i for i, when in due.items() if when <= tick]:
                del due[i]
                failed[i] = time.monotonic()
                self.strike(i, kind)
            wanted = {node: [i for i in failed if (node, i) not in taken] for node in self.nodes}
            for (node, i), address in self.look(wanted).items():
                if address != self.endpoints[i]:
                    taken[node, i] = time.monotonic() - failed[i]
            time.sleep(max(0, tick + TICK - time.monotonic()))
        for i in range(self.services):
            self.mend(i, kind)
        self.wait_all_back()
        return list(taken.values())

    def bound(self, kind):
        """Without what is allowed beyond it."""
        return FALL * self.interval * (1 + JITTER) + (self.timeout if kind == "silent" else 0)
