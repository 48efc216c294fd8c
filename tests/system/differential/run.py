#!/usr/bin/python3
"""Asks gslbd, NSD and Knot DNS the same generated questions about the same static zones, and compares the replies.

  tests/system/differential/run.py [--count N] [--seed S] [--first I] [--json FILE] [--show N]

A question is a function of seed and number, so `--first I --count 1` repeats one. Exit status 1: a difference that no
rule of rules.py explains.
"""
import argparse
import collections
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import compare  # noqa: E402
import peers  # noqa: E402
import rules  # noqa: E402
from lab import BIN, Process, free_port, read  # noqa: E402
from questions import Questions  # noqa: E402
from zones import texts  # noqa: E402

GSLBD = """
listen: "127.0.0.1:{port}"
control: {{ socket: none }}
geo: {{ location: [] }}
zones:
"""
GSLBD_ZONE = '  {apex}: {{ files: "{path}" }}\n'


class Run:
    """The three servers, what was asked so far, and what differed. `spoil` changes the zones that gslbd reads."""

    def __init__(self, folder, spoil=lambda text: text):
        self.folder = folder
        self.processes = []
        files, our_files = {}, {}
        for apex, text in texts().items():
            files[apex] = peers.write(folder, apex + "zone", text)
            our_files[apex] = peers.write(folder, apex + "ours", spoil(text))
        ports = {name: free_port() for name in ("gslbd", "nsd", "knot")}
        gslbd = GSLBD.format(port=ports["gslbd"])
        gslbd += "".join(GSLBD_ZONE.format(apex=apex, path=path) for apex, path in our_files.items())
        commands = {
            "gslbd": [os.path.join(BIN, "gslbd"), "--config", peers.write(folder, "gslbd.yaml", gslbd)],
            "nsd": peers.nsd(folder, ports["nsd"], files),
            "knot": peers.knot(folder, ports["knot"], files),
        }
        for name, command in commands.items():
            self.processes.append(Process(folder, name, command).start())
        self.panel = compare.Panel(ports)
        self.questions = Questions(texts())
        self.counts = {peer: collections.Counter() for peer in ("nsd", "knot")}
        self.findings = []  # (question's number, peer, message, over TCP, ours, theirs, what differs)

    def __enter__(self):
        deadline = time.monotonic() + 30
        probe = compare.dns.message.make_query("example.org.", "SOA")
        while True:
            try:
                if all(r is not None and r.authoritative for r in self.panel.ask(probe, False).values()):
                    return self
            except OSError:
                pass
            for process in self.processes:
                if not process.running() or time.monotonic() > deadline:
                    logs = "".join(read(p.log) for p in self.processes)
                    self.__exit__()
                    sys.exit("%s does not answer\n%s" % (process.name, logs))
            time.sleep(0.05)

    def __exit__(self, *_):
        self.panel.close()
        for process in self.processes:
            process.stop()

    def ask(self, seed, index):
        message, tcp = self.questions(seed, index)
        replies = self.panel.ask(message, tcp)
        ours = replies["gslbd"]
        for peer, counts in self.counts.items():
            theirs = replies[peer]
            if ours is None or theirs is None:
                name = "silent" if ours is None and theirs is None else None
                fields = {"silence"}
            else:
                case = rules.Case(self.questions.data, self.panel, peer, message, tcp, ours, theirs)
                fields = case.fields
                if not fields:
                    counts["same"] += 1
                    continue
                name = rules.explain(case)
            if name is None:
                self.findings.append((index, peer, message, tcp, ours, theirs, fields))
            counts[name or "UNEXPLAINED"] += 1


def describe(finding):
    index, peer, message, tcp, ours, theirs, fields = finding
    edns = "no edns"
    if message.edns >= 0:
        edns = "edns%d %d do=%d" % (message.edns, message.payload, bool(message.ednsflags))
    how = "TCP" if tcp else "UDP"
    head = "question %d: %s over %s, %s: %s" % (index, message.question[0], how, edns, ", ".join(sorted(fields)))
    return "%s\n  gslbd  %s  %-6s %s" % (head, ours, peer, theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--json")
    parser.add_argument("--show", type=int, default=20, help="findings to print")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gslb-differential-") as folder, Run(folder) as run:
        for index in range(options.first, options.first + options.count):
            run.ask(options.seed, index)
    for finding in run.findings[: options.show]:
        print(describe(finding))
    for peer, counts in run.counts.items():
        print("%s: %d questions, %d unexplained" % (peer, options.count, counts["UNEXPLAINED"]))
        for name, count in counts.most_common():
            print("  %8d  %s" % (count, name))
    if options.json:
        with open(options.json, "w") as f:
            json.dump({peer: dict(counts) for peer, counts in run.counts.items()}, f)
    return 1 if run.findings else 0


if __name__ == "__main__":
    sys.exit(main())
