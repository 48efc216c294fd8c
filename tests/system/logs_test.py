"""Hostile input over every transport leaves next to nothing in the log, and nothing that a terminal would obey."""
import random
import socket
import ssl
import struct
import warnings

import dns.message
from dot_test import WithTls
from lab import free_port, read, unittest
from transport_test import ZONES

EVIL = b"\x1b]0;owned\x07\r\n<0>error: all is lost\n\xff\xfe\x00"
MOST_LINES = 20  # of all that was sent here; each kind of warning comes once a minute and worker


class HostileLogs(WithTls):
    def setUp(self):
        super().setUp()
        self.random = random.Random(7)
        self.proxy_port = free_port()

    def start(self, more=""):
        proxied = "127.0.0.1:%d" % self.proxy_port
        listen = '"127.0.0.1:{port}", "%s"' % proxied
        tls = "tls: { listen: 127.0.0.1:%d, certificate: ns1.pem, key: ns1.key, handshake: 1s }" % self.tls_port
        proxy = "proxy: { listen: %s, from: 127.0.0.0/8 }" % proxied
        tcp = "tcp: { connections: 32, per_prefix: 16, idle: 1s }"
        config = self.config(zones=ZONES, listen=listen, more="\n".join((tcp, tls, proxy, more)))
        server = self.gslbd(config)
        return server, len(read(server.log))

    def garbage(self, size=None):
        return EVIL + bytes(self.random.randrange(256) for _ in range(size or self.random.randrange(200)))

    def queries(self):
        """Sound but for one octet each, with names that no terminal should see."""
        wire = bytearray(dns.message.make_query("www.gslb.example.org", "A", use_edns=0).to_wire())
        for at in range(len(wire)):
            changed = bytearray(wire)
            changed[at] = 0x1B
            yield bytes(changed)
        name = bytes([len(EVIL)]) + EVIL + b"\x04gslb\x07example\x03org\x00"
        yield struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + name + struct.pack(">HH", 1, 1)

    def stream(self, port, payload, tls=None):
        """Sends it on a connection of its own and is gone."""
        try:
            plain = socket.create_connection(("127.0.0.1", port), 2)
            with tls.wrap_socket(plain) if tls else plain as channel:
                channel.sendall(payload)
                channel.settimeout(0.05)
                channel.recv(4096)
        except OSError:
            pass  # closed at once is as good

    def attack(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for port in (self.port, self.proxy_port):
                for _ in range(500):
                    udp.sendto(self.garbage(), ("127.0.0.1", port))
                for wire in self.queries():
                    udp.sendto(wire, ("127.0.0.1", port))
        held = [socket.create_connection(("127.0.0.1", self.port), 2) for _ in range(60)]  # more than there is room for
        context = self.context("dot", "h2")
        for _ in range(40):
            self.stream(self.port, self.garbage())
            self.stream(self.proxy_port, b"\r\n\r\n\0\r\nQUIT\n" + self.garbage())
            self.stream(self.tls_port, self.garbage())
            self.stream(self.tls_port, b"\x16\x03\x01\x02\x00" + self.garbage(512))
            self.stream(self.tls_port, self.garbage(), context)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        for _ in range(20):
            self.stream(self.tls_port, b"", old)
        for connection in held:
            connection.close()

    def check(self, server, before):
        self.wait_for(lambda: self.try_ask("gslb.example.org", "SOA") is not None, 10, "it still answers")
        with open(server.log, "rb") as f:
            added = f.read()[before:]
        self.assertLessEqual(added.count(b"\n"), MOST_LINES, added[:4000])
        for octet in added.replace(b"\n", b""):
            self.assertTrue(0x20 <= octet < 0x7F, (octet, added))
        return added

    def test_the_log_of_an_attack_is_short_and_printable(self):
        server, before = self.start()
        self.attack()
        self.check(server, before)

    def test_so_is_that_of_names_which_the_log_would_quote(self):
        server, before = self.start("log: { level: debug }")
        self.attack()
        self.check(server, before)

    def test_and_of_requests_to_the_control_socket(self):
        server, before = self.start()
        for i in range(200):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(server.socket)
                s.sendall(self.garbage() if i % 2 else b"GET /v1/zone?name=%1b%5d0%0a%0d HTTP/1.1\r\nHost: x\r\n\r\n")
                s.settimeout(0.2)
                try:
                    s.recv(4096)
                except OSError:
                    pass
        self.check(server, before)

    def test_the_check_can_fail(self):
        server, before = self.start()
        with open(server.log, "ab") as f:
            f.write(EVIL)
        with self.assertRaises(AssertionError):
            self.check(server, before)


if __name__ == "__main__":
    unittest.main()
