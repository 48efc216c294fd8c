"""The other servers that are compared: how each is configured for the same two jobs, started on a loopback port, and
reloaded."""
import os

from gslbd_server import Gslbd, GslbdBytes, GslbdShort, GslbdUnsigned, GslbdVeth, GslbdXdp
from jobs import DCS, DEFAULT_DC, GEO, GZONE, TTL, ZONE, Peer, tls_port, w


class Floor(Peer):
    real_server = False
    workloads = ("static", "gslb", "veth")

    def __init__(self, job, batch):
        super().__init__(job)
        self.name, self.batch, self.program = "floor-b%d" % batch, batch, job["floor"]

    def version(self):
        return "no lookup, batch %d" % self.batch

    def start(self, d, port, workload, zone):
        return [self.program, str(port), str(self.batch), self.addr]


class Knot(Peer):
    name, program, version_args = "knot", "/usr/sbin/knotd", ["--version"]
    packages, workloads = ("knot", "knot-module-geoip"), ("static", "gslb", "tcp", "veth", "signed")
    note = "mod-geoip has no weights inside a location: it answers all three addresses"

    def start(self, d, port, workload, zone):
        c = (
            "server:\n  rundir: {d}\n  listen: {a}@{p}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"
            "  edns-client-subnet: on\nlog:\n  - target: stderr\n    any: error\ndatabase:\n  storage: {d}/db\ncontrol:\n  listen: {d}/knot.sock\n"
        ).format(d=d, p=port, a=self.addr)
        if workload == "gslb":
            g = "www.%s:\n" % GZONE
            for cont, (dc, per) in GEO.items():
                for cc, x in [("*", dc)] + sorted(per.items()):
                    g += '  - geo: "%s;%s"\n    A: [%s]\n' % (cont, cc, ", ".join(a for a, _ in DCS[x]))
            w(d + "/geo.conf", g)
            w(
                d + "/gslb.zone",
                "$ORIGIN %s.\n$TTL %d\n@ IN SOA ns1 h 1 3600 600 86400 60\n@ IN NS ns1\nns1 IN A 192.0.2.250\n"
                % (GZONE, TTL)
                + "".join("www IN A %s\n" % a for a, _ in DCS[DEFAULT_DC]),
            )
            c += (
                "mod-geoip:\n  - id: geo\n    config-file: %s/geo.conf\n    ttl: %d\n    mode: geodb\n    geodb-file: %s\n    geodb-key: [continent/code, country/iso_code]\n"
                % (d, TTL, self.job["geodb"])
            )
            z, f, m = GZONE, d + "/gslb.zone", "    module: mod-geoip/geo\n"
        else:
            z, f, m = ZONE, zone, ""
        c += (
            "zone:\n  - domain: %s\n    file: %s\n    zonefile-sync: -1\n    zonefile-load: whole\n    journal-content: none\n%s"
            % (z, f, m)
        )
        w(d + "/knot.conf", c + self.extra(port))
        os.makedirs(d + "/db", exist_ok=True)
        return [self.program, "-c", d + "/knot.conf"]

    def extra(self, port):
        return ""

    def reload_cmd(self, d, port):
        return ["/usr/sbin/knotc", "-s", d + "/knot.sock", "zone-reload"]


class KnotXdp(Knot):
    name, workloads, note = "knot-xdp", ("veth",), ""

    def extra(self, port):
        return "xdp:\n  listen: %s@%d\n  udp: on\n" % (self.iface, port)


class FloorXdp(Peer):
    name, workloads, real_server = "floor-xdp-b64", ("veth",), False

    def __init__(self, job):
        super().__init__(job)
        self.program = job["floor"] + "_xdp"

    def version(self):
        return "AF_XDP, no lookup, batch 64"

    def start(self, d, port, workload, zone):
        return [self.program, self.iface, str(port), "64"]


class Nsd(Peer):
    name, program, version_args, packages, workloads = (
        "nsd",
        "/usr/sbin/nsd",
        ["-v"],
        ("nsd",),
        ("static", "tcp", "dot", "veth", "signed"),
    )

    def start(self, d, port, workload, zone):
        tls = ""
        if workload == "dot":
            tls = "  ip-address: {a}@{t}\n  tls-port: {t}\n  tls-service-pem: {c}\n  tls-service-key: {k}\n".format(
                a=self.addr, t=tls_port(port), c=self.job["certificate"], k=self.job["key"]
            )
        w(
            d + "/nsd.conf",
            'server:\n  ip-address: {a}@{p}\n{tls}  server-count: 1\n  username: ""\n  zonesdir: "{d}"\n  database: ""\n  pidfile: "{d}/nsd.pid"\n'
            '  xfrdfile: "{d}/xfrd.state"\n  zonelistfile: "{d}/zone.list"\n  xfrdir: "{d}"\n  minimal-responses: yes\n  tcp-count: 200\n  rrl-ratelimit: 0\n'
            'remote-control:\n  control-enable: yes\n  control-interface: {d}/nsd.sock\nzone:\n  name: {z}\n  zonefile: "{f}"\n'.format(
                p=port, d=d, z=ZONE, f=zone, a=self.addr, tls=tls
            ),
        )
        return [self.program, "-d", "-c", d + "/nsd.conf"]

    def reload_cmd(self, d, port):
        return ["/usr/sbin/nsd-control", "-c", d + "/nsd.conf", "reload"]


class Gdnsd(Peer):
    name, program, version_args, packages, workloads = (
        "gdnsd",
        "/usr/sbin/gdnsd",
        ["-V"],
        ("gdnsd",),
        ("static", "gslb", "tcp", "veth"),
    )

    def start(self, d, port, workload, zone):
        c = (
            "options => { listen => %s:%d, udp_threads => 1, tcp_threads => 1, run_dir => %s/run, state_dir => %s/state, max_ttl => 3600000 }\n"
            % (self.addr, port, d, d)
        )
        for x in ("run", "state", "zones", "geoip"):
            os.makedirs(d + "/" + x, exist_ok=True)
        if workload == "gslb":
            m = ""
            for cont, (dc, per) in GEO.items():
                if per:
                    m += "      %s => { default => [%s], %s }\n" % (
                        cont,
                        dc,
                        ", ".join("%s => [%s]" % p for p in sorted(per.items())),
                    )
                else:
                    m += "      %s => [%s]\n" % (cont, dc)
            wt = "\n".join(
                "  %s => { %s }" % (x, ", ".join("%s%d => [%s, %d]" % (x, i, a, wgt) for i, (a, wgt) in enumerate(v)))
                for x, v in DCS.items()
            )
            c += (
                "plugins => {\n weighted => {\n%s\n }\n geoip => {\n  maps => { m => { geoip2_db => %s, datacenters => [%s], map => { default => [%s]\n%s } } }\n"
                "  resources => { www => { map => m, dcmap => { %s } } }\n }\n}\n"
            ) % (
                wt,
                self.job["geodb"],
                ", ".join(DCS),
                DEFAULT_DC,
                m,
                ", ".join('%s => "%%weighted!%s"' % (x, x) for x in DCS),
            )
            w(
                d + "/zones/" + GZONE,
                "@ 3600 SOA ns1 h 1 3600 600 86400 60\n@ 3600 NS ns1\nns1 3600 A 192.0.2.250\nwww %d DYNA geoip!www\n"
                % TTL,
            )
        else:
            link = d + "/zones/" + ZONE
            if os.path.lexists(link):
                os.unlink(link)
            os.link(zone, link) if os.path.exists(zone) else None
        w(d + "/config", c)
        return [self.program, "-c", d, "start"]

    def reload_cmd(self, d, port):
        return ["/usr/bin/gdnsdctl", "-c", d, "reload-zones"]


class PdnsBase(Peer):
    program, version_args = "/usr/sbin/pdns_server", ["--version"]
    common = (
        "local-address=127.0.0.1\nlocal-port={p}\nsocket-dir={d}\nreceiver-threads=1\ndistributor-threads=1\nguardian=no\ndaemon=no\ndisable-syslog=yes\n"
        "loglevel=2\nwrite-pid=no\nsecurity-poll-suffix=\nversion-string=anonymous\nedns-subnet-processing=yes\nlog-dns-queries=no\n"
    )

    def reload_cmd(self, d, port):
        return ["/usr/bin/pdns_control", "--config-dir=" + d, "--socket-dir=" + d, "bind-reload-now", ZONE]

    def conf(self, d, port, more):
        w(d + "/pdns.conf", self.common.format(p=port, d=d) + more)
        return [self.program, "--config-dir=" + d]


class PdnsBind(PdnsBase):
    name, packages, workloads = "pdns", ("pdns-server", "pdns-backend-bind"), ("static", "tcp")

    def start(self, d, port, workload, zone):
        w(d + "/named.conf", 'zone "%s" { type master; file "%s"; };\n' % (ZONE, zone))
        return self.conf(d, port, "launch=bind\nbind-config=%s/named.conf\n" % d)


class PdnsGeo(PdnsBase):
    name, packages, workloads = "pdns-geoip", ("pdns-server", "pdns-backend-geoip"), ("gslb",)

    def start(self, d, port, workload, zone):
        y = (
            "domains:\n- domain: %s\n  ttl: %d\n  records:\n    %s:\n    - soa: ns1.%s h.%s 1 3600 600 86400 60\n    - ns: ns1.%s\n"
            % ((GZONE, TTL) + (GZONE,) * 4)
        )
        for x, v in DCS.items():
            y += "    %s.dc.%s:\n" % (x, GZONE) + "".join("    - a: {content: %s, weight: %d}\n" % p for p in v)
        y += "  services:\n    www.%s: ['%%mp.dc.%s']\n" % (GZONE, GZONE)
        y += "  mapping_lookup_formats: ['%cn-%co', '%cn']\n  custom_mapping:\n"
        for cont, (dc, per) in GEO.items():
            for k, x in [(cont, dc)] + [("%s-%s" % (cont, cc), x) for cc, x in sorted(per.items())]:
                y += "    %s: %s\n    %s: %s\n" % (k, x, k.lower(), x)
        w(d + "/geo.yaml", y)
        return self.conf(
            d,
            port,
            "launch=geoip\ngeoip-database-files=mmdb:%s\ngeoip-zones-file=%s/geo.yaml\n" % (self.job["geodb"], d),
        )


class PdnsLua(PdnsBase):
    name, packages, workloads = "pdns-lua", ("pdns-server", "pdns-backend-bind", "pdns-backend-geoip"), ("gslb",)

    def start(self, d, port, workload, zone):
        lua = ";"
        sets = {x: "{" + ",".join("{%d,'%s'}" % (wgt, a) for a, wgt in v) + "}" for x, v in DCS.items()}
        for cont, (dc, per) in GEO.items():
            for x in sorted(set(per.values())):
                lua += "if country({%s}) then return pickwrandom(%s) end " % (
                    ",".join("'%s'" % c for c, y in sorted(per.items()) if y == x),
                    sets[x],
                )
        for cont, (dc, per) in GEO.items():
            if dc != DEFAULT_DC:
                lua += "if continent('%s') then return pickwrandom(%s) end " % (cont, sets[dc])
        lua += "return pickwrandom(%s)" % sets[DEFAULT_DC]
        parts, line = [], ""
        for word in lua.split(" "):  # strings of at most 255 bytes, cut at spaces
            if len(line) + len(word) > 240:
                parts.append(line)
                line = ""
            line += word + " "
        parts = " ".join('"%s"' % x for x in parts + [line])
        w(
            d + "/gslb.zone",
            "$ORIGIN %s.\n$TTL %d\n@ IN SOA ns1 h 1 3600 600 86400 60\n@ IN NS ns1\nns1 IN A 192.0.2.250\nwww IN LUA A %s\n"
            % (GZONE, TTL, parts),
        )
        w(d + "/named.conf", 'zone "%s" { type master; file "%s/gslb.zone"; };\n' % (GZONE, d))
        w(d + "/empty.yaml", "domains: []\n")
        return self.conf(
            d,
            port,
            "launch=bind,geoip\nbind-config=%s/named.conf\nenable-lua-records=shared\ngeoip-database-files=mmdb:%s\ngeoip-zones-file=%s/empty.yaml\n"
            % (d, self.job["geodb"], d),
        )


class Bind(Peer):
    workloads = ("static", "tcp", "dot", "signed")
    name, program, version_args, packages = "bind9", "/usr/sbin/named", ["-v"], ("bind9",)
    note = "no GSLB run: views choose by source address only, client subnet is not used"

    def start(self, d, port, workload, zone):
        key = listen = ""
        if workload == "dot":
            key = 'tls own { cert-file "%s"; key-file "%s"; };' % (self.job["certificate"], self.job["key"])
            listen = " listen-on port %d tls own { 127.0.0.1; };" % tls_port(port)
        w(
            d + "/named.conf",
            '%s options { directory "%s"; listen-on port %d { 127.0.0.1; };%s listen-on-v6 { none; }; recursion no; minimal-responses yes; pid-file "%s/named.pid"; '
            'session-keyfile none; dnssec-validation no; notify no; querylog no; lock-file none; };\ncontrols { };\nzone "%s" { type primary; file "%s"; };\n'
            % (key, d, port, listen, d, ZONE, zone),
        )
        return [self.program, "-f", "-n", "1", "-c", d + "/named.conf"]


def all_peers(job):
    return [
        Floor(job, 1),
        Floor(job, 32),
        FloorXdp(job),
        Knot(job),
        KnotXdp(job),
        Nsd(job),
        Gdnsd(job),
        PdnsBind(job),
        PdnsGeo(job),
        PdnsLua(job),
        Bind(job),
        Gslbd(job),
        GslbdUnsigned(job),
        GslbdBytes(job),
        GslbdShort(job),
        GslbdVeth(job),
        GslbdXdp(job),
    ]
