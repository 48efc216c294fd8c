"""Vantages and sites, each in a network namespace of its own on one wire, and an authority for their certificates.

    prober      node        node        site
   nrt-1 ns    fra-1 ns    iad-1 ns    fra ns
      └───────────┴──── br ───┴───────────┘   (namespace "hub"); a wire can be cut

Needs root.
"""
import http.client
import json
import os
import socket
import ssl
import subprocess

from lab import BIN, Lab, Process, Site, ask
from namespaces import inside, ip

PORT = 8443


def openssl(*arguments):
    subprocess.run(("openssl",) + arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """Signs certificates as docs/vantages.md shows."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.ca, self.ca_key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=" + name, "-keyout", self.ca_key, "-out", self.ca)

    def issue(self, name):
        """-> paths of certificate and key"""
        base = os.path.join(self.folder, name)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name,
                "-addext", "subjectAltName=DNS:" + name, "-keyout", base + ".key", "-out", base + ".csr")
        openssl("x509", "-req", "-in", base + ".csr", "-CA", self.ca, "-CAkey", self.ca_key, "-days", "2",
                "-copy_extensions", "copy", "-out", base + ".pem")
        return base + ".pem", base + ".key"


class Member(Process):
    """A gslbd or gslb-prober in a namespace."""

    def __init__(self, fleet, name, program, namespace, address):
        self.folder = os.path.join(fleet.folder, name)
        os.makedirs(os.path.join(self.folder, "state"), exist_ok=True)
        self.namespace, self.address = namespace, address
        self.config, self.socket = os.path.join(self.folder, "gslb.yaml"), os.path.join(self.folder, "control.sock")
        with open(self.config, "w") as f:
            f.write(fleet.configuration(name, self.folder))
        super().__init__(fleet.folder, name, [os.path.join(BIN, program), "--config", self.config])

    def start(self):
        with inside(self.namespace):
            return super().start()

    def ctl(self, *arguments):
        command = [os.path.join(BIN, "gslbctl"), "--socket", self.socket, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)

    def status(self):
        """-> what `gslbctl status --json` says, {} while it does not"""
        try:
            return json.loads(self.ctl("--json", "status").stdout)
        except ValueError:
            return {}

    def peer(self, name):
        """-> how this one sees another vantage"""
        sharing = self.status().get("sharing") or {"peers": []}
        return next((peer for peer in sharing["peers"] if peer["name"] == name), {})

    def hears(self, name, within=3):
        heard = self.peer(name).get("heard")
        return heard is not None and heard < within

    def ask(self, name="www.gslb.example.org", **options):
        with inside(self.namespace):
            return ask(53, name, address=self.address, **options)


class Fleet(Lab):
    """`nodes` and `probers` are names of vantages with their sites; `places` the sites with their addresses."""

    nodes = {"fra-1": "fra", "iad-1": "iad"}
    probers = {"nrt-1": ""}
    places = {"fra": "192.0.2.101", "iad": "192.0.2.102"}
    balancers = {}  # of sites that are no nginx: {"iad": "haproxy"}
    monitor = "{ http: /healthz, port: 80, interval: 200ms, timeout: 150ms, fall: 2, rise: 2 }"
    defaults = ""  # more of them: "pace: 1s, "
    more = ""

    def setUp(self):
        super().setUp()
        self.tag = "gslb-f%d-" % os.getpid()
        self.hub = self.namespace("hub")
        ip("-n", self.hub, "link", "add", "br0", "type", "bridge")
        ip("-n", self.hub, "link", "set", "br0", "up")
        self.authority = Authority(self.folder)
        self.addresses = {name: "192.0.2.%d" % (i + 1) for i, name in enumerate([*self.nodes, *self.probers])}
        self.members, self.site_processes = {}, {}
        for site, address in self.places.items():
            self.join(site, address)
            self.start_site(site)
        for name in [*self.nodes, *self.probers]:
            self.join(name, self.addresses[name])
            self.authority.issue(name)
            program = "gslbd" if name in self.nodes else "gslb-prober"
            self.members[name] = Member(self, name, program, self.tag + name, self.addresses[name])

    def namespace(self, name):
        ip("netns", "add", self.tag + name)
        self.addCleanup(ip, "netns", "del", self.tag + name)
        return self.tag + name

    def join(self, name, address):
        """A namespace with an address, wired to all others."""
        namespace = self.namespace(name)
        ip("link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", "to-" + name, "netns", self.hub)
        ip("-n", self.hub, "link", "set", "to-" + name, "master", "br0")
        ip("-n", namespace, "address", "add", address + "/24", "dev", "eth0")
        ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", namespace, "link", "set", "eth0", "up")
        self.heal(name)

    def cut(self, name):
        ip("-n", self.hub, "link", "set", "to-" + name, "down")

    def heal(self, name):
        ip("-n", self.hub, "link", "set", "to-" + name, "up")

    def start_site(self, site):
        with inside(self.tag + site):
            self.site_processes[site] = self.run_process(
                Site(self.folder, site, self.places[site], 80, self.balancers.get(site, "nginx"))
            )
            self.wait_for(self.site_processes[site].answers, 10, site + " answers")

    def configuration(self, name, folder):
        vantages = "".join(
            "  %s: { site: %s, address: '%s:%d' }\n" % (node, site, self.addresses[node], PORT)
            for node, site in self.nodes.items()
        )
        vantages += "".join(
            "  %s: {%s}\n" % (prober, " site: %s " % site if site else "") for prober, site in self.probers.items()
        )
        return """
listen: ['{address}:53']
control: {{ socket: {folder}/control.sock }}
state: {folder}/state
sites: {{ {sites} }}
vantages:
{vantages}
vantage: {{ name: {name}, certificate: ../{name}.pem, key: ../{name}.key, ca: ../ca.pem }}
monitors: {{ web: {monitor} }}
defaults: {{ {defaults}ttl: 5s, slowstart: 0s, monitor: web, policy: [priority: [{order}], take: 1] }}
zones:
  gslb.example.org:
    ns: [ns1.example.org.]
    services: {{ www: {{ endpoints: {{ {endpoints} }} }} }}
{more}
""".format(
            address=self.addresses[name],
            folder=folder,
            sites=", ".join("%s: {}" % site for site in self.places),
            vantages=vantages,
            name=name,
            monitor=self.monitor,
            order=", ".join(self.places),
            endpoints=", ".join("%s: %s" % place for place in self.places.items()),
            defaults=self.defaults,
            more=self.more,
        )

    def start(self, *names):
        for name in names or self.members:
            self.run_process(self.members[name])
        for name in names or self.members:
            self.wait_for(lambda member=self.members[name]: member.status().get("ready"), 30, name + " is ready")

    def post(self, body, shown=None, name="fra-1", target="/v1/report"):
        """-> status and text of what was sent to a node from the prober's place, with a certificate or none"""
        context = ssl.create_default_context(cafile=self.authority.ca)
        if shown:
            context.load_cert_chain(*shown)
        with inside(self.members["nrt-1"].namespace):
            # The certificate is checked for the vantage's name, which is not where it is.
            connection = http.client.HTTPSConnection(name, PORT, context=context, timeout=10)
            connection._create_connection = lambda *_, **__: socket.create_connection(
                (self.addresses[name], PORT), 10
            )
            try:
                connection.request("POST", target, body)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected) as problem:
                return 0, str(problem)
            finally:
                connection.close()
