"""TCP Fast Open (RFC 7413): a client that has been here before puts its query, or its ClientHello, into the SYN. Needs
root, for a namespace whose kernel permits it to servers."""
import socket
import ssl

from dot_test import WithTls
from lab import addresses, query
from namespaces import enter_own, main
from transport_test import framed, reply_from

NAME = "www.gslb.example.org"


def counter(name):
    """A counter of TcpExt, in this namespace."""
    with open("/proc/self/net/netstat") as f:
        names, values = [line.split() for line in f if line.startswith("TcpExt:")]
    return int(values[names.index(name)])


class FastOpen(WithTls):
    def setUp(self):
        super().setUp()
        enter_own(self, "f")
        with open("/proc/sys/net/ipv4/tcp_fastopen", "w") as f:
            f.write("3")
        self.serve()

    def open(self, port, first):
        """-> a connection whose SYN brings `first` where the client has a cookie of the server"""
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.sendto(first, socket.MSG_FASTOPEN, ("127.0.0.1", port))
        connection.settimeout(5)
        return connection

    def test_a_query_comes_with_the_syn(self):
        asked = framed(query(NAME))
        self.assertEqual(addresses(reply_from(self.open(self.port, asked))), ["192.0.2.10"])  # and a cookie
        self.assertEqual(counter("TCPFastOpenCookieReqd"), 1)
        self.assertEqual(counter("TCPFastOpenPassive"), 0)
        for number in range(1, 4):
            connection = self.open(self.port, asked)
            self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
            self.assertEqual(counter("TCPFastOpenPassive"), number)
            connection.sendall(asked)
            self.assertEqual(addresses(reply_from(connection)), ["192.0.2.10"])
        self.assertEqual(counter("TCPFastOpenPassiveFail"), 0)

    def test_a_handshake_of_tls_begins_with_the_syn(self):
        for number in range(3):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            client = self.context("dot").wrap_bio(incoming, outgoing)
            connection = None
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    if connection is None:
                        connection = self.open(self.tls_port, outgoing.read())
                    incoming.write(connection.recv(65536))
            client.write(framed(query(NAME)))
            connection.sendall(outgoing.read())
            got = b""
            while socket.inet_aton("192.0.2.10") not in got:
                incoming.write(connection.recv(65536))
                try:
                    got += client.read(65536)
                except ssl.SSLWantReadError:
                    pass
            self.assertEqual(counter("TCPFastOpenPassive"), number)


if __name__ == "__main__":
    main()
