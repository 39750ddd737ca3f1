"""Forty rules of the catalogue as somebody who knows DuckDB and polars would write them by hand.

    python peers.py duckdb|polars|polars-wide --snapshot DIR --out FILE [--threads 2]

One run of one peer: reads the snapshot from its Parquet files and writes rule and id of every
violating record to FILE (Parquet). `run.py` compares the answers and takes the times.

A rule is undecided, not violated, where something it needs is missing. Where the invented data tell
that apart from a plain reading, the forms below are written so; elsewhere they are the plain ones.
"""

import argparse
import os
import sys

AS_OF = "2026-10-31"

ACTIVE = "coalesce(t.is_active, true)"
WATCHED = f"{ACTIVE} and (t.household_type = 'lifted' or t.monitor_category is not null)"
# A person of a household that is lifted or watched.
PERSON = f"""
  from person t join household h on h.id = t.household
  where {ACTIVE} and (h.household_type = 'lifted' or h.monitor_category is not null) and """
MALE = ("son son_in_law grandson maternal_grandson great_grandson father wife_father husband_father"
        " grandfather maternal_grandfather uncle nephew").split()
FEMALE = ("daughter daughter_in_law granddaughter maternal_granddaughter great_granddaughter mother"
          " wife_mother husband_mother grandmother maternal_grandmother brother_wife niece").split()
PARTS = "wage_income operating_income operating_expense property_income transfer_income".split()
RURAL = ["rural", "urban"]
IDLE = ["lost", "none"]
ABLE = ["skilled", "ordinary", "weak_or_half"]
RUNNING = ["released", "extended", "renewed", "overdue"]

words = lambda items: "(" + ", ".join(f"'{item}'" for item in items) + ")"

# What stands after `select t.id`.
SQL = {
    "ARC-003": "from household t where t.exit_confirmed_on < t.exit_applied_on",
    "ARC-004": "from household t where t.exit_confirmed_on is not null and not coalesce(t.exit_is_signed, false)",
    "ARC-005": f"""from household t where {WATCHED} and not exists (
        select 1 from help_log x where x.household = t.id
        and x.logged_on between date '{AS_OF}' - 30 and date '{AS_OF}')""",
    "ARC-006": """from household t where t.exit_reviewed_on is not null and (t.exit_reviewed_on < t.exit_applied_on
        or t.exit_reviewed_on > t.exit_notice_from_on or not coalesce(t.exit_has_sign_in, false))""",
    "EDU-006": """from school_grant t semi join (select person, term, grant_kind from school_grant
        group by all having count(*) > 1) d using (person, term, grant_kind)""",
    "HH-002": f"from household t where {WATCHED} and not coalesce(t.has_power, false)",
    "HOU-002": f"""from household t where {ACTIVE} and t.is_house_inhabited
        and not exists (select 1 from house_appraisal x where x.household = t.id)""",
    "HOU-003": """from house_appraisal t where t.grade in ('c', 'd') and t.is_lived_in
        and not exists (select 1 from house_appraisal x where x.household = t.household and x.appraised_on > t.appraised_on)
        and not exists (select 1 from house_renovation x where x.household = t.household
                        and coalesce(x.finished_on, x.started_on) >= t.appraised_on)
        and not exists (select 1 from house_arrangement x where x.household = t.household and coalesce(x.is_current, true))
        and not exists (select 1 from relocation x where x.household = t.household and coalesce(x.is_living_there, false))""",
    "INC-001": """from income t where
        abs(net_income - (wage_income + operating_income + property_income + transfer_income - operating_expense)) > 100
        or abs(net_income_per_capita * population - net_income) > 100 * population""",
    "INC-003": "from income t where " + " or ".join(f"t.{name} is null" for name in PARTS),
    "INC-006": """from income t where exists (select 1 from income p
        where p.household = t.household and p.year = t.year - 1
        and (t.net_income_per_capita * 100 < p.net_income_per_capita * 80
             or t.net_income_per_capita * 100 > p.net_income_per_capita * 150))""",
    "INC-008": """from income t left join (
            select household, year, sum(amount) as paid from (
                select household, amount, year(pay_month) + (month(pay_month) >= 10)::int as year from benefit_payment
                union all
                select household, amount, year(pay_month) + (month(pay_month) >= 10)::int from low_income_payment)
            group by all) x on x.household = t.household and x.year = t.year
        where t.transfer_income < coalesce(x.paid, 0)""",
    "LOAN-006": f"""from loan t left join (select loan, max(checked_on) as last from loan_check
            where check_kind = 'use' group by loan) x on x.loan = t.id
        where t.loan_status in {words(RUNNING)} and (
            (coalesce(x.last < t.released_on, true) and t.released_on + interval 6 month < date '{AS_OF}')
            or x.last + interval 12 month < date '{AS_OF}')""",
    "LOW-008": f"""from person t where {ACTIVE} and t.low_income_status in {words(RURAL)}
        and t.special_hardship_status in {words(RURAL)}""",
    "LOW-009": f"""from household t join (
            select household, bool_or(coalesce(is_active, true)) as any_active,
                bool_and(coalesce(not coalesce(is_active, true) or labour_skill in {words(IDLE)}, false)) as idle,
                bool_or(coalesce(low_income_status in {words(RURAL)} or special_hardship_status in {words(RURAL)}, true)) as helped
            from person group by household) m on m.household = t.id
        where {WATCHED} and m.any_active and m.idle and not m.helped""",
    "MED-006": f"""from household t join (
            select household, sum(eligible_self_pay) as paid from medical_bill
            where discharged_on > date '{AS_OF}' - interval 12 month group by household) b on b.household = t.id
        where {ACTIVE}
        and b.paid > case when t.household_type = 'lifted' or t.monitor_category is not null then 1000000 else 2600000 end
        and not exists (select 1 from clue x where x.household = t.id
            and x.received_on > date '{AS_OF}' - interval 12 month and list_contains(x.risk_types, 'illness'))""",
    "MON-001": f"from household t where {ACTIVE} and t.unsafe_house and t.monitor_category is null",
    "MON-002": f"from household t where {ACTIVE} and not t.safe_water and t.monitor_category is null",
    "MON-047": """from monitoring_case t where coalesce(t.is_current, true) and t.decided_on is not null
        and (t.notice_from_on is null or t.notice_until_on is null or t.notice_until_on - t.notice_from_on < 5)""",
    "PAIR-001": f"""from household t where {WATCHED} and not exists (
        select 1 from helper_pairing x where x.household = t.id and coalesce(x.is_active, true))""",
    # A visit without a day leaves open whether it lies in the period.
    "PAIR-002": f"""from household t left join (
            select household, max(visited_on) as last, count(*) > count(visited_on) as open from visit group by household) v
            on v.household = t.id
        where {WATCHED} and not coalesce(v.open, false) and coalesce(v.last < date '{AS_OF}' - case
            when t.monitor_category is not null and not coalesce(t.risk_removed, false) then 30 else 90 end, true)""",
    "PER-001": f"""from person t where {ACTIVE} and t.id_number__key in (select id_number__key from person
        where coalesce(is_active, true) group by id_number__key having count(*) > 1)""",
    "PER-003": PERSON + "t.id_number__length = 18 and not t.id_number__placeholder and not t.id_number__valid",
    "PER-005": PERSON + "(t.id_number__key is null or t.id_number__placeholder)",
    "PER-007": PERSON + f"""((t.sex = 'female' and t.relation_to_head in {words(MALE)})
        or (t.sex = 'male' and t.relation_to_head in {words(FEMALE)}))""",
    "PER-008": f"""from household t join (
            select household, count(*) filter (where relation_to_head = 'head') as heads,
                count(*) > count(relation_to_head) as open
            from person where coalesce(is_active, true) group by household) m on m.household = t.id
        where {WATCHED} and m.heads <> 1 and not m.open""",
    "PER-009": PERSON + "(t.relation_to_head is null or t.health_status is null or t.labour_skill is null)",
    "PER-011": PERSON + "t.education_level is not null and t.student_status is not null",
    "PER-012": PERSON + "t.critical_illness_insurance is null",
    "PER-014": PERSON + "t.resident_medical and t.employee_medical",
    "PER-016": PERSON + f"""coalesce(t.id_number__birth, t.birth_date) > date '{AS_OF}' - interval 16 year
        and t.labour_skill <> 'none'""",
    "PER-019": PERSON + "t.student_status is not null and t.labour_skill <> 'none'",
    "PER-025": PERSON + """not t.id_number__placeholder
        and (t.birth_date <> t.id_number__birth or t.sex <> t.id_number__sex)""",
    "PER-026": f"""from household t left join (select household, count(*) as members from person
            where coalesce(is_active, true) group by household) m on m.household = t.id
        where {ACTIVE} and t.population <> coalesce(m.members, 0)""",
    "PST-003": f"""from person t where {ACTIVE} and t.id in (select person from post_holding
        where coalesce(is_active, true) group by person having count(distinct post_kind) >= 3)""",
    "REL-003": f"""from household t where {ACTIVE} and t.id in (select household from relocation)
        and exists (select 1 from person m where m.household = t.id and coalesce(m.is_active, true)
            and m.labour_skill in {words(ABLE)})
        and not exists (select 1 from person m where m.household = t.id and coalesce(m.is_active, true)
            and m.id in (select person from employment where is_working
                         union all select person from post_holding where is_active))""",
    "REL-006": f"from household t where {ACTIVE} and t.homestead_count > 1",
    "WRK-003": f"""from person t where {ACTIVE} and t.student_status is not null and t.id in (
        select person from employment where is_working
        union all select person from planned_work where is_planned and coalesce(is_open, true))""",
    "XDP-001": f"""from household t where {WATCHED} and t.id in (
        select m.household from person m where m.id_number__key in (
            select owner_id_number__key from vehicle where vehicle_kind <> 'motorcycle' and not coalesce(is_cancelled, false)
            union all select owner_id_number__key from property_purchase where property_kind in ('flat', 'shop')
            union all select id_number__key from public_payroll where coalesce(until_on >= date '{AS_OF}', true)))""",
    "XDP-003": f"""from person t where {ACTIVE} and t.id_number__key in (
        select id_number__key from death_record
        union all select id_number__key from residence_cancelled
        union all select id_number__key from imprisonment
            where from_on <= date '{AS_OF}' and coalesce(until_on >= date '{AS_OF}', true))""",
}
RULES = sorted(SQL)


def duckdb_run(snapshot, threads, out, rules):
    """One process, one statement a rule, each of which writes its ids."""
    import duckdb

    base = duckdb.connect()
    base.execute(f"set threads = {threads}")
    for ledger in sorted(os.listdir(snapshot)):
        folder = os.path.join(snapshot, ledger)
        if os.path.isdir(folder):
            base.execute(f"create view {ledger} as select * from read_parquet('{folder}/*.parquet')")
    base.execute("create table doubts (rule varchar, record bigint)")
    for code in rules:
        base.execute(f"insert into doubts select '{code}', t.id {SQL[code]}")
    base.execute(f"copy doubts to '{out}' (format parquet)")


def polars_frames(snapshot, pl):
    """A lazy frame a rule; polars itself finds the scans and steps they share."""
    from datetime import date

    scan = lambda ledger: pl.scan_parquet(os.path.join(snapshot, ledger, "*.parquet"))
    c = pl.col
    day = date.fromisoformat(AS_OF)
    today = pl.lit(day)
    active = c("is_active").fill_null(True)
    listed = (c("household_type") == "lifted") | c("monitor_category").is_not_null()
    household, person, income = scan("household"), scan("person"), scan("income")
    watched = household.filter(active & listed)
    listed_ids = household.filter(listed).select(c("id").alias("household"))
    # Persons that meet a condition, of households that are lifted or watched.
    of_listed = lambda condition: person.filter(active & condition).join(listed_ids, on="household", how="semi")
    ids = lambda frame, name="household": frame.select(c(name).alias("id")).unique()
    lacks = lambda frame, other: frame.join(other, on="id", how="anti")
    has = lambda frame, other: frame.join(other, on="id", how="semi")
    number = c("id_number__key")
    keys = lambda frame, name="id_number__key": frame.select(c(name).alias("id_number__key"))
    missing = lambda *names: pl.any_horizontal([c(name).is_null() for name in names])

    members = person.group_by("household").agg(
        active.any().alias("any_active"),
        active.sum().alias("members"),
        (active & (c("relation_to_head") == "head")).sum().alias("heads"),
        (active & c("relation_to_head").is_null()).any().alias("open"),
        (~active | c("labour_skill").is_in(IDLE)).fill_null(False).all().alias("idle"),
        (c("low_income_status").is_in(RURAL) | c("special_hardship_status").is_in(RURAL)).fill_null(True).any().alias("helped"),
        (active & c("labour_skill").is_in(ABLE)).any().alias("able"),
    ).rename({"household": "id"})
    counted = household.join(members, on="id", how="left")
    working = scan("employment").filter(c("is_working")).select(c("person").alias("id"))
    posted = scan("post_holding").filter(c("is_active")).select(c("person").alias("id"))
    planned = scan("planned_work").filter(c("is_planned") & c("is_open").fill_null(True)).select(c("person").alias("id"))
    busy = ids(has(person.filter(active), pl.concat([working, posted])))
    visits = scan("visit").group_by("household").agg(
        c("visited_on").max().alias("last"), c("visited_on").is_null().any().alias("open"),
    ).rename({"household": "id"})
    period = pl.when(c("monitor_category").is_not_null() & ~c("risk_removed").fill_null(False)).then(30).otherwise(90)
    late = (today - c("last")).dt.total_days() > period
    year_ago = pl.lit(day.replace(year=day.year - 1))
    bills = scan("medical_bill").filter(c("discharged_on") > year_ago).group_by("household").agg(
        c("eligible_self_pay").sum().alias("paid")).rename({"household": "id"})
    ill = ids(scan("clue").filter((c("received_on") > year_ago) & c("risk_types").list.contains("illness")))
    before = income.select("household", c("year") + 1, c("net_income_per_capita").alias("before"))
    paid = pl.concat([
        scan(ledger).select("household", "amount", (c("pay_month").dt.year() + (c("pay_month").dt.month() >= 10)).cast(pl.Int64).alias("year"))
        for ledger in ("benefit_payment", "low_income_payment")
    ]).group_by("household", "year").agg(c("amount").sum().alias("paid"))
    appraisal = scan("house_appraisal")
    unsafe = appraisal.filter(c("grade").is_in(["c", "d"]) & c("is_lived_in"))
    by_home = lambda frame, other: frame.join(other.select("household").unique(), on="household", how="anti")
    # Appraisals of grade c and d are few: what stands against them is looked up among their households only.
    newer = unsafe.select("id", "household", c("appraised_on").alias("judged_on"))
    later = newer.join(appraisal.select("household", "appraised_on"), on="household").filter(c("appraised_on") > c("judged_on"))
    mended = newer.join(scan("house_renovation").select("household", c("finished_on").fill_null(c("started_on")).alias("mended_on")), on="household")
    checks = scan("loan_check").filter(c("check_kind") == "use").group_by("loan").agg(c("checked_on").max().alias("last")).rename({"loan": "id"})
    twice = keys(person.filter(active & number.is_not_null()).group_by("id_number__key").agg(pl.len().alias("n")).filter(c("n") > 1))
    grants = scan("school_grant")
    grant = ["person", "term", "grant_kind"]
    listed_numbers = pl.concat([
        keys(scan("vehicle").filter((c("vehicle_kind") != "motorcycle") & ~c("is_cancelled").fill_null(False)), "owner_id_number__key"),
        keys(scan("property_purchase").filter(c("property_kind").is_in(["flat", "shop"])), "owner_id_number__key"),
        keys(scan("public_payroll").filter((c("until_on") >= today).fill_null(True))),
    ])
    gone = pl.concat([
        keys(scan("death_record")), keys(scan("residence_cancelled")),
        keys(scan("imprisonment").filter((c("from_on") <= today) & (c("until_on") >= today).fill_null(True))),
    ])
    sixteen = pl.lit(day.replace(year=day.year - 16))
    return {
        "ARC-003": household.filter(c("exit_confirmed_on") < c("exit_applied_on")),
        "ARC-004": household.filter(c("exit_confirmed_on").is_not_null() & ~c("exit_is_signed").fill_null(False)),
        "ARC-005": lacks(watched, ids(scan("help_log").filter(c("logged_on").is_between(today - pl.duration(days=30), today)))),
        "ARC-006": household.filter(c("exit_reviewed_on").is_not_null() & (
            (c("exit_reviewed_on") < c("exit_applied_on"))
            | (c("exit_reviewed_on") > c("exit_notice_from_on"))
            | ~c("exit_has_sign_in").fill_null(False))),
        "EDU-006": grants.join(grants.group_by(grant).agg(pl.len().alias("n")).filter(c("n") > 1), on=grant, how="semi"),
        "HH-002": watched.filter(~c("has_power").fill_null(False)),
        "HOU-002": lacks(household.filter(active & c("is_house_inhabited")), ids(appraisal)),
        "HOU-003": by_home(by_home(
            unsafe.join(later, on="id", how="anti").join(mended.filter(c("mended_on") >= c("judged_on")), on="id", how="anti"),
            scan("house_arrangement").filter(c("is_current").fill_null(True))),
            scan("relocation").filter(c("is_living_there").fill_null(False))),
        "INC-001": income.filter(
            ((c("net_income") - (c("wage_income") + c("operating_income") + c("property_income") + c("transfer_income") - c("operating_expense"))).abs() > 100)
            | ((c("net_income_per_capita") * c("population") - c("net_income")).abs() > 100 * c("population"))),
        "INC-003": income.filter(missing(*PARTS)),
        "INC-006": income.join(before, on=["household", "year"]).filter(
            (c("net_income_per_capita") * 100 < c("before") * 80) | (c("net_income_per_capita") * 100 > c("before") * 150)),
        "INC-008": income.join(paid, on=["household", "year"], how="left").filter(c("transfer_income") < c("paid").fill_null(0)),
        "LOAN-006": scan("loan").filter(c("loan_status").is_in(RUNNING)).join(checks, on="id", how="left").filter(
            ((c("last") < c("released_on")).fill_null(True) & (c("released_on").dt.offset_by("6mo") < today))
            | (c("last").dt.offset_by("12mo") < today)),
        "LOW-008": person.filter(active & c("low_income_status").is_in(RURAL) & c("special_hardship_status").is_in(RURAL)),
        "LOW-009": counted.filter(active & listed & c("any_active") & c("idle") & ~c("helped")),
        "MED-006": lacks(household.filter(active).join(bills, on="id").filter(
            c("paid") > pl.when(listed).then(1_000_000).otherwise(2_600_000)), ill),
        "MON-001": household.filter(active & c("unsafe_house") & c("monitor_category").is_null()),
        "MON-002": household.filter(active & ~c("safe_water") & c("monitor_category").is_null()),
        "MON-047": scan("monitoring_case").filter(c("is_current").fill_null(True) & c("decided_on").is_not_null() & (
            missing("notice_from_on", "notice_until_on")
            | ((c("notice_until_on") - c("notice_from_on")).dt.total_days() < 5))),
        "PAIR-001": lacks(watched, ids(scan("helper_pairing").filter(active))),
        "PAIR-002": watched.join(visits, on="id", how="left").filter(~c("open").fill_null(False) & late.fill_null(True)),
        "PER-001": person.filter(active).join(twice, on="id_number__key", how="semi"),
        "PER-003": of_listed((c("id_number__length") == 18) & ~c("id_number__placeholder") & ~c("id_number__valid")),
        "PER-005": of_listed(number.is_null() | c("id_number__placeholder")),
        "PER-007": of_listed(((c("sex") == "female") & c("relation_to_head").is_in(MALE))
                             | ((c("sex") == "male") & c("relation_to_head").is_in(FEMALE))),
        "PER-008": counted.filter(active & listed & (c("members") > 0) & (c("heads") != 1) & ~c("open")),
        "PER-009": of_listed(missing("relation_to_head", "health_status", "labour_skill")),
        "PER-011": of_listed(c("education_level").is_not_null() & c("student_status").is_not_null()),
        "PER-012": of_listed(c("critical_illness_insurance").is_null()),
        "PER-014": of_listed(c("resident_medical") & c("employee_medical")),
        "PER-016": of_listed((c("id_number__birth").fill_null(c("birth_date")) > sixteen) & (c("labour_skill") != "none")),
        "PER-019": of_listed(c("student_status").is_not_null() & (c("labour_skill") != "none")),
        "PER-025": of_listed(~c("id_number__placeholder") & (
            (c("birth_date") != c("id_number__birth")) | (c("sex") != c("id_number__sex")))),
        "PER-026": counted.filter(active & (c("population") != c("members").fill_null(0))),
        "PST-003": has(person.filter(active), scan("post_holding").filter(active).group_by("person").agg(
            c("post_kind").n_unique().alias("kinds")).filter(c("kinds") >= 3).select(c("person").alias("id"))),
        "REL-003": lacks(has(counted.filter(active & c("able")), ids(scan("relocation"))), busy),
        "REL-006": household.filter(active & (c("homestead_count") > 1)),
        "WRK-003": has(person.filter(active & c("student_status").is_not_null()), pl.concat([working, planned])),
        "XDP-001": has(watched, ids(person.join(listed_numbers, on="id_number__key", how="semi"))),
        "XDP-003": person.filter(active).join(gone, on="id_number__key", how="semi"),
    }


def polars_run(snapshot, _threads, out, rules):
    """One `collect_all` with the streaming engine over a lazy frame a rule."""
    import polars as pl

    frames = polars_frames(snapshot, pl)
    answers = pl.collect_all([frames[code].select("id") for code in rules], engine="streaming")
    pl.concat([
        answer.select(pl.lit(code).alias("rule"), pl.col("id").alias("record"))
        for code, answer in zip(rules, answers)
    ]).write_parquet(out)


PEERS = {"duckdb": duckdb_run, "polars": polars_run}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--snapshot", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rule", action="append")
    arguments = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)
    PEERS[arguments.peer](arguments.snapshot, arguments.threads, arguments.out, arguments.rule or RULES)


if __name__ == "__main__":
    sys.exit(main())
