"""A veth pair between two network namespaces, kxdpgun as the client: what AF_XDP gives over sockets."""
import json
import os
import random
import shutil
import statistics as st
import subprocess

import jobs
from harness import HERE, cpu, log

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"


def ip(*words):
    done = subprocess.run(("ip",) + words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout


def wire(server_ns, client_ns):
    """Two namespaces and the pair between them. -> whether it could be made"""
    ip("netns", "add", server_ns), ip("netns", "add", client_ns)
    ip("link", "add", "gs0", "netns", server_ns, "type", "veth", "peer", "name", "gc0", "netns", client_ns)
    mac = {}
    for ns, device, address in ((server_ns, "gs0", SERVER), (client_ns, "gc0", CLIENT)):
        ip("-n", ns, "addr", "add", address + "/24", "dev", device)
        ip("-n", ns, "link", "set", device, "up")
        ip("-n", ns, "link", "set", "lo", "up")
        mac[ns] = json.loads(ip("-n", ns, "-j", "link", "show", "dev", device) or "[{}]")[0].get("address")
    if not all(mac.values()):
        return False
    ip("-n", client_ns, "neigh", "replace", SERVER, "lladdr", mac[server_ns], "dev", "gc0")
    ip("-n", server_ns, "neigh", "replace", CLIENT, "lladdr", mac[client_ns], "dev", "gs0")
    return True


def shoot(harness, server, client_ns, rate, queries):
    """One second of kxdpgun. -> (queries, right replies, CPU us, user ticks, system ticks)"""
    command = ["ip", "netns", "exec", client_ns, "timeout", "20", "kxdpgun", "-F", str(harness.client_cpu)]
    command += ["-t", "1", "-Q", str(rate), "-b", "64", "-p", str(server.port), "-i", queries, SERVER]
    pids = server.pids()
    before = cpu(pids)
    text = harness.client(command, stderr=subprocess.STDOUT, text=True)
    after = cpu(pids)
    wanted = ("total queries", "responded NOERROR")
    figures = {x.split(":")[0]: int(x.split(":")[1].split()[0]) for x in text.splitlines() if x.startswith(wanted)}
    spent = [b - a for a, b in zip(before, after)]
    return [figures.get(w, 0) for w in wanted] + spent


def stage(harness, group, rates, zone, names):
    """-> rows of CPU per reply at each asked rate"""
    if os.geteuid() or not shutil.which("kxdpgun"):
        log("veth: needs root and kxdpgun, stage left out")
        return []
    build = ["gcc", "-O2", "-o", harness.path("floor_xdp"), HERE + "/src/floor_xdp.c", "-lxdp", "-lbpf"]
    if subprocess.run(build, stderr=subprocess.DEVNULL).returncode:
        log("floor_xdp could not be built: left out")
    group = [p for p in group if p.available()]
    server_ns, client_ns, rows = "gslbb-s%d" % os.getpid(), "gslbb-c%d" % os.getpid(), {}
    queries = harness.path("kxdpgun.txt")
    r = random.Random(4)
    with open(queries, "w") as f:
        f.writelines("h%d.%s A E\n" % (r.randrange(names), jobs.ZONE) for _ in range(20000))
    try:
        if not wire(server_ns, client_ns):
            log("no veth pair here, stage left out")
            return []
        for peer in group:
            peer.addr, peer.iface = SERVER, "gs0"
        for number in range(max(1, harness.options.rounds // 2)):
            for peer in group:
                ip("-n", server_ns, "link", "set", "dev", "gs0", "xdp", "off")
                ip("-n", client_ns, "link", "set", "dev", "gc0", "xdp", "off")
                server = harness.spawn(peer, "veth", zone, ["ip", "netns", "exec", server_ns])
                if not harness.ready(server, None):
                    continue
                for rate in rates:
                    sent, replies, us, user, system = shoot(harness, server, client_ns, rate, queries)
                    if replies:
                        empty = dict(server=peer.name, rate=rate, us_runs=[], sent=0, replies=0, ticks=[0, 0])
                        row = rows.setdefault((peer.name, rate), empty)
                        row["us_runs"].append(round(us / replies, 3))
                        row["sent"] += sent
                        row["replies"] += replies
                        row["ticks"] = [row["ticks"][0] + user, row["ticks"][1] + system]
                harness.stop(server)
            log("veth: round", number + 1, "done")
    finally:
        ip("netns", "del", server_ns), ip("netns", "del", client_ns)
    for row in rows.values():
        row["us"] = st.median(row["us_runs"])
        row["user_us"] = row["us"] * row["ticks"][0] / max(1, sum(row["ticks"]))
        row["replies_pct"] = 100.0 * row["replies"] / row["sent"]
    return sorted(rows.values(), key=lambda row: (row["rate"], row["us"]))
