"""Debian's resolvers, each from the root hints and trust anchor of a test's own Internet (internet.py)."""
import os

from internet import program
from lab import Process

UNBOUND = """
server:
  interface: {address}
  outgoing-interface: {address}
  do-ip6: no
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  module-config: "{modules}"
  access-control: 0.0.0.0/0 allow
  root-hints: "{hints}"
  qname-minimisation: yes
  use-caps-for-id: yes
  harden-below-nxdomain: yes
  harden-referral-path: no
  cache-min-ttl: 0
  {anchor}
  {more}
remote-control:
  control-enable: no
"""
NAMED = """
options {{
  directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
  listen-on port 53 {{ {address}; }}; listen-on-v6 {{ none; }}; query-source address {address};
  recursion yes; allow-query {{ any; }}; allow-recursion {{ any; }}; dnssec-validation {validation};
  empty-zones-enable no;
}};
controls {{ }};
zone "." {{ type hint; file "{hints}"; }};
{anchor}
"""
KRESD = """
net.listen('{address}', 53, {{ kind = 'dns' }})
net.ipv6 = false
modules.load('hints > iterate')
hints.root_file('{hints}')
cache.size = 10 * MB
{anchor}
"""
RECURSOR_LUA = "clearTA()\n{anchor}\n"


def start(test, name, address, anchors=(), ready="", **options):
    """anchors: the root's DS records as text ("12345 13 2 ABCD…"); none validates nothing. -> Process"""
    folder = test.path(name)
    os.makedirs(folder)
    test.add_address(address)
    values = dict(address=address, folder=folder, hints=test.path("hints"))
    command = STARTERS[name.split("-")[0]](test, name, values, list(anchors), **options)
    resolver = test.run_process(Process(test.folder, name, command))
    test.wait_for(lambda: test.reply(ready or ".", "SOA", address) is not None, 30, name + " answers")
    return resolver


def unbound(test, name, values, anchors, subnetcache=(), more=""):
    anchor = "\n  ".join('trust-anchor: ". DS %s"' % a for a in anchors)
    modules = " ".join([*subnetcache, *(["validator"] if anchors else []), "iterator"])
    text = UNBOUND.format(anchor=anchor, modules=modules, more=more, **values)
    return [program("unbound"), "-d", "-c", test.write(name + ".conf", text)]


def named(test, name, values, anchors):
    parts = [a.split(None, 3) for a in anchors]
    anchor = "".join('trust-anchors {{ . static-ds {} {} {} "{}"; }};\n'.format(*p) for p in parts)
    text = NAMED.format(anchor=anchor, validation="yes" if anchors else "no", **values)
    return [program("named"), "-g", "-n", "1", "-c", test.write(name + ".conf", text)]


def kresd(test, name, values, anchors):
    lines = ["trust_anchors.remove('.')"] + ["trust_anchors.add('. DS %s')" % a for a in anchors]
    text = KRESD.format(anchor="\n".join(lines), **values)
    return [program("kresd"), "-n", "-c", test.write(name + ".conf", text), values["folder"]]


def recursor(test, name, values, anchors):
    lua = test.write(name + ".lua", RECURSOR_LUA.format(anchor="\n".join("addTA('.', \"%s\")" % a for a in anchors)))
    settings = {
        "config-dir": values["folder"],
        "socket-dir": values["folder"],
        "local-address": values["address"],
        "query-local-address": values["address"],
        "hint-file": values["hints"],
        "dnssec": "validate" if anchors else "off",
        "lua-config-file": lua,
        "allow-from": "0.0.0.0/0",
        "dont-query": "",
        "security-poll-suffix": "",
        "daemon": "no",
        "write-pid": "no",
        "disable-syslog": "yes",
        "root-nx-trust": "no",
        "threads": "1",
    }
    return [program("pdns_recursor"), *("--%s=%s" % pair for pair in settings.items())]


STARTERS = {"unbound": unbound, "named": named, "kresd": kresd, "recursor": recursor}
