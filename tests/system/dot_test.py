"""DNS over TLS (RFC 7858) as clients with every habit use it, and certificates that change."""
import os
import socket
import ssl
import struct
import subprocess
import time

import dns.message
from lab import Lab, addresses, free_port, query, read, unittest
from transport_test import ZONES, framed, reply_from


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def permitting_early_data(session):
    """The session with field 15, max_early_data, as 16,384: what the server never said. DER, short lengths inside."""
    at = 4  # a SEQUENCE of more than 255 octets
    while at < len(session) and session[at] < 0xB0:  # of the context, 16 and above
        size, at = session[at + 1], at + 2
        if size > 0x80:
            size, at = int.from_bytes(session[at : at + size - 0x80], "big"), at + size - 0x80
        at += size
    body = session[4:at] + bytes.fromhex("af0402024000") + session[at:]
    return session[:2] + struct.pack(">H", len(body)) + body


class WithTls(Lab):
    """A certificate, and clients."""

    def setUp(self):
        super().setUp()
        self.tls_port = free_port()
        self.make_certificate("one")
        self.use_certificate("one")

    def make_certificate(self, name):
        made = openssl(
            *"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(),
            *("-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:ns1.example.org"),
            *("-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem")),
        )
        self.assertEqual(made.returncode, 0, made.stdout)

    def use_certificate(self, name):
        for kind in ("pem", "key"):
            with open(self.path("%s.%s" % (name, kind))) as source, open(self.path("ns1." + kind), "w") as out:
                out.write(source.read())

    def serve(self, tcp="idle: 2s", more=""):
        tls = "tls: { listen: 127.0.0.1:%d, certificate: ns1.pem, key: ns1.key, handshake: 1s }" % self.tls_port
        return self.gslbd(self.config(zones=ZONES, more="tcp: { %s }\n%s\n%s" % (tcp, tls, more)))

    def context(self, *alpn):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context

    def output(self, *command):
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=30).stdout

    def keep_session(self, connect):
        """Has openssl connect until it has got a ticket, which with TLS 1.3 comes after the handshake. -> its output"""
        path = self.path("session")
        if os.path.exists(path):
            os.unlink(path)
        client = subprocess.Popen(
            ["openssl", *connect, "-sess_out", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.wait_for(lambda: os.path.exists(path) and "END SSL" in read(path), 10, "a ticket has come")
        return client.communicate("", timeout=10)[0]

    def plain(self):
        connection = socket.create_connection(("127.0.0.1", self.tls_port), 5)
        self.addCleanup(connection.close)
        return connection

    def connect(self, *alpn, name=None):
        connection = self.context(*alpn).wrap_socket(self.plain(), server_hostname=name)
        self.addCleanup(connection.close)
        return connection

    def served(self, connection):
        connection.sendall(framed(query("www.gslb.example.org")))
        return addresses(reply_from(connection)) == ["192.0.2.10"]

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.processes[-1].process.pid))


class Dot(WithTls):
    def test_kdig_strict_and_opportunistic(self):
        self.serve()
        command = ["kdig", "@127.0.0.1", "-p", str(self.tls_port), "+short", "+timeout=5"]
        strict = ["+tls-ca=" + self.path("one.pem"), "+tls-hostname=ns1.example.org"]
        for how in (["+tls"], strict, [*strict, "+padding", "+keepopen"]):
            self.assertEqual(self.output(*command, *how, "www.gslb.example.org").split(), ["192.0.2.10"], how)
        wrong = ["+tls-ca=" + self.path("one.pem"), "+tls-hostname=other.example.org"]
        self.assertNotIn("192.0.2.10", self.output(*command, *wrong, "www.gslb.example.org"))

    def test_with_and_without_alpn_and_server_name(self):
        """RFC 7858 section 3.1, RFC 9539 section 4.6.3"""
        self.serve()
        served = (((), None, None), (("dot",), "ns1.example.org", "dot"), (("h2", "dot"), None, "dot"))
        for alpn, name, chosen in served:
            connection = self.connect(*alpn, name=name)
            self.assertEqual(connection.selected_alpn_protocol(), chosen)
            self.assertTrue(self.served(connection))
        with self.assertRaises(ssl.SSLError) as refused:
            self.connect("h2", "http/1.1")
        self.assertIn("no application protocol", str(refused.exception))

    def test_several_queries_in_one_record_are_all_answered(self):
        self.serve()
        connection = self.connect("dot")
        asked = [query("www.gslb.example.org") for _ in range(100)]
        connection.sendall(b"".join(framed(q) for q in asked))
        self.assertEqual([reply_from(connection).id for _ in asked], [q.id for q in asked])

    def test_queries_split_at_every_octet_over_records(self):
        self.serve()
        wire = framed(query("www.gslb.example.org")) + framed(query("gslb.example.org", "NS"))
        connection = self.connect("dot")
        for at in range(1, len(wire)):
            connection.sendall(wire[:at])
            connection.sendall(wire[at:])
            self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
            self.assertEqual(len(reply_from(connection).answer[0]), 2)

    def test_a_large_answer_comes_whole(self):
        self.serve()
        connection = self.connect("dot")
        for _ in range(20):
            connection.sendall(framed(query("big.gslb.example.org", "TXT")) * 10)
            for _ in range(10):
                self.assertEqual(len(reply_from(connection).answer[0]), 30)

    def test_a_client_that_closes_its_side_still_gets_its_answers(self):
        self.serve()
        connection = self.connect("dot")
        connection.sendall(framed(query("www.gslb.example.org")))
        connection.sendall(framed(query("big.gslb.example.org", "TXT")))
        socket.socket.shutdown(connection, socket.SHUT_WR)  # without close_notify
        self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
        self.assertEqual(len(reply_from(connection).answer[0]), 30)
        self.assertEqual(connection.recv(1), b"")

    def test_sessions_resume_also_after_a_new_certificate(self):
        server = self.serve()
        for version in ("-tls1_2", "-tls1_3"):
            connect = ["s_client", "-connect", "127.0.0.1:%d" % self.tls_port, "-alpn", "dot", version]
            self.assertIn("New, TLSv1", self.keep_session(connect))
            self.make_certificate("two" + version)
            self.use_certificate("two" + version)
            self.assertEqual(server.ctl("reload").returncode, 0)
            again = openssl(*connect, "-sess_in", self.path("session"), input="")
            self.assertIn("Reused, TLSv1", again.stdout)

    def test_old_versions_renegotiation_and_early_data_are_refused(self):
        self.serve()
        connect = ["s_client", "-connect", "127.0.0.1:%d" % self.tls_port]
        old = openssl(*connect, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", input="")
        self.assertIn("alert protocol version", old.stdout)
        again = subprocess.Popen(
            ["openssl", *connect, "-tls1_2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = again.communicate("R\n", timeout=20)[0]
        self.assertIn("no renegotiation", output)
        self.keep_session([*connect, "-tls1_3"])
        session = openssl("sess_id", "-in", self.path("session"), "-noout", "-text").stdout
        self.assertIn("Max Early Data: 0", session)

    def test_early_data_that_comes_all_the_same_is_not_answered(self):
        """RFC 8446 section 4.2.10"""
        self.serve()
        connect = ["s_client", "-connect", "127.0.0.1:%d" % self.tls_port, "-tls1_3", "-alpn", "dot"]
        self.keep_session(connect)
        with open(self.path("session")) as f:
            session = ssl.PEM_cert_to_DER_cert(f.read().replace("SSL SESSION PARAMETERS", "CERTIFICATE"))
        with open(self.path("session"), "w") as f:
            pem = ssl.DER_cert_to_PEM_cert(permitting_early_data(session))
            f.write(pem.replace("CERTIFICATE", "SSL SESSION PARAMETERS"))
        question = framed(query("www.gslb.example.org"))
        with open(self.path("early"), "wb") as f:
            f.write(question)
        command = ["openssl", *connect, "-sess_in", self.path("session"), "-early_data", self.path("early")]
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        client.stdin.write(question)
        client.stdin.flush()
        said, answer = b"", socket.inet_aton("192.0.2.10")
        while answer not in said:
            part = client.stdout.read1()
            self.assertTrue(part, said)
            said += part
        said += client.communicate(timeout=10)[0]
        self.assertIn(b"Reused, TLSv1.3", said)
        self.assertIn(b"Early data was rejected", said)
        self.assertEqual(said.count(answer), 1, "the question that came late, and that alone")

    def test_a_new_certificate_serves_new_connections_and_drops_none(self):
        server = self.serve(tcp="idle: 60s")
        kept = self.connect("dot")
        before = kept.getpeercert(True)
        self.assertTrue(self.served(kept))
        self.make_certificate("two")
        self.use_certificate("two")
        self.assertEqual(server.ctl("reload").returncode, 0)
        self.wait_for(lambda: self.connect("dot").getpeercert(True) != before, 5, "the new certificate is used")
        self.assertTrue(self.served(kept))

    def test_a_bad_certificate_or_key_changes_nothing_and_is_named(self):
        server = self.serve(tcp="idle: 60s")
        before = self.connect("dot").getpeercert(True)
        self.make_certificate("two")
        with open(self.path("two.key")) as source, open(self.path("ns1.key"), "w") as out:
            out.write(source.read())
        for refuse in (server.ctl("reload"), server.ctl("check", server.config)):
            self.assertNotEqual(refuse.returncode, 0)
            text = refuse.stdout + refuse.stderr
            self.assertRegex(text, r"gslb\.yaml:\d+:\d+: tls\.key: .*ns1\.key is not the key of .*ns1\.pem")
        os.unlink(self.path("ns1.pem"))
        refuse = server.ctl("check", server.config)
        self.assertRegex(refuse.stdout + refuse.stderr, r"gslb\.yaml:\d+:\d+: tls\.certificate: .*ns1\.pem")
        now = self.connect("dot")
        self.assertEqual(now.getpeercert(True), before)
        self.assertTrue(self.served(now))

    def test_handshakes_that_end_at_any_octet_leave_nothing_behind(self):
        self.serve()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.context("dot").wrap_bio(incoming, outgoing)
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        self.assertTrue(self.served(self.connect("dot")))
        before = self.descriptors()
        for size in range(len(hello) + 1):
            with socket.create_connection(("127.0.0.1", self.tls_port), 5) as connection:
                connection.sendall(hello[:size])
        self.assertTrue(self.served(self.connect("dot")))
        self.wait_for(lambda: self.descriptors() <= before + 2, 10, "all descriptors are back")

    def test_a_handshake_has_a_deadline(self):
        self.serve(tcp="idle: 60s")
        start = time.monotonic()
        for beginning in (b"", b"\x16\x03\x01"):
            connection = self.plain()
            connection.sendall(beginning)
            connection.settimeout(10)
            self.assertEqual(connection.recv(1), b"")
        self.assertLess(time.monotonic() - start, 8)

    def test_octets_that_are_no_tls_end_only_their_connection(self):
        self.serve()
        kept = self.connect("dot")
        for octets in (b"GET / HTTP/1.1\r\n\r\n", framed(query("www.gslb.example.org")), bytes(5000), b"\xff" * 5000):
            connection = self.plain()
            connection.sendall(octets)
            connection.settimeout(5)
            try:
                while connection.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        self.assertTrue(self.served(kept))

    def test_a_client_that_never_reads_is_closed(self):
        self.serve()
        connection = self.connect("dot")
        connection.settimeout(10)
        flood = framed(query("big.gslb.example.org", "TXT")) * 200
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            for _ in range(10000):
                connection.sendall(flood)
        self.assertTrue(self.served(self.connect("dot")))

    def test_ten_thousand_octets_in_one_query_end_the_connection(self):
        self.serve()
        connection = self.connect("dot")
        connection.sendall(struct.pack(">H", 10000) + bytes(10000))
        self.assertEqual(connection.recv(1), b"")


class Proxied(WithTls):
    """Listeners behind a proxy: the client in the header is the one that counts, beside listeners without."""

    ZONES = "    services: { who: { reflect: resolver } }\n"

    def setUp(self):
        super().setUp()
        self.proxy_port = free_port()

    def serve(self, trusted="127.0.0.0/8"):
        config = self.config(zones=self.ZONES, listen='"127.0.0.1:{port}", "127.0.0.1:%d"' % self.proxy_port)
        config += "tls: { listen: 127.0.0.1:%d, certificate: ns1.pem, key: ns1.key }\n" % self.tls_port
        config += "tcp: { per_prefix: 4 }\n"
        proxied = "127.0.0.1:%d, 127.0.0.1:%d" % (self.proxy_port, self.tls_port)
        config += "proxy: { listen: [%s], from: %s }\n" % (proxied, trusted)
        return self.gslbd(config)

    def header(self, client="203.0.113.7", command=0x21, more=b""):
        rest = socket.inet_aton(client) + socket.inet_aton("192.0.2.1") + struct.pack(">HH", 5353, 53) + more
        return b"\r\n\r\n\0\r\nQUIT\n" + struct.pack(">BBH", command, 0x11, len(rest)) + rest

    def over_udp(self, header):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.sendto(header + query("who.gslb.example.org").to_wire(), ("127.0.0.1", self.proxy_port))
            return addresses(dns.message.from_wire(client.recv(4096)))

    def over_tcp(self, header, tls=False):
        client = socket.create_connection(("127.0.0.1", self.tls_port if tls else self.proxy_port), 5)
        self.addCleanup(client.close)
        client.sendall(header)
        if tls:
            client = self.context("dot").wrap_socket(client)
            self.addCleanup(client.close)
        client.sendall(framed(query("who.gslb.example.org")))
        return addresses(reply_from(client))

    def test_the_client_of_the_header_is_the_one_over_every_transport(self):
        self.serve()
        for ask in (self.over_udp, self.over_tcp, lambda header: self.over_tcp(header, tls=True)):
            self.assertEqual(ask(self.header()), ["203.0.113.7"])
            self.assertEqual(ask(self.header(more=b"\4\0\3abc")), ["203.0.113.7"], "TLVs are skipped")
            self.assertEqual(ask(self.header(command=0x20)), ["127.0.0.1"], "LOCAL")
        self.assertEqual(addresses(self.ask("who.gslb.example.org")), ["127.0.0.1"], "the listener without headers")

    def test_kdig_speaks_it_too(self):
        self.serve()
        command = ["kdig", "@127.0.0.1", "-p", str(self.proxy_port), "+short", "+timeout=5"]
        for how in ([], ["+tcp"]):
            proxy = "+proxy=198.51.100.9#1234-192.0.2.1#53"
            self.assertEqual(self.output(*command, *how, proxy, "who.gslb.example.org").split(), ["198.51.100.9"], how)

    def test_what_has_no_header_or_a_bad_one_is_dropped(self):
        self.serve()
        other = [self.header(command=0x11), self.header(command=0x22), b"PROXY TCP4 1 2 3 4\r\n"]
        for bad in (b"", self.header()[:10], *other):
            with self.assertRaises(socket.timeout):
                self.over_udp(bad)
            for tls in (False, True):
                with self.assertRaises((OSError, EOFError)):
                    self.over_tcp(bad, tls)
        self.assertEqual(self.over_tcp(self.header(), tls=True), ["203.0.113.7"])

    def test_who_is_not_listed_is_not_believed(self):
        self.serve(trusted="192.0.2.0/24")
        with self.assertRaises(socket.timeout):
            self.over_udp(self.header())
        for tls in (False, True):
            with self.assertRaises((OSError, EOFError)):
                self.over_tcp(self.header(), tls)

    def test_limits_are_those_of_the_client(self):
        self.serve()
        for number in range(12):  # more than per_prefix, all from one proxy
            self.assertEqual(self.over_tcp(self.header("198.51.%d.1" % number)), ["198.51.%d.1" % number])


if __name__ == "__main__":
    unittest.main()
