"""The jobs that servers are compared by (a static zone; one GSLB name), and what all of the servers have in common."""
import os
import re
import subprocess

ZONE, GZONE = "static.test", "gslb.test"
# datacenter -> [(address, weight)]
DCS = {
    d: [("192.0.2.%d" % (i * 10 + k), w) for k, w in ((1, 50), (2, 30), (3, 20))]
    for i, d in enumerate(("use", "usw", "euw", "euc", "apse", "apne"))
}
# continent -> (default datacenter, {country: datacenter})
GEO = {
    "NA": ("use", {"CA": "usw", "MX": "usw"}),
    "SA": ("use", {}),
    "AF": ("euw", {}),
    "OC": ("apse", {}),
    "AN": ("use", {}),
    "EU": ("euw", {c: "euc" for c in ("DE", "AT", "CH", "PL", "CZ", "HU")}),
    "AS": ("apse", {c: "apne" for c in ("JP", "KR", "CN", "TW")}),
}
DEFAULT_DC, TTL = "use", 30
# datacenter -> [latitude, longitude], for chains that look at distances
PLACES = dict(use=[39.0, -77.5], usw=[45.8, -119.7], euw=[53.3, -6.3], euc=[50.1, 8.7], apse=[1.3, 103.8], apne=[35.7, 139.7])
# Seven more addresses make a reply as long as a signature does, but for 5 octets.
PADDING = ["198.18.255.%d" % i for i in range(240, 247)]


def tls_port(port):
    """Where the server on `port` speaks TLS, in the job `dot`."""
    return port + 500


def pick(rec):
    """The datacenter that every server must choose for one database record."""
    c = ((rec or {}).get("continent") or {}).get("code")
    if c not in GEO:
        return DEFAULT_DC
    d, per = GEO[c]
    return per.get(((rec or {}).get("country") or {}).get("iso_code"), d)


def static_zone(path, names, serial=1):
    with open(path, "w") as f:
        f.write(
            "$ORIGIN %s.\n$TTL 300\n@ IN SOA ns1 hostmaster %d 3600 600 86400 60\n@ IN NS ns1\nns1 IN A 192.0.2.250\n"
            % (ZONE, serial)
        )
        f.writelines("h%d IN A 198.18.%d.%d\n" % (i, i >> 8 & 255, i & 255) for i in range(names))


def sign_zone(path, keys):
    """Beside a master file: itself signed, for servers that serve such files, and itself with longer answers."""
    command = ["dnssec-signzone", "-q", "-z", "-S", "-K", keys, "-d", keys, "-o", ZONE, "-f", path + ".signed", path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(path) as plain, open(path + ".bytes", "w") as f:
        for line in plain:
            f.write(line)
            if line.startswith("h"):
                f.writelines("%s IN A %s\n" % (line.split()[0], x) for x in PADDING)


def w(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


class Peer:
    packages, workloads, note = (), ("static",), ""
    program = version_args = None
    real_server = True
    addr, iface = "127.0.0.1", None  # the veth stage sets both

    def __init__(self, job):
        self.job = job

    def available(self):
        return os.path.exists(self.program)

    def file_for(self, workload, zone):
        """The master file to serve."""
        return zone + ".signed" if workload == "signed" else zone

    def version(self):
        try:
            p = subprocess.run(
                [self.program] + self.version_args,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=10,
            )
            out = [l for l in p.stdout.splitlines() if any(c.isdigit() for c in l) and "invalid option" not in l]
            m = re.search(r"\d+\.\d+[\w.:~-]*(?= |,|$|\))", re.sub(r"\d+:\d+:\d+", "", out[0])) if out else None
            return m.group(0) if m else "?"
        except (OSError, subprocess.SubprocessError):
            return "?"

    def reload_cmd(self, d, port):
        return None  # None: SIGHUP to the main process
