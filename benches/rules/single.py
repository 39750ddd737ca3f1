"""Twelve rules that need one table, for pandera and Great Expectations, and with ten more as CEL text.

    python single.py pandera|great_expectations|celpy --snapshot DIR --out FILE [--form FORM]
    python single.py rows --snapshot DIR --out FOLDER      tables and expressions for cel-python
    python single.py texts --snapshot DIR --out FOLDER     expressions and columns for the crate cel

The frame checkers run in three forms. `cheapest`: only the columns that the rules need, backed by
Arrow, and one vectorised pandas expression a rule. `documented`: the same columns with the types
that `pandas.read_parquet` gives them, days converted; pandera gets functions of the frame as its
checks, Great Expectations, which checks columns, gets a column reckoned for each rule. `whole`: all
columns of the tables, flags and days converted.
"""

import argparse
import csv
import os
import re
import sys

from peers import FEMALE, MALE

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

# The CEL programs get ten more, those about persons with what they need of the household beside them.
ROW_LEDGERS = {
    **LEDGERS,
    "household": [*LEDGERS["household"], "HH-001"],
    "person": [*LEDGERS["person"], "PER-007", "PER-009", "PER-010", "PER-011", "PER-012", "PER-013", "PER-014", "PER-015", "PER-019"],
}
ROW_RULES = sorted(code for codes in ROW_LEDGERS.values() for code in codes)
SURVEYED = ("safe_water unsafe_house house_area sanitary_toilet distance_to_main_road_km farmland_mu forest_mu returned_forest_mu"
            " orchard_mu pasture_mu water_area_mu").split()
ROW_COLUMNS = {
    **COLUMNS,
    "household": [*COLUMNS["household"], *(name for name in SURVEYED if name not in COLUMNS["household"])],
    "person": [*COLUMNS["person"], *(
        "household_type monitor_category sex relation_to_head health_status labour_skill education_level student_status dropout_reason"
        " critical_illness_insurance resident_medical employee_medical").split()],
}
known = lambda *names: " && ".join(f"{name} != null" for name in names)
blank = lambda names, word: word.join(f"{name} == null" for name in names)
_difference = "net_income - (wage_income + operating_income + property_income + transfer_income - operating_expense)"
_heads = "net_income_per_capita * population - net_income"
_listed = "is_active != false && (household_type == 'lifted' || monitor_category != null)"
# Missing is null; what is undecided must not be true.
CEL = {
    "ARC-003": f"{known('exit_confirmed_on', 'exit_applied_on')} && exit_confirmed_on < exit_applied_on",
    "ARC-004": "exit_confirmed_on != null && exit_is_signed != true",
    "ARC-006": "exit_reviewed_on != null && ((exit_applied_on != null && exit_reviewed_on < exit_applied_on)"
               " || (exit_notice_from_on != null && exit_reviewed_on > exit_notice_from_on) || exit_has_sign_in != true)",
    "HH-001": f"{_listed} && ({blank(SURVEYED, ' || ')})",
    "HH-002": f"{_listed} && has_power != true",
    "HOU-001": "appraised_on == null || grade == null",
    "INC-001": f"({known('net_income', *PARTS)} && ({_difference} > 100 || {_difference} < -100))"
               f" || ({known('net_income', 'net_income_per_capita', 'population')}"
               f" && ({_heads} > 100 * population || {_heads} < -100 * population))",
    "INC-002": " || ".join(f"({name} != null && {name} < 0)" for name in PARTS)
               + " || (operating_expense != null && operating_expense > 0 && operating_income == 0)",
    "INC-003": blank(PARTS, " || "),
    "LOW-008": "is_active != false && low_income_status in ['rural', 'urban'] && special_hardship_status in ['rural', 'urban']",
    "MON-001": "is_active != false && unsafe_house == true && monitor_category == null",
    "MON-002": "is_active != false && safe_water == false && monitor_category == null",
    "PER-007": f"{_listed} && ((sex == 'female' && relation_to_head in {MALE}) || (sex == 'male' && relation_to_head in {FEMALE}))",
    "PER-009": f"{_listed} && ({blank(['relation_to_head', 'health_status', 'labour_skill'], ' || ')})",
    "PER-010": f"{_listed} && {blank(['education_level', 'student_status', 'dropout_reason'], ' && ')}",
    "PER-011": f"{_listed} && {known('education_level', 'student_status')}",
    "PER-012": f"{_listed} && critical_illness_insurance == null",
    "PER-013": f"{_listed} && (({blank(['resident_medical', 'employee_medical'], ' && ')})"
               " || (resident_medical == false && employee_medical == false))",
    "PER-014": f"{_listed} && resident_medical == true && employee_medical == true",
    "PER-015": f"{_listed} && (critical_illness_insurance == false || (resident_medical == false && employee_medical != true))",
    "PER-019": f"{_listed} && {known('student_status', 'labour_skill')} && labour_skill != 'none'",
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


# The same, one function of a frame each, over the types that `read_parquet` gives: flags with gaps are objects.
active = lambda f: f.is_active.ne(False)
DOCUMENTED = {
    "ARC-003": lambda f: f.exit_confirmed_on < f.exit_applied_on,
    "ARC-004": lambda f: f.exit_confirmed_on.notna() & f.exit_is_signed.ne(True),
    "ARC-006": lambda f: f.exit_reviewed_on.notna() & ((f.exit_reviewed_on < f.exit_applied_on) | (f.exit_reviewed_on > f.exit_notice_from_on)
                                                       | f.exit_has_sign_in.ne(True)),
    "HH-002": lambda f: active(f) & (f.household_type.eq("lifted") | f.monitor_category.notna()) & f.has_power.ne(True),
    "HOU-001": lambda f: f.appraised_on.isna() | f.grade.isna(),
    "INC-001": lambda f: (((f.net_income - (f.wage_income + f.operating_income + f.property_income + f.transfer_income - f.operating_expense)).abs() > 100)
                          | ((f.net_income_per_capita * f.population - f.net_income).abs() > 100 * f.population)),
    "INC-002": lambda f: (f[PARTS] < 0).any(axis=1) | ((f.operating_expense > 0) & (f.operating_income == 0)),
    "INC-003": lambda f: f[PARTS].isna().any(axis=1),
    "LOW-008": lambda f: active(f) & f.low_income_status.isin(["rural", "urban"]) & f.special_hardship_status.isin(["rural", "urban"]),
    "MON-001": lambda f: active(f) & f.unsafe_house.eq(True) & f.monitor_category.isna(),
    "MON-002": lambda f: active(f) & f.safe_water.eq(False) & f.monitor_category.isna(),
    "REL-006": lambda f: active(f) & (f.homestead_count > 1),
}


def read(snapshot, ledger, form):
    """A ledger as a pandas frame."""
    import pandas

    path, columns = os.path.join(snapshot, ledger), COLUMNS[ledger]
    if form == "cheapest":
        return pandas.read_parquet(path, columns=["id", *columns], dtype_backend="pyarrow")
    frame = pandas.read_parquet(path, columns=["id", *columns] if form == "documented" else None)
    for name in columns:
        if name.endswith("_on"):
            frame[name] = pandas.to_datetime(frame[name])
        elif form == "whole" and frame[name].dtype in (object, bool):
            frame[name] = frame[name].astype("boolean")
    return frame


def frames(snapshot, form):
    """Each ledger as a pandas frame of ids and one column a rule: true where it is kept."""
    for ledger in COLUMNS:
        frame = read(snapshot, ledger, form)
        told = {code: DOCUMENTED[code](frame) for code in LEDGERS[ledger]} if form == "documented" else violations(ledger, frame)
        for code, found in told.items():
            frame[code] = ~found.fillna(False).astype(bool)
        frame["id"] = frame["id"].astype("int64")
        yield ledger, frame[["id", *LEDGERS[ledger]]] if form == "cheapest" else frame


def pandera_documented(snapshot):
    """Checks over a frame, each a function of it, as pandera's documentation has them."""
    import pandera.pandas as pandera

    found = {}
    for ledger in COLUMNS:
        check = lambda code: pandera.Check(lambda frame: ~DOCUMENTED[code](frame), name=code)
        schema = pandera.DataFrameSchema(checks=[check(code) for code in LEDGERS[ledger]])
        try:
            schema.validate(read(snapshot, ledger, "documented").set_index("id"), lazy=True)
        except pandera.errors.SchemaErrors as faults:
            for code, cases in faults.failure_cases.groupby("check")["index"]:
                found[code] = [int(record) for record in cases.unique()]
    return found


def pandera_run(snapshot, form):
    import pandera.pandas as pandera

    if form == "documented":
        return pandera_documented(snapshot)
    found = {}
    for ledger, frame in frames(snapshot, form):
        column = lambda code: pandera.Column(bool, pandera.Check.eq(True, name=code))
        schema = pandera.DataFrameSchema({code: column(code) for code in LEDGERS[ledger]})
        try:
            schema.validate(frame.set_index("id"), lazy=True)
        except pandera.errors.SchemaErrors as faults:
            for code, cases in faults.failure_cases.groupby("column")["index"]:
                found[code] = [int(record) for record in cases]
    return found


def great_expectations_run(snapshot, form):
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import logging

    logging.disable(logging.WARNING)
    found = {}
    context = gx.get_context(mode="ephemeral")
    if hasattr(context.variables, "progress_bars"):
        context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("frames")
    for ledger, frame in frames(snapshot, form):
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


def write_texts(folder):
    """The expressions, and the columns that they name: what the program of the crate `cel` reads beside the snapshot."""
    of_household = ["household_type", "monitor_category"]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "columns.tsv"), "w") as file:
        for ledger, columns in ROW_COLUMNS.items():
            others = [name for name in columns if ledger == "person" and name in of_household]
            print(ledger, ",".join(name for name in columns if name not in others), ",".join(others), sep="\t", file=file)
    with open(os.path.join(folder, "rules.tsv"), "w") as file:
        for ledger, codes in ROW_LEDGERS.items():
            for code in codes:
                print(code, ledger, CEL[code], sep="\t", file=file)
    open(os.path.join(folder, "none.tsv"), "w").close()


def write_rows(snapshot, folder):
    """The tables as text, a row a line, and the expressions: what the CEL programs read."""
    import polars as pl

    kinds = {pl.Boolean: "b", pl.Int64: "i", pl.Date: "i"}
    scan = lambda ledger: pl.scan_parquet(os.path.join(snapshot, ledger, "*.parquet"))
    homes = scan("household").select(pl.col("id").alias("household"), "household_type", "monitor_category")
    for ledger, columns in ROW_COLUMNS.items():
        frame = scan(ledger)
        if ledger == "person":
            frame = frame.join(homes, on="household", how="left")
        frame = frame.select("id", *columns)
        schema = frame.collect_schema()
        frame = frame.with_columns(pl.col(pl.Date).cast(pl.Int32))
        heads = {name: f"{name}:{kinds.get(kind, 's')}" for name, kind in schema.items()}
        frame.rename(heads).sink_csv(os.path.join(folder, f"{ledger}.tsv"), separator="\t")
    write_texts(folder)


def without_null(text):
    """For an interpreter that does not compare with null: what is missing is no field of `r`."""
    names = {name for columns in ROW_COLUMNS.values() for name in columns}
    literal = r"(true|false|0|'\w+')"
    for pattern, put in (
        (r"(?<!has\()\b(\w+) != null", r"has(r.\1)"),
        (r"\b(\w+) == null", r"!has(r.\1)"),
        (rf"\b(\w+) != {literal}", r"!(has(r.\1) && r.\1 == \2)"),
        (rf"(?<!\.)\b(\w+) == {literal}", r"(has(r.\1) && r.\1 == \2)"),
        (r"\b(\w+) in (\[[^]]*\])", r"(has(r.\1) && r.\1 in \2)"),
    ):
        text = re.sub(pattern, put, text)
    return re.sub(r"(?<![.'])\b([a-z_]+)\b(?!')", lambda found: f"r.{found[1]}" if found[1] in names else found[1], text)


def celpy_run(folder, rules):
    """The interpreter of cel-python over the rows of `folder`; `rules` is a file beside them."""
    import celpy
    from celpy import celtypes

    environment = celpy.Environment()
    programs = {}
    with open(os.path.join(folder, rules)) as file:
        for code, ledger, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            programs.setdefault(ledger, []).append((code, environment.program(environment.compile(without_null(text)))))
    make = {"i": lambda text: celtypes.IntType(int(text)), "s": celtypes.StringType, "b": lambda text: celtypes.BoolType(text == "true")}
    found = {}
    for ledger in ROW_COLUMNS:
        with open(os.path.join(folder, f"{ledger}.tsv")) as file:
            rows = csv.reader(file, delimiter="\t")
            heads = [head.split(":") for head in next(rows)]
            for row in rows:
                values = {celtypes.StringType(name): make[kind](text) for (name, kind), text in zip(heads, row) if text}
                values = {"r": celtypes.MapType(values)}
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
    parser.add_argument("side", choices=["pandera", "great_expectations", "celpy", "rows", "texts"])
    parser.add_argument("--snapshot", required=True, help="for celpy: the folder that `rows` wrote")
    parser.add_argument("--out", required=True)
    parser.add_argument("--rules", default="rules.tsv")
    parser.add_argument("--form", choices=["documented", "cheapest", "whole"], default="cheapest", help="how the frame checkers get their tables")
    arguments = parser.parse_args()
    if arguments.side == "rows":
        return write_rows(arguments.snapshot, arguments.out)
    if arguments.side == "texts":
        return write_texts(arguments.out)
    if arguments.side == "celpy":
        found = celpy_run(arguments.snapshot, arguments.rules)
    else:
        found = (pandera_run if arguments.side == "pandera" else great_expectations_run)(arguments.snapshot, arguments.form)
    write(found, arguments.out)


if __name__ == "__main__":
    sys.exit(main())
