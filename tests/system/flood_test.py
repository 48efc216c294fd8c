"""A flood of queries that carry a victim's address, over a real wire between two network namespaces. Needs root.

What comes out towards the victim must not be more than what the attacker puts in, and a real resolver in the victim's
network must still get every answer over TCP.
"""
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

import dns.exception
import dns.flags
import dns.message
import dns.query
from lab import Lab
from netns_test import checksum, inside, ip

SERVER, GATEWAY, VICTIM = "192.0.2.1", "192.0.2.2", "203.0.113.5"
PORT = 53
RATE = 12_000  # queries a second
SECONDS = 13
NAME = "ttt.example.org"  # a query for it has 44 octets

COUNTERS = """
table inet flood {
  counter asked {}
  counter answered {}
  chain in { type filter hook input priority 0; udp dport 53 counter name asked; }
  chain out { type filter hook output priority 0; udp sport 53 counter name answered; }
}
"""


def forged(query, number):
    """An IPv4 packet with the query, from one of the victim's addresses."""
    source = socket.inet_aton("203.0.113.%d" % (number % 256))
    udp = struct.pack(">HHHH", 1024 + number % 60000, PORT, 8 + len(query), 0)
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 28 + len(query), 0, 0, 64, 17, 0, source, socket.inet_aton(SERVER)
    )
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + udp + query


class Flood(Lab):
    def setUp(self):
        super().setUp()
        self.server_ns, self.client_ns = "gslb-v%d" % os.getpid(), "gslb-a%d" % os.getpid()
        for namespace in (self.server_ns, self.client_ns):
            ip("netns", "add", namespace)
            self.addCleanup(ip, "netns", "del", namespace)
        pair = ("type", "veth", "peer", "name", "wire", "netns", self.client_ns)
        ip("link", "add", "wire", "netns", self.server_ns, *pair)
        for namespace, address in ((self.server_ns, SERVER), (self.client_ns, GATEWAY)):
            ip("-n", namespace, "address", "add", address + "/24", "dev", "wire")
            ip("-n", namespace, "link", "set", "wire", "up")
            ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", self.client_ns, "address", "add", VICTIM + "/32", "dev", "lo")
        ip("-n", self.server_ns, "route", "add", "203.0.113.0/24", "via", GATEWAY)
        self.nft("-f", "-", text=COUNTERS)

    def nft(self, *arguments, text=None):
        command = ("ip", "netns", "exec", self.server_ns, "nft") + arguments
        return subprocess.run(command, input=text, text=True, check=True, capture_output=True).stdout

    def payload(self):
        """Octets of DNS that went in and out so far."""
        found = {}
        for item in json.loads(self.nft("-j", "list", "counters"))["nftables"]:
            if "counter" in item:
                found[item["counter"]["name"]] = item["counter"]["bytes"] - 28 * item["counter"]["packets"]
        return found["asked"], found["answered"]

    def attack(self, ends):
        with inside(self.client_ns):
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        with raw:
            query = dns.message.make_query(NAME, "TXT", use_edns=0, payload=4096).to_wire()
            self.assertEqual(len(query), 44)
            packets = [forged(query, random.randrange(1 << 16)) for _ in range(4096)]
            start, sent = time.monotonic(), 0
            while time.monotonic() < ends:
                due = int((time.monotonic() - start) * RATE)
                while sent < due:
                    raw.sendto(packets[sent % len(packets)], (SERVER, 0))
                    sent += 1
                time.sleep(0.001)

    def resolve(self):
        """As a resolver does: over UDP, again if nothing comes, over TCP if the reply says so. -> took TCP"""
        with inside(self.client_ns):
            query = dns.message.make_query(NAME, "TXT", use_edns=0)
            for _ in range(20):
                try:
                    reply = dns.query.udp(query, SERVER, timeout=0.2, source=VICTIM)
                except dns.exception.Timeout:
                    continue
                if not reply.flags & dns.flags.TC:
                    self.assertEqual(len(reply.answer[0]), 5)
                    return False
                reply = dns.query.tcp(query, SERVER, timeout=3, source=VICTIM)
                self.assertEqual(len(reply.answer[0]), 5)
                return True
        self.fail("twenty tries over UDP, and not one reply")
        return False

    def test_no_more_octets_come_out_than_go_in_and_a_real_resolver_gets_every_answer(self):
        text = ", ".join('"%s"' % (("%02d" % i) * 90) for i in range(5))
        zone = "  %s: { ns: [ns1.example.org.], records: { '@': { TXT: [%s] } } }" % (NAME, text)
        self._port = PORT
        with inside(self.server_ns):
            self.gslbd(self.config(zones="    records: {}", more=zone, listen=SERVER + ":{port}"), wait=False)

        def reachable():
            with inside(self.client_ns):
                try:
                    return bool(dns.query.tcp(dns.message.make_query(NAME, "SOA"), SERVER, timeout=1).answer)
                except (OSError, dns.exception.DNSException):
                    return False

        self.wait_for(reachable, 20, "gslbd answers over the wire")
        ends = time.monotonic() + SECONDS
        attacker = threading.Thread(target=self.attack, args=(ends,))
        attacker.start()
        self.addCleanup(attacker.join)
        onset = time.monotonic()
        samples, resolved, over_tcp = [], 0, 0
        while time.monotonic() < ends - 0.5:
            if time.monotonic() - onset >= 1 + len(samples):
                samples.append(self.payload())
            over_tcp += self.resolve()
            resolved += 1
        attacker.join()
        self.assertGreaterEqual(len(samples), 11)
        for first, last in zip(samples, samples[10:]):
            asked, answered = last[0] - first[0], last[1] - first[1]
            print("10 s: %d octets in, %d out: %.2f" % (asked, answered, answered / asked))
            self.assertGreater(asked, 10 * 10_000 * 44, "the flood is as heavy as it should be")
            self.assertLessEqual(answered, asked)
        print("%d resolutions in the victim's network, %d of them over TCP" % (resolved, over_tcp))
        self.assertGreater(over_tcp, 0)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIPPED: network namespaces need root")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    unittest.main()
