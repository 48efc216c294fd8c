"""Two network namespaces and a wire between them: what a forged ICMP message must not do. Needs root.

An attacker who makes a server fragment its UDP replies can put a second fragment of his own in their place. gslbd
ignores "packet too big", and its replies fit every path.
"""
import contextlib
import os
import socket
import struct
import time

import dns.message
from lab import Lab, query
from namespaces import inside, ip, main

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"
PORT = 53


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def too_big(mtu, server_port, client_port):
    """ICMP type 3 code 4 (RFC 1191), about a reply of the server to the client that never was too big."""
    udp = struct.pack(">HHHH", server_port, client_port, 1208, 0)
    inner = (
        struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, 1228, 1, 0x4000, 64, 17, 0, socket.inet_aton(SERVER), socket.inet_aton(CLIENT)
        )
        + udp
    )
    body = struct.pack(">BBHHH", 3, 4, 0, 0, mtu) + inner
    return body[:2] + struct.pack(">H", checksum(body)) + body[4:]


class ForgedIcmp(Lab):
    def setUp(self):
        super().setUp()
        self.server_ns, self.client_ns = "gslb-s%d" % os.getpid(), "gslb-c%d" % os.getpid()
        for namespace in (self.server_ns, self.client_ns):
            ip("netns", "add", namespace)
            self.addCleanup(ip, "netns", "del", namespace)
        ip(
            "link",
            "add",
            "wire",
            "netns",
            self.server_ns,
            "type",
            "veth",
            "peer",
            "name",
            "wire",
            "netns",
            self.client_ns,
        )
        for namespace, address in ((self.server_ns, SERVER), (self.client_ns, CLIENT)):
            ip("-n", namespace, "address", "add", address + "/24", "dev", "wire")
            ip("-n", namespace, "link", "set", "wire", "up")
            ip("-n", namespace, "link", "set", "lo", "up")
        with inside(self.client_ns):
            self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.client.bind((CLIENT, 0))
            self.icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
            self.wire.bind(("wire", 0x0800))
        for s in (self.client, self.icmp, self.wire):
            self.addCleanup(s.close)
        self.client.settimeout(3)

    def forge(self, server_port):
        for _ in range(3):
            self.icmp.sendto(too_big(576, server_port, self.client.getsockname()[1]), (SERVER, 0))
        time.sleep(0.1)

    def fragments(self):
        """How many pieces of fragmented packets came from the server since last asked."""
        count = 0
        self.wire.settimeout(0.3)
        with contextlib.suppress(socket.timeout):
            while True:
                packet, sender = self.wire.recvfrom(65535)
                fragment = struct.unpack(">H", packet[6:8])[0] & 0x3FFF
                count += packet[12:16] == socket.inet_aton(SERVER) and fragment != 0
        return count

    def test_the_forged_message_works_on_an_ordinary_socket(self):
        with inside(self.server_ns):
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind((SERVER, PORT))
        server.sendto(b"x" * 1200, self.client.getsockname())
        self.assertEqual(len(self.client.recv(4096)), 1200)
        self.assertEqual(self.fragments(), 0)
        self.forge(PORT)
        server.sendto(b"x" * 1200, self.client.getsockname())
        self.assertEqual(len(self.client.recv(4096)), 1200)
        self.assertGreater(self.fragments(), 1)

    def test_gslbd_ignores_it_and_sends_no_fragment(self):
        text = ", ".join('"%s"' % (("%02d" % i) * 90) for i in range(5))
        zones = "    records: { wide: { TXT: [%s] } }" % text
        self._port = PORT
        with inside(self.server_ns):
            self.gslbd(self.config(zones=zones, listen=SERVER + ":{port}"), wait=False)
        self.wait_for(lambda: self.wide() is not None, 20, "gslbd answers over the wire")
        self.assertEqual(self.fragments(), 0)
        self.forge(PORT)
        for _ in range(5):
            size = self.wide()
            self.assertGreater(size, 900)
            self.assertLessEqual(size, 1232)
        self.assertEqual(self.fragments(), 0)

    def wide(self):
        """Octets of the reply with the long record, or None."""
        self.client.settimeout(0.5)
        try:
            self.client.sendto(query("wide.gslb.example.org", "TXT", payload=4096).to_wire(), (SERVER, PORT))
            wire = self.client.recv(65535)
        except OSError:
            return None
        reply = dns.message.from_wire(wire)
        self.assertEqual(len(reply.answer[0]), 5)
        return len(wire)


if __name__ == "__main__":
    main()
