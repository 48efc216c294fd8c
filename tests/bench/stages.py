"""What is measured on loopback: rates over UDP and TCP, starts, and reloads."""
import json
import os
import random
import shutil
import statistics as st
import subprocess
import time

import jobs
from harness import cpu, log, memory
from messages import addresses, ask, framed, question

TICK = os.sysconf("SC_CLK_TCK")


def wrong_answer(server, questions, wanted):
    for message, right in zip(questions, wanted):
        rcode, got = addresses(ask(server.port, message))
        if rcode or not got or (server.peer.real_server and not set(got) <= right):
            return "wrong answer: rcode %d %s, expected one of %s" % (rcode, got, sorted(right))
    return None


def split(us, parts):
    """CPU time a query and its (user, system) parts -> the row's us, user_us, sys_us and queries per CPU second"""
    user = parts[0] / max(1, sum(parts))
    return dict(us=us, user_us=us * user, sys_us=us * (1 - user), per_cpu_second=1e6 / us if us else 0)


def quick_user(runs):
    """User CPU a query of the quickest third of the runs: whatever else a machine does makes a run slower, never
    quicker."""
    quick = sorted(runs, key=lambda x: x["us"])[: (len(runs) + 2) // 3]
    return st.mean(x["us"] * x["parts"][0] / max(1, sum(x["parts"])) for x in quick)


def udp(harness, workload, group, data, questions, wanted, zone):
    """Each server is loaded in turn, A B C … C B A, for so many rounds. -> rows"""
    options, servers = harness.options, []
    for peer in group:
        server = harness.spawn(peer, workload, peer.file_for(workload, zone))
        if not harness.ready(server, questions[0]):
            continue
        problem = wrong_answer(server, questions, wanted)
        if problem:
            log(peer.name, workload, problem, "- left out")
            harness.stop(server)
            continue
        server.closed, server.open = [], []
        servers.append(server)
    for r in range(options.rounds):
        for server in servers if r % 2 == 0 else servers[::-1]:
            sampled = workload.startswith("signed") or workload == "chain"
            server.closed.append(
                harness.load(server, data, options.seconds, window=options.window, sampled=sampled)
            )
            half = st.median(x["qps"] for x in server.closed) / 2
            server.open.append(harness.load(server, data, options.seconds, rate=max(500, half)))
        log("%s: round %d of %d done" % (workload, r + 1, options.rounds))
    rows = []
    for server in servers:
        closed = server.closed
        qps = [x["qps"] for x in closed]
        row = dict(server=server.peer.name, real=server.peer.real_server, workload=workload)
        row.update(qps=st.median(qps), qps_min=min(qps), qps_max=max(qps))
        row.update(split(st.median(x["us"] for x in closed), [sum(x["parts"][i] for x in closed) for i in (0, 1)]))
        row["loss_pct"] = 100 * sum(x["lost"] for x in closed) / max(1, sum(x["sent"] for x in closed))
        row["bad"] = sum(x["bad"] for x in closed)
        row.update({k: st.median(x[k] for x in server.open) for k in ("p50_us", "p99_us")})
        row.update(rss_mb=memory(server.pids()), start_s=server.start_s, us_runs=[round(x["us"], 3) for x in closed])
        row["user_part"] = sum(x["parts"][0] for x in closed)
        row["user_quick_us"] = quick_user(closed)
        row["user_runs"] = [x["us"] * x["parts"][0] / max(1, sum(x["parts"])) for x in closed]
        rows.append(row)
        harness.stop(server)
    return rows


def streams(harness, workload, group, data, questions, zone):
    """dnsperf over 20 lasting connections, 10 queries in flight on each; `workload` is tcp or dot. -> rows"""
    if not shutil.which("dnsperf"):
        return []
    options, servers = harness.options, []
    for peer in group:
        server = harness.spawn(peer, workload, zone)
        if harness.ready(server, questions[0]):
            server.runs = []
            servers.append(server)
    seconds = str(max(1, int(options.seconds)))
    for r in range((options.rounds + 1) // 2):
        for server in servers if r % 2 == 0 else servers[::-1]:
            port = server.port if workload == "tcp" else jobs.tls_port(server.port)
            command = ["dnsperf", "-m", workload, "-s", "127.0.0.1", "-p", str(port), "-d", data, "-B", "-l", seconds]
            command += ["-c", "20", "-q", "200", "-t", "2", "-O", "suppress=timeout"]
            pids = server.pids()  # CPU from utime + stime: it keeps the time of threads that have ended
            before = cpu(pids)
            text = harness.client(command, stderr=subprocess.DEVNULL, text=True, timeout=60)
            after = cpu(pids)
            figures = {
                k.strip(): v.split()[0] for k, v in (x.split(":", 1) for x in text.splitlines() if ":" in x) if v
            }
            completed = float(figures.get("Queries completed", 0))
            ticks = (after[1] - before[1], after[2] - before[2])
            server.runs.append(
                dict(
                    qps=float(figures.get("Queries per second", 0)),
                    us=sum(ticks) * 1e6 / TICK / max(1, completed),
                    lost=float(figures.get("Queries lost", 0)),
                    completed=completed,
                    ticks=ticks,
                )
            )
    rows = []
    for server in servers:
        runs = server.runs
        row = dict(server=server.peer.name, real=True, workload=workload, qps=st.median(x["qps"] for x in runs))
        row.update(split(st.median(x["us"] for x in runs), [sum(x["ticks"][i] for x in runs) for i in (0, 1)]))
        row["loss_pct"] = 100 * sum(x["lost"] for x in runs) / max(1, sum(x["completed"] + x["lost"] for x in runs))
        row.update(p50_us=None, p99_us=None, rss_mb=memory(server.pids()), start_s=server.start_s)
        row["us_runs"] = [round(x["us"], 3) for x in runs]
        rows.append(row)
        harness.stop(server)
    return rows


def starts(harness, group, sizes):
    """From exec to the first right answer, by size of the zone. -> rows"""
    rows = []
    for names in sizes:
        zone = harness.path("zone-%d" % names)
        jobs.static_zone(zone, names)
        last = question("h%d.%s" % (names - 1, jobs.ZONE))
        for peer in group:
            taken = []
            for _ in range(3 if names <= 1000 else 1):
                server = harness.spawn(peer, "static", zone)
                if harness.ready(server, last, 180):
                    taken.append(server.start_s)
                    mb = memory(server.pids())
                    harness.stop(server)
            if taken:
                rows.append(dict(server=peer.name, names=names, start_s=st.median(taken), rss_mb=mb))
                log("start", peer.name, names, "names: %.3f s, %.0f MB" % (st.median(taken), mb))
    return rows


def geo_starts(harness, group, questions):
    """From exec to the first right answer with the city database: the first start in an empty folder, and the second in
    the same, where a server may have kept what it made of the database. -> rows"""
    rows = []
    for peer in group:
        folder, taken = harness.path("%s-geostart" % peer.name), []
        for _ in range(2):
            server = harness.spawn(peer, "gslb", "", folder=folder)
            if harness.ready(server, questions[0], 60):
                taken.append(server.start_s)
                mb = memory(server.pids())
                harness.stop(server)
        if len(taken) == 2:
            rows.append(dict(server=peer.name, first_s=taken[0], second_s=taken[1], rss_mb=mb))
            log("geostart %s: first %.3f s, second %.3f s" % (peer.name, *taken))
    return rows


def change_zone(zone, serial, address):
    """Another serial and another address of h1, in the same inode, so that hard links follow."""
    with open(zone) as f:
        lines = f.readlines()
    for i, line in enumerate(lines):
        if " SOA " in line:
            lines[i] = "@ IN SOA ns1 hostmaster %d 3600 600 86400 60\n" % serial
        elif line.startswith("h1 "):
            lines[i] = "h1 IN A %s\n" % address
    with open(zone, "w") as f:
        f.writelines(lines)


def reloads(harness, group, names, rate):
    """Change the zone and reload three times under a steady load. -> rows"""
    rows = []
    first = question("h1.%s" % jobs.ZONE)
    data = harness.path("reload.bin")
    r = random.Random(3)
    with open(data, "wb") as f:
        f.write(framed(question("h%d.%s" % (r.randrange(names), jobs.ZONE)) for _ in range(20000)))
    for peer in group:
        zone = harness.path("reload-%s" % peer.name)
        jobs.static_zone(zone, names)
        server = harness.spawn(peer, "static", zone)
        if not harness.ready(server, first):
            continue
        command = [harness.path("load"), "-p", str(server.port), "-d", data, "-r", str(rate), "-w", "0.3", "-t"]
        base = json.loads(harness.client(command + ["2"], timeout=60))
        load = subprocess.Popen(command + ["4"], stdout=subprocess.PIPE, preexec_fn=harness.pinned(harness.client_cpu))
        taken, not_seen = [], 0
        for k in range(3):
            time.sleep(0.6)
            wanted = "198.18.255.%d" % (k + 1)
            change_zone(zone, k + 2, wanted)
            start = time.monotonic()
            harness.reload(server)
            while time.monotonic() < start + 10:
                if wanted in addresses(ask(server.port, first, 0.3))[1]:
                    taken.append(time.monotonic() - start)
                    break
                time.sleep(0.005)
            else:
                not_seen += 1
        result = json.loads(load.communicate(timeout=60)[0])
        harness.stop(server)
        row = dict(server=peer.name, names=names, rate=rate, not_seen=not_seen)
        row.update({k: result[k] for k in ("sent", "lost", "bad", "p99_us", "max_us")})
        row.update(base_max_us=base["max_us"], base_lost=base["lost"], base_p99_us=base["p99_us"])
        row["visible_s"] = st.median(taken) if taken else None
        rows.append(row)
        log("reload", peer.name, "lost", result["lost"], "of", result["sent"])
    return rows
