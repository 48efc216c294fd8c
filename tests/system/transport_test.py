"""UDP and TCP as clients with every habit use them."""
import socket
import struct
import time

import dns.flags
import dns.message
import dns.rcode
from lab import Lab, addresses, query, unittest

ZONES = """    services: {{ www: {{ monitor: none, endpoints: {{ fra: 192.0.2.10, iad: 192.0.2.20, gru: 192.0.2.30 }} }} }}
    records:
      big: {{ TXT: [{strings}] }}
""".format(
    strings=", ".join('"%s"' % (("%02d" % i) * 100) for i in range(30))
)


def framed(message):
    wire = message.to_wire()
    return struct.pack(">H", len(wire)) + wire


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError("closed after %d of %d octets" % (len(data), count))
        data += more
    return data


def reply_from(connection):
    return dns.message.from_wire(receive(connection, struct.unpack(">H", receive(connection, 2))[0]))


class Udp(Lab):
    def test_a_wildcard_socket_replies_from_the_address_that_was_asked(self):
        self.gslbd(self.config(zones=ZONES, listen='"0.0.0.0:{port}", "[::]:{port}"'))
        for family, asked in (
            (socket.AF_INET, "127.0.0.1"),
            (socket.AF_INET, "127.0.0.2"),
            (socket.AF_INET, "127.9.8.7"),
            (socket.AF_INET6, "::1"),
        ):
            with socket.socket(family, socket.SOCK_DGRAM) as client:
                client.settimeout(3)
                client.sendto(query("www.gslb.example.org").to_wire(), (asked, self.port))
                wire, sender = client.recvfrom(4096)
                self.assertEqual(sender[:2], (asked, self.port))
                self.assertEqual(addresses(dns.message.from_wire(wire)), ["192.0.2.10"])

    def test_a_long_answer_is_truncated_to_whole_rrsets_and_whole_over_tcp(self):
        self.gslbd(self.config(zones=ZONES))
        for payload in (512, 1232, 4096):
            reply = self.ask("big.gslb.example.org", "TXT", payload=payload)
            self.assertTrue(reply.flags & dns.flags.TC)
            self.assertEqual(reply.answer, [])
            self.assertLessEqual(len(reply.to_wire()), min(payload, 1232))
        whole = self.ask("big.gslb.example.org", "TXT", tcp=True)
        self.assertFalse(whole.flags & dns.flags.TC)
        self.assertEqual(len(whole.answer[0]), 30)

    def test_octets_that_are_no_query_get_no_answer_or_formerr_and_hurt_nobody(self):
        self.gslbd(self.config(zones=ZONES))
        good = query("www.gslb.example.org").to_wire()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", self.port))
            for size in range(len(good)):
                client.send(good[:size])
            client.send(b"\xff" * 1400)
            client.settimeout(0.3)
            try:
                while True:
                    wire = client.recv(4096)
                    self.assertEqual(wire[3] & 15, dns.rcode.FORMERR)
            except socket.timeout:
                pass
        self.assertEqual(self.answer(), ["192.0.2.10"])


class Tcp(Lab):
    """RFC 7766."""

    def setUp(self):
        super().setUp()
        self.gslbd(self.config(zones=ZONES, more="tcp: { idle: 2s, connections: 20 }"))

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), 5)
        self.addCleanup(connection.close)
        return connection

    def test_many_queries_in_one_segment_are_all_answered(self):
        connection = self.connect()
        asked = [query("www.gslb.example.org") for _ in range(50)]
        connection.sendall(b"".join(framed(q) for q in asked))
        got = {reply_from(connection).id for _ in asked}
        self.assertEqual(got, {q.id for q in asked})

    def test_a_query_may_arrive_octet_by_octet(self):
        connection = self.connect()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in framed(query("www.gslb.example.org")) + framed(query("gslb.example.org", "NS")):
            connection.send(bytes([octet]))
            time.sleep(0.002)
        self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
        self.assertEqual(len(reply_from(connection).answer[0]), 2)

    def test_a_client_that_only_half_closes_still_gets_its_answers(self):
        connection = self.connect()
        connection.sendall(framed(query("www.gslb.example.org")) + framed(query("big.gslb.example.org", "TXT")))
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
        self.assertEqual(len(reply_from(connection).answer[0]), 30)
        self.assertEqual(connection.recv(1), b"")

    def test_an_idle_connection_is_closed(self):
        connection = self.connect()
        start = time.monotonic()
        connection.settimeout(15)
        self.assertEqual(connection.recv(1), b"")
        self.assertGreater(time.monotonic() - start, 1)

    def test_a_started_query_does_not_hold_a_connection_for_ever(self):
        connection = self.connect()
        connection.sendall(framed(query("www.gslb.example.org"))[:7])
        connection.settimeout(15)
        self.assertEqual(connection.recv(1), b"")

    def test_beyond_the_limit_the_longest_idle_connections_give_way_to_new_ones(self):
        idle = [self.connect() for _ in range(60)]
        closed, deadline = 0, time.monotonic() + 10
        for connection in idle:
            connection.setblocking(False)
        while closed < 40 and time.monotonic() < deadline:  # the other worker may not have come to its share yet
            for connection in list(idle):
                try:
                    if connection.recv(1) == b"":
                        closed += 1
                        idle.remove(connection)
                except BlockingIOError:
                    pass
        self.assertGreaterEqual(closed, 40)
        # Now that both workers have come to their share, nobody older is still on the way in.
        newest = self.connect()
        newest.sendall(framed(query("www.gslb.example.org")))
        self.assertEqual(addresses(reply_from(newest)), ["192.0.2.10"])
        self.assertEqual(self.answer(), ["192.0.2.10"])

    def test_a_message_of_no_octets_closes_the_connection_and_nothing_else(self):
        connection = self.connect()
        connection.sendall(b"\0\0")
        self.assertEqual(connection.recv(1), b"")
        self.assertEqual(addresses(self.ask(tcp=True)), ["192.0.2.10"])


if __name__ == "__main__":
    unittest.main()
