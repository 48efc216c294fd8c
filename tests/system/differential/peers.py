"""NSD, Knot DNS and PowerDNS as other opinions: each with the same master files on a loopback port."""
import os
import shutil
import subprocess

NSD = """
server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  minimal-responses: yes
  refuse-any: no
  rrl-ratelimit: 0
  ipv4-edns-size: 1232
  tcp-timeout: 60
remote-control:
  control-enable: no
"""
NSD_ZONE = 'zone:\n  name: {apex}\n  zonefile: "{path}"\n'
KNOT = """
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  udp-max-payload: 1232
  tcp-idle-timeout: 60
log:
  - target: stderr
    any: warning
database:
  storage: {folder}/db
template:
  - id: default
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
"""
KNOT_ZONE = "  - domain: {apex}\n    file: {path}\n"
PDNS = """
launch=bind
bind-config={folder}/named.conf
bind-dnssec-db={folder}/dnssec.sqlite
local-address=127.0.0.1
local-port={port}
socket-dir={folder}
daemon=no
guardian=no
disable-syslog=yes
loglevel=4
receiver-threads=1
distributor-threads=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
security-poll-suffix=
udp-truncation-threshold=1232
dname-processing=yes
"""
PDNS_ZONE = 'zone "{apex}" {{ type master; file "{path}"; }};\n'


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def nsd(folder, port, files):
    """-> the command. files: {apex: path}"""
    zones = "".join(NSD_ZONE.format(apex=apex, path=path) for apex, path in files.items())
    return [program("nsd"), "-d", "-c", write(folder, "nsd.conf", NSD.format(folder=folder, port=port) + zones)]


def knot(folder, port, files):
    os.makedirs(os.path.join(folder, "db"), exist_ok=True)
    zones = "".join(KNOT_ZONE.format(apex=apex, path=path) for apex, path in files.items())
    return [program("knotd"), "-c", write(folder, "knot.conf", KNOT.format(folder=folder, port=port) + zones)]


def pdns(folder, port, files):
    """With the bind backend. Zones that are signed are served as they are."""
    zones = "".join(PDNS_ZONE.format(apex=apex, path=path) for apex, path in files.items())
    write(folder, "named.conf", zones)
    write(folder, "pdns.conf", PDNS.format(folder=folder, port=port))
    util = [program("pdnsutil"), "--config-dir=" + folder]
    run = dict(check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    subprocess.run([*util, "create-bind-db", os.path.join(folder, "dnssec.sqlite")], **run)
    for apex, path in files.items():
        with open(path) as f:
            if "\tRRSIG\t" in f.read():
                subprocess.run([*util, "set-presigned", apex], **run)
    return [program("pdns_server"), "--config-dir=" + folder]
