"""Starts servers on loopback, loads them, and measures what they cost."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import sampling
from messages import addresses, ask

HERE = os.path.dirname(os.path.abspath(__file__))


def log(*words):
    print("#", *words, file=sys.stderr, flush=True)


def tree(pid):
    """A process and all that descend from it."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry) as f:
                    stat = f.read()
                children.setdefault(int(stat[stat.rindex(")") + 2 :].split()[1]), []).append(int(entry))
            except (OSError, ValueError):
                pass
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def cpu(pids):
    """-> (run time in us, user ticks, system ticks) of these processes, all threads"""
    ns = user = system = 0
    for pid in pids:
        try:
            for thread in os.listdir("/proc/%d/task" % pid):
                with open("/proc/%d/task/%s/schedstat" % (pid, thread)) as f:
                    ns += int(f.read().split()[0])
            with open("/proc/%d/stat" % pid) as f:
                stat = f.read()
            fields = stat[stat.rindex(")") + 2 :].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        except OSError:
            pass
    return ns / 1000.0, user, system


def memory(pids):
    """Proportional set size where readable (shared pages counted once), in MB."""
    kb = 0
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid) as f:
                kb += next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass
    return kb / 1024.0


def port_is_free(port):
    """Servers set SO_REUSEPORT, so they would share a port that is taken without a word."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


class Server:
    """One running server."""

    def __init__(self, peer, process, port, folder, started):
        self.peer, self.process, self.port, self.folder, self.started = peer, process, port, folder, started
        self.start_s = None

    def pids(self):
        return tree(self.process.pid)


class Harness:
    def __init__(self, options):
        self.options = options
        self.tmp = tempfile.mkdtemp(prefix="gslb-bench-")
        self.port = options.port
        self.live = []
        many = (os.cpu_count() or 1) > 1
        self.server_cpu, self.client_cpu = (0, 1) if many else (0, 0)
        for name in ("floor", "load"):
            subprocess.run(["gcc", "-O2", "-o", self.path(name), "%s/src/%s.c" % (HERE, name)], check=True)

    def path(self, name):
        return os.path.join(self.tmp, name)

    def pinned(self, cpu_number):
        def prepare():
            os.sched_setaffinity(0, {cpu_number})
            if self.options.nice and os.geteuid() == 0:
                os.setpriority(os.PRIO_PROCESS, 0, self.options.nice)

        return prepare

    def client(self, command, **more):
        """Runs a load generator. -> its standard output"""
        done = subprocess.run(command, stdout=subprocess.PIPE, preexec_fn=self.pinned(self.client_cpu), **more)
        return done.stdout

    def spawn(self, peer, workload, zone, before=(), folder=None):
        self.port = next(port for port in range(self.port + 1, 65536) if port_is_free(port))
        folder = folder or self.path("%s-%s-%d" % (peer.name, workload, self.port))
        os.makedirs(folder, exist_ok=True)
        command = list(before) + peer.start(folder, self.port, workload, zone)
        with open(folder + "/log", "wb") as output:
            started = time.monotonic()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=self.pinned(self.server_cpu),
                start_new_session=True,
                cwd=folder,
            )
        server = Server(peer, process, self.port, folder, started)
        self.live.append(server)
        return server

    def ready(self, server, message, limit=20):
        """Waits for the first right answer; a server that gives none is stopped."""
        if server.peer.iface:  # veth stage: kxdpgun counts the right answers
            time.sleep(1.2)
            return server.process.poll() is None
        end = time.monotonic() + limit
        while time.monotonic() < end and server.process.poll() is None:
            reply = ask(server.port, message, 0.02)
            if reply and addresses(reply)[0] == 0 and addresses(reply)[1]:
                server.start_s = time.monotonic() - server.started
                return True
            time.sleep(0.002)
        with open(server.folder + "/log", errors="replace") as f:
            log(server.peer.name, "did not answer; its log ends:", f.read()[-600:].strip())
        self.stop(server)
        return False

    def stop(self, server):
        process = server.process
        if server in self.live:
            self.live.remove(server)
        pids = tree(process.pid) if process.poll() is None else []
        for number, wait in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(wait)
            except subprocess.TimeoutExpired:
                pass
        for pid in pids[1:]:  # children that outlived it
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    def load(self, server, questions, seconds, window=0, rate=0, warm=0.2, sampled=False):
        """Closed loop with a window, or open loop at a rate. -> what load.c printed, CPU time a query, and its parts in
        user and in system mode, in ticks or, if wanted and possible, in samples"""
        command = [self.path("load"), "-p", str(server.port), "-d", questions, "-t", str(seconds), "-w", str(warm)]
        command += ["-r", str(int(rate))] if rate else ["-q", str(window)]
        pids = server.pids()
        samples = sampling.of(pids, self.path("perf.data")) if sampled else contextlib.nullcontext()
        with samples as counted:
            before = cpu(pids)
            result = json.loads(self.client(command, timeout=seconds + 30))
            after = cpu(pids)
        result["us"] = (after[0] - before[0]) / max(1, result["total_sent"])
        result["parts"] = counted or (after[1] - before[1], after[2] - before[2])
        return result

    def reload(self, server):
        command = server.peer.reload_cmd(server.folder, server.port)
        if command:
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)
        else:
            server.process.send_signal(signal.SIGHUP)

    def close(self):
        for server in list(self.live):
            self.stop(server)
        if self.options.keep:
            log("kept", self.tmp)
        else:
            shutil.rmtree(self.tmp, ignore_errors=True)
