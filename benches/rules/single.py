"""Twelve rules that need one table: for pandera, for Great Expectations and as CEL text.

    python single.py pandera|great_expectations|celpy --snapshot DIR --out FILE
    python single.py rows --snapshot DIR --out FOLDER      tables and expressions for the CEL programs

Both frame checkers get their condition as one vectorised pandas expression a rule over
Arrow-backed columns, and only the columns that the rules need: the cheapest form they allow.
"""

import argparse
import csv
import glob
import os
import sys

PARTS = "wage_income operating_income operating_expense property_income transfer_income".split()
COLUMNS = {
    "household": (
        "is_active household_type monitor_category has_power unsafe_house safe_water homestead_count exit_applied_on"
        " exit_reviewed_on exit_has_sign_in exit_notice_from_on exit_confirmed_on exit_is_signed").split(),
    "income": [*PARTS, "net_income", "net_income_per_capita", "population"],
    "person": "is_active low_income_status special_hardship_status".split(),
    "house_appraisal": ["appraised_on", "grade"],
}
LEDGERS = {
    "household": ["ARC-003", "ARC-004", "ARC-006", "HH-002", "MON-001", "MON-002", "REL-006"],
    "income": ["INC-001", "INC-002", "INC-003"],
    "person": ["LOW-008"],
    "house_appraisal": ["HOU-001"],
}
RULES = sorted(code for codes in LEDGERS.values() for code in codes)

known = lambda *names: " && ".join(f"{name} != null" for name in names)
_difference = "net_income - (wage_income + operating_income + property_income + transfer_income - operating_expense)"
_heads = "net_income_per_capita * population - net_income"
# Missing is null; what is undecided must not be true.
CEL = {
    "ARC-003": f"{known('exit_confirmed_on', 'exit_applied_on')} && exit_confirmed_on < exit_applied_on",
    "ARC-004": "exit_confirmed_on != null && exit_is_signed != true",
    "ARC-006": "exit_reviewed_on != null && ((exit_applied_on != null && exit_reviewed_on < exit_applied_on)"
               " || (exit_notice_from_on != null && exit_reviewed_on > exit_notice_from_on) || exit_has_sign_in != true)",
    "HH-002": "is_active != false && (household_type == 'lifted' || monitor_category != null) && has_power != true",
    "HOU-001": "appraised_on == null || grade == null",
    "INC-001": f"({known('net_income', *PARTS)} && ({_difference} > 100 || {_difference} < -100))"
               f" || ({known('net_income', 'net_income_per_capita', 'population')}"
               f" && ({_heads} > 100 * population || {_heads} < -100 * population))",
    "INC-002": " || ".join(f"({name} != null && {name} < 0)" for name in PARTS)
               + " || (operating_expense != null && operating_expense > 0 && operating_income == 0)",
    "INC-003": " || ".join(f"{name} == null" for name in PARTS),
    "LOW-008": "is_active != false && low_income_status in ['rural', 'urban'] && special_hardship_status in ['rural', 'urban']",
    "MON-001": "is_active != false && unsafe_house == true && monitor_category == null",
    "MON-002": "is_active != false && safe_water == false && monitor_category == null",
    "REL-006": "is_active != false && homestead_count != null && homestead_count > 1",
}


def violations(ledger, frame):
    """The condition of each rule of a ledger as a column of truths; missing stays missing."""
    f = frame
    if ledger == "income":
        difference = f.net_income - (f.wage_income + f.operating_income + f.property_income + f.transfer_income - f.operating_expense)
        negative = f.wage_income < 0
        for name in PARTS[1:]:
            negative |= f[name] < 0
        lacking = f.wage_income.isna()
        for name in PARTS[1:]:
            lacking |= f[name].isna()
        return {
            "INC-001": (difference.abs() > 100) | ((f.net_income_per_capita * f.population - f.net_income).abs() > 100 * f.population),
            "INC-002": negative | ((f.operating_expense > 0) & (f.operating_income == 0)),
            "INC-003": lacking,
        }
    if ledger == "house_appraisal":
        return {"HOU-001": f.appraised_on.isna() | f.grade.isna()}
    active = f.is_active.fillna(True)
    if ledger == "person":
        return {"LOW-008": active & f.low_income_status.isin(["rural", "urban"]) & f.special_hardship_status.isin(["rural", "urban"])}
    free = f.monitor_category.isna()
    return {
        "ARC-003": f.exit_confirmed_on < f.exit_applied_on,
        "ARC-004": f.exit_confirmed_on.notna() & ~f.exit_is_signed.fillna(False),
        "ARC-006": f.exit_reviewed_on.notna() & ((f.exit_reviewed_on < f.exit_applied_on)
                                                | (f.exit_reviewed_on > f.exit_notice_from_on) | ~f.exit_has_sign_in.fillna(False)),
        "HH-002": active & ((f.household_type == "lifted") | ~free) & ~f.has_power.fillna(False),
        "MON-001": active & f.unsafe_house & free,
        "MON-002": active & ~f.safe_water & free,
        "REL-006": active & (f.homestead_count > 1),
    }


def frames(snapshot):
    """Each ledger as a pandas frame of ids and one column a rule: true where it is kept."""
    import pandas

    for ledger, columns in COLUMNS.items():
        read = pandas.read_parquet(os.path.join(snapshot, ledger), columns=["id", *columns], dtype_backend="pyarrow")
        kept = {code: ~found.fillna(False).astype(bool) for code, found in violations(ledger, read).items()}
        yield ledger, pandas.DataFrame({"id": read["id"].astype("int64"), **kept})


def pandera_run(snapshot):
    import pandera.pandas as pandera

    found = {}
    for ledger, frame in frames(snapshot):
        column = lambda code: pandera.Column(bool, pandera.Check.eq(True, name=code))
        schema = pandera.DataFrameSchema({code: column(code) for code in LEDGERS[ledger]})
        try:
            schema.validate(frame.set_index("id"), lazy=True)
        except pandera.errors.SchemaErrors as faults:
            for code, cases in faults.failure_cases.groupby("column")["index"]:
                found[code] = [int(record) for record in cases]
    return found


def great_expectations_run(snapshot):
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import logging

    logging.disable(logging.WARNING)
    found = {}
    context = gx.get_context(mode="ephemeral")
    if hasattr(context.variables, "progress_bars"):
        context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("frames")
    for ledger, frame in frames(snapshot):
        batches = source.add_dataframe_asset(ledger).add_batch_definition_whole_dataframe(ledger)
        suite = gx.ExpectationSuite(name=ledger)
        for code in LEDGERS[ledger]:
            suite.add_expectation(gx.expectations.ExpectColumnValuesToBeInSet(column=code, value_set=[True]))
        definition = gx.ValidationDefinition(name=ledger, data=batches, suite=context.suites.add(suite))
        result = definition.run(
            batch_parameters={"dataframe": frame},
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]})
        for told in result.results:
            rows = told.result.get("unexpected_index_list") or []
            found[told.expectation_config.kwargs["column"]] = [int(row["id"]) for row in rows]
    return found


def write_rows(snapshot, folder):
    """The tables as text, a row a line, and the expressions: what the CEL programs read."""
    import polars as pl

    kinds = {pl.Boolean: "b", pl.Int64: "i", pl.Date: "i"}
    for ledger, columns in COLUMNS.items():
        frame = pl.scan_parquet(os.path.join(snapshot, ledger, "*.parquet")).select("id", *columns)
        schema = frame.collect_schema()
        frame = frame.with_columns(pl.col(pl.Date).cast(pl.Int32))
        heads = {name: f"{name}:{kinds.get(kind, 's')}" for name, kind in schema.items()}
        frame.rename(heads).sink_csv(os.path.join(folder, f"{ledger}.tsv"), separator="\t")
    with open(os.path.join(folder, "rules.tsv"), "w") as file:
        for ledger, codes in LEDGERS.items():
            for code in codes:
                print(code, ledger, CEL[code], sep="\t", file=file)
    open(os.path.join(folder, "none.tsv"), "w").close()


def celpy_run(folder, rules):
    """The interpreter of cel-python over the rows of `folder`; `rules` is a file beside them."""
    import celpy
    from celpy import celtypes

    environment = celpy.Environment()
    programs = {}
    with open(os.path.join(folder, rules)) as file:
        for code, ledger, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            programs.setdefault(ledger, []).append((code, environment.program(environment.compile(text))))
    make = {"i": lambda text: celtypes.IntType(int(text)), "s": celtypes.StringType, "b": lambda text: celtypes.BoolType(text == "true")}
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.tsv"))):
        ledger = os.path.basename(path)[:-4]
        if ledger not in COLUMNS:
            continue
        with open(path) as file:
            rows = csv.reader(file, delimiter="\t")
            heads = [head.split(":") for head in next(rows)]
            for row in rows:
                values = {name: make[kind](text) if text else None for (name, kind), text in zip(heads, row)}
                for code, program in programs.get(ledger, []):
                    if program.evaluate(values):
                        found.setdefault(code, []).append(int(row[0]))
    return found


def write(found, out):
    import pyarrow
    import pyarrow.parquet

    rules = [code for code, records in found.items() for _ in records]
    records = [record for records in found.values() for record in records]
    table = pyarrow.table({"rule": pyarrow.array(rules, pyarrow.string()), "record": pyarrow.array(records, pyarrow.int64())})
    pyarrow.parquet.write_table(table, out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=["pandera", "great_expectations", "celpy", "rows"])
    parser.add_argument("--snapshot", required=True, help="for celpy: the folder that `rows` wrote")
    parser.add_argument("--out", required=True)
    parser.add_argument("--rules", default="rules.tsv")
    arguments = parser.parse_args()
    if arguments.side == "rows":
        return write_rows(arguments.snapshot, arguments.out)
    if arguments.side == "celpy":
        found = celpy_run(arguments.snapshot, arguments.rules)
    else:
        found = (pandera_run if arguments.side == "pandera" else great_expectations_run)(arguments.snapshot)
    write(found, arguments.out)


if __name__ == "__main__":
    sys.exit(main())
