"""Tables for people, and the ratios that claims are made of."""
import os
import statistics as st


def number(value, form="%.1f"):
    return "-" if value is None else form % value


def table(rows, columns):
    """`columns`: (title, how a row's cell is made). The first two are words, the others numbers."""
    cells = [[title for title, _ in columns]] + [[make(row) for _, make in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    pad = [str.ljust, str.ljust] + [str.rjust] * len(columns)
    return "\n".join("  ".join(p(c, w) for p, c, w in zip(pad, line, widths)).rstrip() for line in cells)


def column(title, key, form="%.1f"):
    return title, lambda row: number(row[key], form)


def word(title, key):
    return title, lambda row: str(row[key])


def compare_with_best(rows):
    """Adds to each row its ratio to the floor and to the cheapest peer of the workload."""
    for workload in {row["workload"] for row in rows}:
        group = [row for row in rows if row["workload"] == workload]
        floor = min([row["us"] for row in group if not row["real"]] or [0])
        best = min([row["us"] for row in group if row["real"] and not row["server"].startswith("gslbd")] or [0])
        for row in group:
            row["vs_floor"] = row["us"] / floor if floor else None
            row["vs_best_peer"] = row["us"] / best if best else None


def ratios(rows):
    """gslbd's CPU time a query over each peer's, as the median of the ratios within one round: what one round suffered,
    both suffered."""
    found = []
    for workload in sorted({row["workload"] for row in rows}):
        runs = {row["server"]: row["us_runs"] for row in rows if row["workload"] == workload and "us_runs" in row}
        for peer in sorted(set(runs) - {"gslbd"}):
            each = [mine / theirs for mine, theirs in zip(runs.get("gslbd", []), runs[peer]) if theirs]
            if each:
                row = dict(workload=workload, peer=peer, ratio=st.median(each), low=min(each), high=max(each))
                found.append(dict(row, rounds=len(each)))
    return found


def beyond_the_bytes(rows):
    """User CPU of signed answers over that of unsigned ones, less what answers of that length cost anyhow. It is a small
    part of the whole, so this is from samples (without perf: ticks), of the quickest third of the rounds of each."""
    found = {(row["workload"], row["server"]): row for row in rows if "user_part" in row}
    plain, longer = found.get(("signed", "gslbd-unsigned")), found.get(("signed", "gslbd-bytes"))
    if not plain or not longer:
        return []
    octets, out = longer["user_quick_us"] - plain["user_quick_us"], []
    for workload in ("signed", "signed-gslb"):
        pair = [found.get((workload, server)) for server in ("gslbd", "gslbd-unsigned")]
        if all(pair) and pair[1]["user_quick_us"]:
            ratio = (pair[0]["user_quick_us"] - octets) / pair[1]["user_quick_us"]
            part = min(row["user_part"] for row in (*pair, plain, longer))
            out.append(dict(workload=workload, octets_us=octets, ratio=ratio, part=part))
    return out


def longer_chain(rows):
    """How much more user CPU a query takes by the chain of five filters than by that of three, from samples: the median
    of what they differ by within one round."""
    found = {row["server"]: row for row in rows if row["workload"] == "chain"}
    pair = [found.get(server) for server in ("gslbd", "gslbd-short")]
    if not all(pair):
        return []
    five, three = (row["user_runs"] for row in pair)
    each = [mine - theirs for mine, theirs in zip(five, three)]
    row = dict(five_us=st.median(five), three_us=st.median(three), more_us=st.median(each), low=min(each), high=max(each))
    return [dict(row, rounds=len(each), part=min(row["user_part"] for row in pair))]


def show(result, notes):
    rows = result["rows"]
    columns = [word("server", "server"), word("workload", "workload"), column("QPS", "qps", "%.0f")]
    columns += [column("CPU us/q", "us", "%.2f"), column("user", "user_us", "%.2f"), column("sys", "sys_us", "%.2f")]
    columns += [column("q/CPU-s", "per_cpu_second", "%.0f"), column("loss%", "loss_pct", "%.3f")]
    columns += [column("p50 us", "p50_us"), column("p99 us", "p99_us"), column("PSS MB", "rss_mb")]
    columns += [column("x floor", "vs_floor", "%.2f"), column("x best peer", "vs_best_peer", "%.2f")]
    if rows:
        print(table(rows, columns))
    for row in result["ratios"]:
        words = "gslbd / %s, %s: CPU us/q ratio %.2f" % (row["peer"], row["workload"], row["ratio"])
        print(
            "%s%s   median of %d rounds, %.2f to %.2f"
            % ("" if row is not result["ratios"][0] else "\n", words, row["rounds"], row["low"], row["high"])
        )
    for row in result["beyond_the_bytes"]:
        words = "signed / unsigned, %s: user CPU ratio beyond the bytes (%.3f us) %.3f   from %d samples or more"
        print(words % (row["workload"], row["octets_us"], row["ratio"], row["part"]))
    for row in result["longer_chain"]:
        words = "chain of five filters - of three: user CPU %.3f - %.3f us: %+.3f us   median of %d rounds, %+.3f to %+.3f, from %d samples or more"
        print(words % tuple(row[x] for x in ("five_us", "three_us", "more_us", "rounds", "low", "high", "part")))
    if result["veth"]:
        print("\nveth pair between two namespaces, kxdpgun as client, static workload")
        columns = [word("server", "server"), word("asked q/s", "rate"), column("CPU us/reply", "us", "%.2f")]
        print(
            table(
                result["veth"], columns + [column("user", "user_us", "%.2f"), column("replies%", "replies_pct", "%.2f")]
            )
        )
    if result["start"]:
        print("\nstart to first answer")
        columns = [word("server", "server"), word("names", "names"), column("seconds", "start_s", "%.3f")]
        print(table(result["start"], columns + [column("PSS MB", "rss_mb")]))
    if result["geostart"]:
        print("\nstart to first answer with the city database %s" % result["settings"]["geodb"])
        columns = [
            word("server", "server"),
            column("first s", "first_s", "%.3f"),
            column("second s", "second_s", "%.3f"),
        ]
        print(table(result["geostart"], columns + [column("PSS MB", "rss_mb")]))
    if result["reload"]:
        first = result["reload"][0]
        print("\n3 reloads of a changed %d-name zone under %d queries/s" % (first["names"], first["rate"]))
        columns = [
            word("server", "server"),
            ("lost", lambda row: "%d of %d" % (row["lost"], row["sent"])),
            word("bad", "bad"),
        ]
        columns += [
            column("change seen s", "visible_s", "%.3f"),
            column("p99 us", "p99_us"),
            column("max us", "max_us"),
        ]
        print(table(result["reload"], columns + [column("max us, no reload", "base_max_us")]))
    for note in notes if rows else ():
        print("note: " + note)
    versions = "; ".join("%s %s" % pair for pair in result["versions"].items() if not pair[0].startswith("floor"))
    machine = result["machine"]
    print(
        "\n%s, %d cores, kernel %s; %s; %.0f s\n"
        % (machine["cpu"], machine["cores"], machine["kernel"], versions, result["wall_s"])
    )


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "?")
    return dict(cpu=model, cores=os.cpu_count(), kernel=os.uname().release.split("-")[0], load=os.getloadavg())
