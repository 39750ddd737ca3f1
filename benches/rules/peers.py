"""Household rules by Taizhang, polars and DuckDB on one snapshot: answers first, then processor time.

    python peers.py --snapshot DIR --judge target/release/examples/judge [--pairs 5] [--threads 2]

Every engine runs in a process of its own and gives the ids of the violating records of each rule.
Answers are compared row by row before anything is timed. Times are processor seconds (user and
system) of the process, medians over runs taken in turn.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

# Rules by code: ledger, DuckDB condition, polars condition. `h` is the judged row's household.
WATCHED = "coalesce({0}is_active, true) and ({0}household_type = 'lifted' or {0}monitor_category is not null)"
PERSON = "coalesce(t.is_active, true) and (h.household_type = 'lifted' or h.monitor_category is not null)"
ACTIVE = "coalesce(t.is_active, true)"
AS_OF = "2026-11-22"

# code: (ledger, needs the household, where clause)
SQL = {
    "ARC-003": ("household", False, "t.exit_confirmed_on < t.exit_applied_on"),
    "ARC-004": ("household", False, "t.exit_confirmed_on is not null and not coalesce(t.exit_is_signed, false)"),
    "ARC-006": ("household", False, "t.exit_reviewed_on is not null and (t.exit_reviewed_on < t.exit_applied_on or t.exit_reviewed_on > t.exit_notice_from_on or not coalesce(t.exit_has_sign_in, false))"),
    "HH-002": ("household", False, WATCHED.format("t.") + " and not coalesce(t.has_power, false)"),
    "HOU-002": ("household", False, ACTIVE + " and t.is_house_inhabited and not exists (select 1 from house_appraisal x where x.household = t.id)"),
    "MON-001": ("household", False, ACTIVE + " and t.unsafe_house and t.monitor_category is null"),
    "MON-002": ("household", False, ACTIVE + " and not t.safe_water and t.monitor_category is null"),
    "PAIR-001": ("household", False, WATCHED.format("t.") + " and not exists (select 1 from helper_pairing x where x.household = t.id and coalesce(x.is_active, true))"),
    "PER-026": ("household", False, ACTIVE + " and t.population <> (select count(*) from person x where x.household = t.id and coalesce(x.is_active, true))"),
    "REL-006": ("household", False, ACTIVE + " and t.homestead_count > 1"),
    "INC-003": ("income", False, "(t.wage_income is null or t.operating_income is null or t.operating_expense is null or t.property_income is null or t.transfer_income is null)"),
    "LOW-008": ("person", False, ACTIVE + " and t.low_income_status in ('rural', 'urban') and t.special_hardship_status in ('rural', 'urban')"),
    "PER-001": ("person", False, ACTIVE + " and exists (select 1 from person x where x.id_number__key = t.id_number__key and x.id <> t.id and coalesce(x.is_active, true))"),
    "PER-005": ("person", True, PERSON + " and (t.id_number__key is null or t.id_number__placeholder)"),
    "PER-009": ("person", True, PERSON + " and (t.relation_to_head is null or t.health_status is null or t.labour_skill is null)"),
    "PER-011": ("person", True, PERSON + " and t.education_level is not null and t.student_status is not null"),
    "PER-012": ("person", True, PERSON + " and t.critical_illness_insurance is null"),
    "PER-014": ("person", True, PERSON + " and t.resident_medical and t.employee_medical"),
    "PER-019": ("person", True, PERSON + " and t.student_status is not null and t.labour_skill <> 'none'"),
    "XDP-003": ("person", False, ACTIVE + f" and (exists (select 1 from death_record x where x.id_number__key = t.id_number__key) or exists (select 1 from residence_cancelled x where x.id_number__key = t.id_number__key) or exists (select 1 from imprisonment x where x.id_number__key = t.id_number__key and x.from_on <= date '{AS_OF}' and coalesce(x.until_on, date '{AS_OF}') >= date '{AS_OF}'))"),
}


def duckdb_run(snapshot, threads):
    import duckdb

    base = duckdb.connect()
    base.execute(f"set threads = {threads}")
    for ledger in sorted(os.listdir(snapshot)):
        folder = os.path.join(snapshot, ledger)
        if os.path.isdir(folder) and any(name.endswith(".parquet") for name in os.listdir(folder)):
            base.execute(f"create view {ledger} as select * from read_parquet('{folder}/*.parquet')")
    found = {}
    for code, (ledger, household, where) in SQL.items():
        join = "left join household h on h.id = t.household" if household else ""
        rows = base.execute(f"select t.id from {ledger} t {join} where {where}").fetchnumpy()
        found[code] = rows["id"]
    return found


def polars_run(snapshot):
    import polars as pl

    scan = lambda ledger: pl.scan_parquet(os.path.join(snapshot, ledger, "*.parquet"))
    c = pl.col
    active = c("is_active").fill_null(True)
    household, person, income = scan("household"), scan("person"), scan("income")
    watched = active & ((c("household_type") == "lifted") | c("monitor_category").is_not_null())
    joined = person.join(
        household.select("id", "household_type", "monitor_category"),
        left_on="household", right_on="id", how="left",
    )
    number = c("id_number__key")
    day = pl.lit(AS_OF).str.to_date()
    appraised = scan("house_appraisal").select(c("household").alias("id")).unique()
    helped = scan("helper_pairing").filter(active).select(c("household").alias("id")).unique()
    members = person.filter(active).group_by("household").agg(pl.len().alias("members"))
    counted = household.join(members, left_on="id", right_on="household", how="left")
    twice = (
        person.filter(active & number.is_not_null()).group_by("id_number__key").agg(pl.len().alias("n"))
    )
    same = person.join(twice, on="id_number__key", how="left")
    jailed = scan("imprisonment").filter((c("from_on") <= day) & (c("until_on").fill_null(day) >= day))
    gone = pl.concat([
        scan("death_record").select("id_number__key"),
        scan("residence_cancelled").select("id_number__key"),
        jailed.select("id_number__key"),
    ]).unique()
    missing = lambda *names: pl.any_horizontal([c(name).is_null() for name in names])
    frames = {
        "ARC-003": household.filter(c("exit_confirmed_on") < c("exit_applied_on")),
        "ARC-004": household.filter(c("exit_confirmed_on").is_not_null() & ~c("exit_is_signed").fill_null(False)),
        "ARC-006": household.filter(c("exit_reviewed_on").is_not_null() & (
            (c("exit_reviewed_on") < c("exit_applied_on"))
            | (c("exit_reviewed_on") > c("exit_notice_from_on"))
            | ~c("exit_has_sign_in").fill_null(False))),
        "HH-002": household.filter(watched & ~c("has_power").fill_null(False)),
        "HOU-002": household.filter(active & c("is_house_inhabited")).join(appraised, on="id", how="anti"),
        "MON-001": household.filter(active & c("unsafe_house") & c("monitor_category").is_null()),
        "MON-002": household.filter(active & ~c("safe_water") & c("monitor_category").is_null()),
        "PAIR-001": household.filter(watched).join(helped, on="id", how="anti"),
        "PER-026": counted.filter(active & (c("population") != c("members").fill_null(0))),
        "REL-006": household.filter(active & (c("homestead_count") > 1)),
        "INC-003": income.filter(missing("wage_income", "operating_income", "operating_expense", "property_income", "transfer_income")),
        "LOW-008": person.filter(active & c("low_income_status").is_in(["rural", "urban"]) & c("special_hardship_status").is_in(["rural", "urban"])),
        "PER-001": same.filter(active & (c("n") > 1)),
        "PER-005": joined.filter(watched & (number.is_null() | c("id_number__placeholder"))),
        "PER-009": joined.filter(watched & missing("relation_to_head", "health_status", "labour_skill")),
        "PER-011": joined.filter(watched & c("education_level").is_not_null() & c("student_status").is_not_null()),
        "PER-012": joined.filter(watched & c("critical_illness_insurance").is_null()),
        "PER-014": joined.filter(watched & c("resident_medical") & c("employee_medical")),
        "PER-019": joined.filter(watched & c("student_status").is_not_null() & (c("labour_skill") != "none")),
        "XDP-003": person.filter(active).join(gone, on="id_number__key", how="semi"),
    }
    answers = pl.collect_all([frame.select("id") for frame in frames.values()], engine="streaming")
    return {code: answer["id"].to_numpy() for code, answer in zip(frames, answers)}


def own_run(judge, snapshot, threads, out):
    environment = {**os.environ, "TAIZHANG_OUT": out}
    subprocess.run([judge, snapshot, str(threads), "none", *SQL], check=True, env=environment,
                   stdout=subprocess.DEVNULL)


def answers_of(path):
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["rule", "record", "outcome"]).to_pylist()
    found = {code: set() for code in SQL}
    for row in table:
        if row["outcome"] == "violates":
            found[row["rule"]].add(int(row["record"]))
    return found


def child(arguments):
    """One run of a peer in this process; its answers go to a file if one is named."""
    found = duckdb_run(arguments.snapshot, arguments.threads) if arguments.child == "duckdb" else polars_run(arguments.snapshot)
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump({code: sorted(int(i) for i in ids) for code, ids in found.items()}, file)


def timed(command, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--snapshot", required=True)
    parser.add_argument("--judge")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--child")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    if arguments.child:
        return child(arguments)
    import duckdb
    import polars

    print(f"polars {polars.__version__}, duckdb {duckdb.__version__}, {len(SQL)} rules, {arguments.threads} threads")
    environment = {**os.environ, "POLARS_MAX_THREADS": str(arguments.threads)}
    peer = lambda name: [sys.executable, __file__, "--snapshot", arguments.snapshot,
                         "--threads", str(arguments.threads), "--child", name]
    with tempfile.TemporaryDirectory() as folder:
        doubts = os.path.join(folder, "doubts.parquet")
        own_run(arguments.judge, arguments.snapshot, arguments.threads, doubts)
        own = answers_of(doubts)
        for name in ("duckdb", "polars"):
            path = os.path.join(folder, name)
            subprocess.run([*peer(name), "--out", path], check=True, env=environment)
            other = {code: set(ids) for code, ids in json.load(open(path)).items()}
            for code in SQL:
                if own[code] != other[code]:
                    sample = sorted(own[code] ^ other[code])[:5]
                    sys.exit(f"{code}: taizhang {len(own[code])}, {name} {len(other[code])}, differ at {sample}")
        print("answers agree:", {code: len(ids) for code, ids in own.items()})
    own_command = [arguments.judge, arguments.snapshot, str(arguments.threads), "none", *SQL]
    times = {"taizhang": [], "polars": [], "duckdb": []}
    for _ in range(arguments.pairs):
        times["taizhang"].append(timed(own_command, environment))
        times["polars"].append(timed(peer("polars"), environment))
        times["duckdb"].append(timed(peer("duckdb"), environment))
    base = statistics.median(times["taizhang"])
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:9} median {middle:.2f} CPU s, {min(values):.2f}-{max(values):.2f}; taizhang is {base / middle:.2f} of it")


if __name__ == "__main__":
    main()
