#!/usr/bin/python3
"""Asks the engine and an independent model of it the same questions, and compares every answer.

    tests/model/agree.py --cases 100000 --seed 1 --decide build/release/bin/decide

Each case is a client (a resolver and perhaps its client subnet), a state of every endpoint, and a service of a
configuration made up by chance. Compared are response code and mode, scope, TTL and the addresses in their order.
What the model leaves open (a draw by query; which of two classes cover as much of a network) may be any of its
answers."""
import argparse
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from made_up import MadeUp  # noqa: E402
from model import World  # noqa: E402

MODES = {"normal": "-", "fail_open": "3", "last_resort": "3", "fenced": "17", "nothing": "0"}  # by extended error (RFC 8914)
STATES, QUESTIONS = 8, 250  # of each world


def script(rounds):
    lines = []
    for waited, states, questions in rounds:
        lines.append(f"wait {waited}")
        for address, (verdict, in_motion, until, returned, ordered) in states.items():
            ago = "-" if returned is None else round(returned * 1000)
            if ordered:
                lines.append(f"order {address} {ordered}")
            lines.append(f"verdict {address} {verdict} {int(in_motion)} {round(until * 1000)} {ago}")
        lines.append("publish")
        for name, family, resolver, network in questions:
            lines.append(f"ask {name} {1 if family == 4 else 28} {resolver} {network or '-'}")
    return "\n".join(lines) + "\n"


def expected(world, question):
    """Every right answer as `decide` prints it."""
    name, family, resolver, network = question
    answers, scopes = world.answers(name, family, resolver, network)
    out = set()
    for mode, ttl, addresses in answers:
        refused = addresses is None
        error = MODES[mode] if refused or mode in ("fail_open", "last_resort") else "-"
        if network is None:
            subnets = {"-"}
        else:
            kind = 1 if network.version == 4 else 2
            subnets = {f"{kind}/{network.prefixlen}/{scope}" for scope in scopes}
        for subnet in subnets:
            if refused:
                out.add(f"2 {error} {subnet} -")
            else:
                out.add(f"0 {error} {subnet} {ttl} " + " ".join(addresses))
    return out


def canonical(line):
    words = line.split()
    return " ".join(words[:4] + [str(ipaddress.ip_address(a)) for a in words[4:]])


def run_world(seed, cases, decide, folder, countries):
    made_up = MadeUp(seed, folder)
    rounds = []
    for _ in range(STATES):
        count = min(QUESTIONS, cases - sum(len(q) for _, _, q in rounds))
        if count > 0:
            rounds.append((made_up.random.choice((0, 5, 30, 100)), made_up.states(), [made_up.question() for _ in range(count)]))
    command = [decide, made_up.path]
    done = subprocess.run(command, input=script(rounds), text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"seed {seed}: decide ends with {done.returncode}:\n{done.stderr}")
    answers = iter(done.stdout.splitlines())
    world = World(made_up.path, countries)
    differences = []
    for waited, states, questions in rounds:
        world.set_states(waited, states)
        for question in questions:
            right, answer = expected(world, question), canonical(next(answers))
            if answer not in right:
                differences.append((seed, question, answer, sorted(right)))
    return sum(len(q) for _, _, q in rounds), differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="of the first world; each next world takes the next")
    parser.add_argument("--decide", default="build/release/bin/decide")
    parser.add_argument("--countries", default="geo/data/country-points.csv")
    parser.add_argument("--keep", metavar="FOLDER", help="leave the worlds there")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    begun, cases, seed, found = time.monotonic(), 0, options.seed, []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        while cases < options.cases and len(found) < 20:
            count, differences = run_world(seed, options.cases - cases, options.decide, folder, options.countries)
            cases, seed, found = cases + count, seed + 1, found + differences
    for seed_of, (name, family, resolver, network), answer, right in found[:20]:
        print(f"seed {seed_of}: {name} IPv{family} resolver {resolver} subnet {network}\n  engine {answer}\n  model  " +
              "\n         ".join(right[:8]))
    result = {"cases": cases, "worlds": seed - options.seed, "seed": options.seed, "differences": len(found),
              "seconds": round(time.monotonic() - begun)}
    print(json.dumps(result) if options.json else
          f"{cases:,} cases in {result['worlds']} worlds, {len(found)} differences, {result['seconds']} s")
    return 1 if found or cases < options.cases else 0


if __name__ == "__main__":
    sys.exit(main())
