"""dnsperf over UDP, TCP and TLS loses nothing, and kdig speaks TLS with us.

As a test 1,000 queries a second for two seconds; the figure of the whole machine by hand:
  GSLB_RATE=20000 GSLB_SECONDS=10 /usr/bin/python3 tests/system/dnsperf_test.py -v
"""
import os
import re
import subprocess

from lab import Lab, free_port, unittest

RATE, SECONDS = int(os.environ.get("GSLB_RATE", "1000")), int(os.environ.get("GSLB_SECONDS", "2"))
CONFIG = """
listen: "127.0.0.1:{port}"
control: {{ socket: none }}
geo: {{ location: [] }}
tls: {{ listen: "127.0.0.1:{tls}", certificate: {folder}/cert.pem, key: {folder}/key.pem }}
sites: {{ fra: {{ at: [50.11, 8.68] }}, iad: {{ at: [39.04, -77.49] }} }}
zones:
  gslb.example.org:
    ns: [ns1.example.net.]
    services: {{ www: {{ monitor: none, endpoints: {{ fra: 192.0.2.10, iad: 192.0.2.20 }} }} }}
    records: {{ mail: {{ A: [192.0.2.25] }}, alias: {{ CNAME: mail }}, big: {{ TXT: [{text}] }} }}
""".replace(
    "{text}", ", ".join('"%s"' % (str(i) * 60) for i in range(6))
)
QUESTIONS = ["www A", "mail A", "alias A", "big TXT", "none A", "mail AAAA"]


class Load(Lab):
    def setUp(self):
        super().setUp()
        self.tls = free_port()
        path = os.path.join(self.folder, "%s.pem")
        subprocess.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ns1.example.net "
            "-addext subjectAltName=DNS:ns1.example.net -keyout".split()
            + [path % "key", "-out", path % "cert"],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        self.gslbd(CONFIG.format(port=self.port, tls=self.tls, folder=self.folder))
        self.questions = os.path.join(self.folder, "questions")
        with open(self.questions, "w") as f:
            f.writelines("%s.gslb.example.org %s\n" % tuple(q.split()) for q in QUESTIONS)

    def dnsperf(self, mode, port):
        command = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-m", mode, "-d", self.questions]
        command += ["-c", "10", "-T", "1", "-Q", str(RATE), "-l", str(SECONDS), "-t", "5", "-e"]
        text = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=SECONDS + 60, check=True).stdout

        def figure(label):
            return float(re.search(label + r":\s+([0-9.]+)", text).group(1))

        sent, lost, rate = figure("Queries sent"), figure("Queries lost"), figure("Queries per second")
        worst = float(re.search(r"max ([0-9.]+)", text).group(1))
        print("%s: %d sent, %d lost, %.0f/s, slowest %.1f ms" % (mode, sent, lost, rate, worst * 1000))
        self.assertEqual(lost, 0, text)
        self.assertGreaterEqual(sent, RATE * SECONDS * 0.5, text)

    def test_nothing_is_lost_over_udp(self):
        self.dnsperf("udp", self.port)

    def test_nothing_is_lost_over_tcp(self):
        self.dnsperf("tcp", self.port)

    def test_nothing_is_lost_over_tls(self):
        self.dnsperf("dot", self.tls)

    def kdig(self, *options):
        command = ["kdig", "@127.0.0.1", "-p", str(self.tls), "+time=3", *options, "mail.gslb.example.org"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30).stdout

    def test_kdig_asks_over_tls_and_knows_the_certificate(self):
        for options in (["+tls"], ["+tls", "+tls-ca=%s/cert.pem" % self.folder, "+tls-hostname=ns1.example.net"]):
            text = self.kdig(*options)
            self.assertIn("192.0.2.25", text)
            self.assertRegex(text, "TLS session .TLS1.[23]")
        wrong = self.kdig("+tls", "+tls-ca=%s/cert.pem" % self.folder, "+tls-hostname=ns2.example.net")
        self.assertNotIn("192.0.2.25", wrong)

    def test_a_padded_query_over_tls_gets_a_reply_of_468_octets(self):
        text = self.kdig("+tls", "+padding=128")
        self.assertIn("PADDING", text)
        self.assertRegex(text, r"Received 468 B")


if __name__ == "__main__":
    unittest.main()
