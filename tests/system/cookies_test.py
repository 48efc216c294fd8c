"""RFC 9018: name servers that share a secret accept each other's cookies, whoever made them. gslbd twice, BIND's named,
and the cookies that dig and kdig carry from one to the other."""
import os
import re
import subprocess

import dns.edns
import dns.message
import dns.query
import dns.rcode
from lab import Gslbd, Lab, Process, free_port, program, unittest

SECRET, OTHER_SECRET = "000102030405060708090a0b0c0d0e0f", "ffeeddccbbaa99887766554433221100"
CLIENT_COOKIE = bytes(range(8))
NAME = "text.gslb.example.org"
CONFIG = """
listen: "127.0.0.1:{port}"
control: {{ socket: none }}
geo: {{ location: [] }}
cookies: {{ secrets: {secrets} }}
nsid: {node}
rate_limit: {{ replies: 1, networks: {{ 127.0.0.0/8: 1 }} }}
zones:
  gslb.example.org: {{ ns: [ns1.example.net.], soa: {{ serial: 1 }}, records: {{ text: {{ TXT: ["whole"] }} }} }}
"""
NAMED = """
options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; dnssec-validation no;
  cookie-algorithm siphash24; cookie-secret "{secret}"; answer-cookie yes; require-server-cookie yes; server-id "bind";
}};
controls {{ }};
zone "gslb.example.org" {{ type primary; file "zone"; }};
"""
ZONE = "$TTL 60\n@ SOA ns1.example.net. h.example.net. 1 60 60 60 60\n@ NS ns1.example.net.\ntext TXT whole\n"


class OneSecret(Lab):
    def setUp(self):
        super().setUp()
        self.bind = free_port()
        self.write("zone", ZONE)
        conf = self.write("named.conf", NAMED.format(folder=self.folder, port=self.bind, secret=SECRET))
        self.run_process(Process(self.folder, "named", [program("named"), "-g", "-n", "1", "-c", conf]))
        self.first, self.second = self.node("first", SECRET), self.node("second", SECRET)
        for port in (self.bind, self.first, self.second):
            self.wait_for(lambda: self.cookie_of(port) is not None, 20, "port %d gives cookies" % port)

    def node(self, name, *secrets):
        port, folder = free_port(), os.path.join(self.folder, name)
        os.makedirs(folder)
        path = self.write(name + ".secrets", "\n".join(secrets) + "\n")
        os.chmod(path, 0o600)
        self.run_process(Gslbd(folder, CONFIG.format(port=port, secrets=path, node=name), port))
        return port

    @staticmethod
    def ask_with(port, cookie, tcp=False):
        message = dns.message.make_query(NAME, "TXT", use_edns=0, options=[dns.edns.GenericOption(10, cookie)])
        send = dns.query.tcp if tcp else dns.query.udp
        return send(message, "127.0.0.1", port=port, timeout=1)

    @staticmethod
    def cookie_in(reply):
        for option in reply.options:
            if option.otype == 10:
                return option.to_wire() if hasattr(option, "to_wire") else option.data
        return None

    def cookie_of(self, port):
        """A whole cookie, fetched over TCP: nothing is limited there."""
        try:
            return self.cookie_in(self.ask_with(port, CLIENT_COOKIE, tcp=True))
        except (OSError, dns.exception.DNSException):
            return None

    def is_accepted(self, port, cookie):
        """gslbd allows these clients one whole reply a second, except those with a valid cookie; named wants one."""
        for _ in range(20):
            try:
                reply = self.ask_with(port, cookie)
            except dns.exception.Timeout:
                return False
            if reply.rcode() == dns.rcode.BADCOOKIE or len(reply.answer) != 1:
                return False
        return True

    def test_a_cookie_of_any_is_accepted_by_all(self):
        for maker in (self.bind, self.first, self.second):
            cookie = self.cookie_of(maker)
            self.assertEqual(len(cookie), 24)
            self.assertEqual(cookie[:8], CLIENT_COOKIE)
            for server in (self.bind, self.first, self.second):
                self.assertTrue(self.is_accepted(server, cookie), "%d to %d" % (maker, server))

    def test_a_cookie_of_nobody_is_accepted_by_none(self):
        cookie = bytearray(self.cookie_of(self.first))
        cookie[-1] ^= 1
        for server in (self.bind, self.first, self.second):
            self.assertFalse(self.is_accepted(server, bytes(cookie)))

    def test_a_node_that_knows_the_next_secret_too_accepts_both(self):
        rolling = self.node("rolling", OTHER_SECRET, SECRET)
        self.wait_for(lambda: self.cookie_of(rolling) is not None, 20, "the third node gives cookies")
        self.assertTrue(self.is_accepted(rolling, self.cookie_of(self.bind)))
        self.assertFalse(self.is_accepted(self.bind, self.cookie_of(rolling)))

    def run_tool(self, program, port, *options):
        command = [program, "@127.0.0.1", "-p", str(port), "+time=2", *options, NAME, "TXT"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30).stdout

    def test_dig_calls_our_cookie_good_and_carries_it_to_bind(self):
        text = self.run_tool("dig", self.first, "+cookie=%s" % CLIENT_COOKIE.hex(), "+tcp")
        self.assertIn("(good)", text)
        cookie = re.search(r"COOKIE: ([0-9a-f]{48})", text).group(1)
        reply = self.run_tool("dig", self.bind, "+cookie=" + cookie, "+nobadcookie", "+noall", "+comments", "+answer")
        self.assertIn("status: NOERROR", reply)
        self.assertIn('"whole"', reply)

    def test_kdig_and_dig_read_our_nsid(self):
        self.assertIn('"first"', self.run_tool("kdig", self.first, "+nsid", "+tcp"))
        self.assertIn('("second")', self.run_tool("dig", self.second, "+nsid", "+tcp"))

    def test_kdig_gets_a_whole_answer_with_a_cookie_of_binds(self):
        text = self.run_tool("kdig", self.first, "+cookie=" + self.cookie_of(self.bind).hex())
        self.assertIn('"whole"', text)
        self.assertIn(self.cookie_of(self.bind).hex()[:16].upper(), text.upper())


if __name__ == "__main__":
    unittest.main()
