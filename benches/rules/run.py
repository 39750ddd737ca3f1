"""The bench table of the rules: one command a table.

    python benches/rules/run.py --snapshot DIR --binary target/release/taizhang [--table marks] [--pairs 5]

Tables: `peers` (forty rules beside polars and DuckDB), `all` (the whole catalogue beside one rule),
`row` (row rules beside a row-at-a-time CEL interpreter), `single` (twelve rules beside pandera and
Great Expectations), `floor` (decoding alone, plain loops), `memory` (peak and time of all rules; with
`--big DIR` a second snapshot), and `marks`, which is all of them. How to set up: ../README.md.

Everything runs in a process of its own; answers are compared record by record before anything is
timed. Times are processor seconds (user and system, children too), sides run in turn. Start-up is
the same command on a snapshot of twenty households; figures are shown with and without it.
"""

import argparse
import datetime
import importlib.metadata
import multiprocessing
import os
import subprocess
import sys
import tempfile

from measure import Report, cost, in_turn, median, ratios, spread
from peers import AS_OF, RULES as FORTY
from single import LEDGERS, ROW_RULES, RULES as TWELVE

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = os.path.join(HERE, "..", "runs")
# Rules of the catalogue that read households and persons alone.
TWO_LEDGERS = (
    "ARC-003 ARC-004 ARC-006 HH-001 HH-002 LOW-008 LOW-009 MON-001 MON-002 MON-003 MON-004 MON-005 MON-006 PAIR-006"
    " PER-001 PER-002 PER-003 PER-004 PER-005 PER-006 PER-007 PER-008 PER-009 PER-010 PER-011 PER-012 PER-013 PER-014"
    " PER-015 PER-016 PER-017 PER-018 PER-019 PER-020 PER-021 PER-022 PER-025 PER-026 REL-006").split()


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.report = Report(arguments.out)
        self.tiny = os.path.join(folder, "tiny")
        cost([arguments.binary, "generate", "--preset", "country", "--households", "20", "--seed", "3", "--out", self.tiny])
        os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)

    def path(self, name):
        return os.path.join(self.folder, name)

    def own(self, snapshot, rules=(), out=None, more=()):
        command = [self.arguments.binary, "check", "run", "--snapshot", snapshot, "--as-of", AS_OF,
                   "--threads", str(self.arguments.threads), "--no-values", *more]
        if out:
            command += ["--out", self.path(out)]
        for rule in rules:
            command += ["--rule", rule]
        return command

    def peer(self, script, side, snapshot, out, python=None, more=()):
        return [python or sys.executable, os.path.join(HERE, script), side, "--snapshot", snapshot, "--out", self.path(out), *more]

    def agree(self, rules, command, ours, others):
        """Runs both sides once and ends the bench where a record differs."""
        cost(command)
        for name, (other, out) in others.items():
            cost(other)
            told = in_child(differences, self.path(ours), self.path(out), rules)
            if told["differ"]:
                self.report.line(f"answers of taizhang and {name} DIFFER: {told['differ']}")
                if not self.arguments.keep_going:
                    raise SystemExit(1)
            else:
                self.report.line(f"answers of taizhang and {name} agree record by record: {told['records']:,} records of {told['rules']} rules")
        return told["counts"]


def in_child(function, *arguments):
    """In a process of its own, so that this one stays small."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def answers(path):
    import polars as pl

    if path.endswith(".tsv"):
        return pl.read_csv(path, separator="\t", has_header=False, new_columns=["rule", "record"],
                           schema={"rule": pl.String, "record": pl.Int64})
    frame = pl.read_parquet(path)
    if "outcome" in frame.columns:
        frame = frame.filter(pl.col("outcome").cast(pl.String) == "violates")
    return frame.select(pl.col("rule").cast(pl.String), pl.col("record").cast(pl.Int64))


def differences(ours, theirs, rules):
    """Rules whose records are not the same on both sides, with some of the records."""
    ours, theirs = answers(ours), answers(theirs)
    differ = {}
    for code in rules:
        mine = ours.filter(ours["rule"] == code)["record"].sort()
        other = theirs.filter(theirs["rule"] == code)["record"].sort()
        if len(mine) != len(other) or not (mine == other).all():
            only = set(mine), set(other)
            differ[code] = (f"{len(mine)} and {len(other)}", sorted(only[0] - only[1])[:3], sorted(only[1] - only[0])[:3])
    counts = dict(sorted(ours.group_by("rule").len().rows()))
    return {"differ": differ, "records": len(ours), "rules": len(rules), "counts": counts}


def size_of(snapshot):
    """Rows of a snapshot, from the heads of its files."""
    import polars as pl

    rows = {}
    for ledger in sorted(os.listdir(snapshot)):
        if os.path.isdir(os.path.join(snapshot, ledger)):
            scan = pl.scan_parquet(os.path.join(snapshot, ledger, "*.parquet"))
            rows[ledger] = scan.select(pl.len()).collect().item()
    size = sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(snapshot) for name in names)
    return rows["household"], rows["person"], sum(rows.values()), len(rows), size


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def version_in(python, name):
    code = f"import importlib.metadata as m; print(m.version('{name}'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip() or "?"


def peers(bench):
    """Forty rules: taizhang, polars, DuckDB."""
    arguments, report = bench.arguments, bench.report
    report.title(f"forty rules, cold from Parquet (files in the page cache), {arguments.threads} threads, ids of violating records to a Parquet file")
    report.line(f"polars {version('polars')} (one collect_all, streaming engine), DuckDB {version('duckdb')} (one process, one statement a rule)")
    more = ("--threads", str(arguments.threads))

    def sides(snapshot, ending=""):
        return {"taizhang": bench.own(snapshot, FORTY, f"own{ending}.parquet"),
                "polars": bench.peer("peers.py", "polars", snapshot, f"polars{ending}.parquet", more=more),
                "duckdb": bench.peer("peers.py", "duckdb", snapshot, f"duckdb{ending}.parquet", more=more)}

    full = sides(arguments.snapshot)
    counts = bench.agree(FORTY, full["taizhang"], "own.parquet", {
        name: (full[name], f"{name}.parquet") for name in ("polars", "duckdb")})
    report.line("violations: " + ", ".join(f"{code} {counts.get(code, 0)}" for code in FORTY))
    full["values told too"] = [part for part in full["taizhang"] if part != "--no-values"]
    tiny = sides(bench.tiny, "-tiny")
    tiny["values told too"] = [part for part in tiny["taizhang"] if part != "--no-values"]
    costs = in_turn(full, arguments.pairs)
    starts = in_turn(tiny, arguments.pairs)
    report.compared({name: costs[name] for name in ("taizhang", "polars", "duckdb")}, starts)
    own = [one.cpu for one in costs["values told too"]]
    report.line(f"taizhang with the values used told for each violation: {spread(own)} CPU s")
    report.line("marks: at most 0.5 of polars (aim 0.25), 0.3 of DuckDB")
    return costs, starts


def every(bench):
    """The whole catalogue beside one rule on the same ledgers."""
    arguments, report = bench.arguments, bench.report
    report.title("all rules beside one rule on the same ledgers (doubts to a file)")
    one = ("--codebook", os.path.join(HERE, "one"))
    sides = lambda snapshot: {
        "all rules": bench.own(snapshot, (), "all.parquet"),
        "one on every ledger": bench.own(snapshot, ["BEN-001"], "one.parquet", one),
        "39 on two ledgers": bench.own(snapshot, TWO_LEDGERS, "two.parquet"),
        "PER-008": bench.own(snapshot, ["PER-008"], "per.parquet"),
        "PER-025": bench.own(snapshot, ["PER-025"], "per.parquet"),
    }
    for command in sides(arguments.snapshot).values():
        cost(command)
    costs, starts = in_turn(sides(arguments.snapshot), arguments.pairs), in_turn(sides(bench.tiny), arguments.pairs)
    start = {name: median([each.cpu for each in starts[name]]) for name in starts}
    for name, all_of_it in costs.items():
        cpu = [each.cpu for each in all_of_it]
        report.line(f"{name:22}{spread(cpu):>24} CPU s, start-up {start[name]:.2f}, elapsed "
                    f"{median([each.elapsed for each in all_of_it]):.2f} s, peak {max(each.peak for each in all_of_it):.0f} MB")
    for many, single in (("all rules", "one on every ledger"), ("39 on two ledgers", "PER-008"), ("39 on two ledgers", "PER-025")):
        less = ratios(costs[many], costs[single], start[many], start[single])
        report.line(f"{many} / {single}: {spread(less)} less start-up, {spread(ratios(costs[many], costs[single]))} as it stands")
    report.line("one on every ledger: benches/rules/one, a column of each of 40 ledgers of the household tree and 14 lists; mark: at most 4")


def row(bench):
    """Row rules beside a row-at-a-time interpreter, whole beside whole and evaluation beside evaluation."""
    arguments, report = bench.arguments, bench.report
    if not arguments.cel:
        return report.line("row: left out, no --cel")
    report.title(f"{len(ROW_RULES)} row rules beside a row-at-a-time CEL interpreter, one thread each")
    report.line("interpreter: the Rust crate cel 0.15.0 over the same Parquet files, the needed columns only; `tight`: values made once a row and lent by a "
                "resolver; `documented`: a context a row, its values added as the crate's examples do; ids to a file")
    folder = bench.path("texts")
    cost(bench.peer("single.py", "texts", arguments.snapshot, "texts"))
    documented = ("--documented",)
    forms = {"cel, tight": (), "cel, documented": documented}
    cel = lambda snapshot, rules, out, more=(): [arguments.cel, snapshot, folder, rules, bench.path(out), *more]
    own = bench.own(arguments.snapshot, ROW_RULES, "own.parquet")
    own[own.index("--threads") + 1] = "1"
    bench.agree(ROW_RULES, own, "own.parquet", {
        name: (cel(arguments.snapshot, "rules.tsv", "cel.tsv", more), "cel.tsv") for name, more in forms.items()})
    tiny = [bench.tiny if part == arguments.snapshot else part for part in own]
    sides, starts = {"taizhang": own}, {"taizhang": tiny}
    if can([*own, "--decode-only"]):
        sides["taizhang, decoding"] = [*own, "--decode-only"]
        starts["taizhang, decoding"] = tiny
    for name, more in forms.items():
        sides[name] = cel(arguments.snapshot, "rules.tsv", "cel.tsv", more)
        sides[f"{name}, no rules"] = cel(arguments.snapshot, "none.tsv", "none.txt", more)
        starts[name] = starts[f"{name}, no rules"] = cel(bench.tiny, "rules.tsv", "cel.tsv", more)
    start = {name: median([each.cpu for each in costs]) for name, costs in in_turn(starts, arguments.pairs).items()}
    costs = in_turn(sides, min(arguments.pairs, 3))
    at = {name: median([each.cpu for each in costs[name]]) - start[name] for name in costs}
    for name in costs:
        report.line(f"{name:26}{spread([each.cpu for each in costs[name]]):>26} CPU s, start-up {start[name]:.2f}, less it {at[name]:.3f}, "
                    f"peak {max(each.peak for each in costs[name]):.0f} MB")
    ours = at["taizhang"]
    told = [phases([*own, "--timings"]) for _ in range(min(arguments.pairs, 3))]
    steps = median([one.get("steps", 0.0) for one in told])
    report.line("taizhang's phases in seconds, one thread: " + ", ".join(f"{name} {median([one[name] for one in told]):.3f}" for name in told[0]))
    rest = ours - at["taizhang, decoding"] if "taizhang, decoding" in at else None
    for name in forms:
        evaluation = at[name] - at[f"{name}, no rules"]
        report.line(f"{name}: whole beside whole {at[name] / ours:.0f} x; its evaluation alone ({evaluation:.2f} s) beside our whole {evaluation / ours:.0f} x"
                    + (f", beside ours without decoding ({rest:.3f} s: evaluation, gathering, ids) {evaluation / max(rest, 1e-3):.0f} x" if rest else "")
                    + (f", beside our steps alone, evaluation proper on both sides ({steps:.3f} s) {evaluation / steps:.0f} x" if steps else ""))
    report.line("mark: at least 300")
    if arguments.frames and arguments.small:
        slow(bench, ours)


def slow(bench, ours_large):
    """cel-python, on the small snapshot: it takes too long on the large one, and ours is too short to be measured on the small one."""
    arguments, report = bench.arguments, bench.report
    report.line(f"cel-python {version_in(arguments.frames, 'cel-python')} on the snapshot {os.path.basename(arguments.small)}:")
    folder = bench.path("few")
    os.makedirs(folder, exist_ok=True)
    cost(bench.peer("single.py", "rows", arguments.small, "few"))
    celpy = lambda rules: bench.peer("single.py", "celpy", folder, "celpy.parquet", arguments.frames, ("--rules", rules))
    own = bench.own(arguments.small, ROW_RULES, "own.parquet")
    bench.agree(ROW_RULES, own, "own.parquet", {"celpy": (celpy("rules.tsv"), "celpy.parquet")})
    whole, without = cost(celpy("rules.tsv")).cpu, cost(celpy("none.tsv")).cpu
    rows = {one: sum(in_child(size_of, one)[:2]) for one in (arguments.snapshot, arguments.small)}
    ours = ours_large * rows[arguments.small] / rows[arguments.snapshot]
    report.line(f"cel-python: {whole:.1f} CPU s with reading rows from text and making values, {without:.1f} without rules, evaluation alone {whole - without:.1f}; "
                f"taizhang's whole run above, cut to as many households and persons, {ours * 1000:.2f} ms: whole {whole / ours:.0f} x, "
                f"its evaluation beside our whole {(whole - without) / ours:.0f} x")


def phases(command):
    """Seconds of each phase of a run, as `--timings` tells them."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in (done.stdout + done.stderr).splitlines()]
    return {parts[0]: float(parts[1]) for parts in lines if len(parts) == 3 and parts[2] == "s" and parts[0].isascii() and parts[0].islower()}


def can(command):
    """Whether the command line is understood."""
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0


def single(bench):
    """Twelve rules beside pandera and Great Expectations."""
    arguments, report = bench.arguments, bench.report
    if not arguments.frames:
        return report.line("single: left out, no --frames")
    said = ", ".join(f"{name} {version_in(arguments.frames, name)}" for name in ("pandas", "pyarrow", "pandera", "great_expectations"))
    report.title(f"twelve single-table rules over {', '.join(LEDGERS)}, cold from Parquet, ids to a file; {said}")

    report.line("documented: needed columns with the types of read_parquet, pandera's checks over a frame, for Great Expectations a column reckoned for each rule; "
                "cheapest: needed columns backed by Arrow and a vectorised mask a rule; whole: all columns with the types of read_parquet")
    forms = {f"{name}, {form}": (side, ("--form", form)) for form in ("documented", "cheapest", "whole")
             for name, side in (("pandera", "pandera"), ("great_exp…", "great_expectations"))}

    def sides(snapshot, ending=""):
        return {"taizhang": bench.own(snapshot, TWELVE, f"own{ending}.parquet"),
                **{name: bench.peer("single.py", side, snapshot, f"{name}{ending}.parquet", arguments.frames, more)
                   for name, (side, more) in forms.items()}}

    full = sides(arguments.snapshot)
    bench.agree(TWELVE, full["taizhang"], "own.parquet", {name: (full[name], f"{name}.parquet") for name in forms})
    rounds = min(arguments.pairs, 3)
    report.compared(in_turn(full, rounds), in_turn(sides(bench.tiny, "-tiny"), rounds))
    report.line("mark: at least 15 x each, a share of at most 0.067")


def floor(bench):
    """Decoding alone and plain loops, beside the run."""
    arguments, report = bench.arguments, bench.report
    report.title("floor: decoding the same columns and nothing else; plain loops over decoded columns")
    for name, rules in (("forty rules", FORTY), ("twelve rules", TWELVE), ("all rules", ())):
        own = bench.own(arguments.snapshot, rules, "own.parquet")
        sides = {"run": own}
        if can([*own, "--decode-only"]):
            sides["decode only"] = [*own, "--decode-only"]
        if arguments.floor and rules is TWELVE:
            sides["loops: decode only"] = [arguments.floor, arguments.snapshot, "decode"]
            sides["loops: decode and judge"] = [arguments.floor, arguments.snapshot, "judge"]
        costs = in_turn(sides, arguments.pairs)
        start = median([each.cpu for each in in_turn({"": bench.own(bench.tiny, rules, "own.parquet")}, 5)[""]])
        report.line(f"{name}: start-up {start:.2f}; " + "; ".join(f"{side} {spread([each.cpu for each in all_of_it])}" for side, all_of_it in costs.items()) + " CPU s")
        if "decode only" in costs:
            less = ratios(costs["run"], costs["decode only"], start, start)
            report.line(f"  run / decode only, both less start-up: {spread(less)}")
    report.line("aim: forty rules at twice the decoding")


def memory(bench):
    """Peak memory and time of all rules, and of the forty beside the peers, by size."""
    arguments, report = bench.arguments, bench.report
    report.title("peak memory and time, all rules and forty rules")
    for snapshot in filter(None, [arguments.snapshot, arguments.big]):
        households, persons, rows, ledgers, size = in_child(size_of, snapshot)
        report.line(f"{os.path.basename(snapshot)}: {households:,} households, {persons:,} persons, {rows:,} rows in {ledgers} ledgers, {size / 1e9:.2f} GB")
        more = ("--threads", str(arguments.threads))
        sides = {"taizhang, all rules": bench.own(snapshot, (), "own.parquet"),
                 "taizhang, forty": bench.own(snapshot, FORTY, "own.parquet"),
                 "polars, forty": bench.peer("peers.py", "polars", snapshot, "polars.parquet", more=more),
                 "duckdb, forty": bench.peer("peers.py", "duckdb", snapshot, "duckdb.parquet", more=more)}
        for name, command in sides.items():
            try:
                costs = in_turn({name: command}, min(arguments.pairs, 3) if snapshot == arguments.snapshot else 1)[name]
            except SystemExit as fault:
                report.line(f"  {name:22} ended: {str(fault)[-200:]}")
                continue
            report.line(f"  {name:22} peak {max(each.peak for each in costs):>7.0f} MB, {spread([each.cpu for each in costs])} CPU s, "
                        f"elapsed {median([each.elapsed for each in costs]):.2f} s, {median([each.cpu for each in costs]) / households * 1e6:.2f} CPU s a million households")
    report.line("mark: under 2 GB at 1 and at 10 million households, time linear")


TABLES = {"peers": peers, "all": every, "row": row, "single": single, "floor": floor, "memory": memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", required=True)
    parser.add_argument("--binary", required=True, help="taizhang, release build")
    parser.add_argument("--table", choices=[*TABLES, "marks"], default="marks")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cel", help="program of `cargo bench -p taizhang-rules --bench row_cel --no-run`")
    parser.add_argument("--floor", help="program of `cargo bench -p taizhang-engine --bench floor --no-run`")
    parser.add_argument("--frames", help="Python that has pandera, great_expectations and cel-python")
    parser.add_argument("--small", help="a snapshot of some 5,000 households for cel-python")
    parser.add_argument("--big", help="a second snapshot for `memory`")
    parser.add_argument("--out", default=os.path.join(RUNS, f"{datetime.date.today()}-rules.txt"), help="file the lines are added to")
    parser.add_argument("--keep-going", action="store_true", help="time even where answers differ")
    arguments = parser.parse_args()
    arguments.snapshot = os.path.abspath(arguments.snapshot)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments, folder)
        bench.report.machine(arguments.binary)
        for name, table in TABLES.items():
            if arguments.table in (name, "marks"):
                table(bench)


if __name__ == "__main__":
    main()
