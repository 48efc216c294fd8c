"""What DNS clients notice of the probes: the same server and load with its targets probed and not, in turns."""
import json
import os
import signal
import statistics as st
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from messages import ask, framed, question  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PORT, RATE, ROUNDS, PER_SERVICE = 5300, 20000, 3, 50


def configuration(folder, targets, interval, http_port, probed):
    monitor = "{ http: /, port: %d, interval: %dms, timeout: 1s }" % (http_port, interval) if probed else "none"
    text = "listen: 127.0.0.1:%d\nthreads: 1\nstate: none\ncontrol: { socket: none }\nlog: { level: error }\n" % PORT
    text += "sites: { fra: {} }\ndefaults: { policy: [weighted, take: 1], monitor: %s }\n" % monitor
    text += "zones:\n  example.org:\n    ns: [ns1.example.net.]\n    services:\n"
    for service in range(max(1, targets // PER_SERVICE)):
        some = ", ".join("{ site: fra, address: 127.%d.%d.%d }" % (1 + service % 64, service // 64, n + 1) for n in range(PER_SERVICE))
        text += "      s%d: { endpoints: [%s] }\n" % (service, some)
    path = os.path.join(folder, "gslbd-%d.yaml" % probed)
    with open(path, "w") as f:
        f.write(text)
    return path


def one_run(gslbd, load, config, queries, settle, seconds):
    server = subprocess.Popen(["taskset", "-c", "0", gslbd, "--config", config])
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not ask(PORT, question("s0.example.org"), 0.5):
            time.sleep(0.05)
        time.sleep(settle)
        command = ["taskset", "-c", "1", "nice", "-n", "-5", load, "-p", str(PORT), "-d", queries, "-r", str(RATE)]
        return json.loads(subprocess.run([*command, "-t", str(seconds)], check=True, stdout=subprocess.PIPE).stdout)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def measure(folder, gslbd, targets, interval, seconds, http_port):
    """-> p50 and p99 in microseconds and what was lost, with probes and without"""
    load, queries = os.path.join(folder, "load"), os.path.join(folder, "queries.bin")
    subprocess.run(["gcc", "-O2", "-o", load, os.path.join(HERE, "src", "load.c")], check=True)
    with open(queries, "wb") as f:
        f.write(framed(question("s%d.example.org" % n) for n in range(max(1, targets // PER_SERVICE))))
    configs = {on: configuration(folder, targets, interval, http_port, on) for on in (True, False)}
    runs = {True: [], False: []}
    for r in range(ROUNDS):
        for on in (True, False) if r % 2 == 0 else (False, True):
            runs[on].append(one_run(gslbd, load, configs[on], queries, 2 * interval / 1000, seconds))
    out = dict(rate=RATE, rounds=ROUNDS, targets=targets)
    for name, on in (("on", True), ("off", False)):
        out["p50_us_" + name] = st.median(run["p50_us"] for run in runs[on])
        out["p99_us_" + name] = st.median(run["p99_us"] for run in runs[on])
        out["lost_" + name] = sum(run["lost"] for run in runs[on])
    return out
