"""A register's workbook beside the peers: reading with fastexcel, writing with XlsxWriter.

Needs Python with fastexcel and XlsxWriter; makes the sheet itself (200,000 rows of 60 columns, all
invented). Runs each side in turn and prints CPU seconds (user and system) and peak memory:

    cargo bench -p taizhang-exchange --bench register --no-run
    python3 benches/workbook.py PATH_OF_THE_BENCH_PROGRAM [ROWS]

With --store the released command imports a list of households with 60 fields of the shipped
codebook into a fresh SQLite data directory: read apart, checked, looked up, written with history
and audit chain in one transaction. Judging by rules is left to the nightly run (--judge-later) and
is not part of the figure; `taizhang audit verify` checks the first of the directories:

    cargo build --release
    python3 benches/workbook.py --store target/release/taizhang [ROWS]
"""

import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import tomllib

PAIRS = 3
HEADS = ["户编号", "户主姓名", "证件号码", "与户主关系", "健康状况", "劳动技能", "文化程度"]
HEADS += [f"是否{i}" for i in range(8)] + [f"日期{i}" for i in range(10)]
HEADS += [f"金额{i}" for i in range(15)] + [f"数量{i}" for i in range(12)]
HEADS += [f"备注{i}" for i in range(8)]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def number(dice):
    body = "990101%04d%02d%02d%03d" % (
        dice.randint(1940, 2020), dice.randint(1, 12), dice.randint(1, 28), dice.randint(0, 999)
    )
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS)) % 11]


def cells(dice, row):
    yield f"9901{row:012d}"
    yield dice.choice("赵钱孙李周吴") + dice.choice("伟芳娜敏静") + dice.choice("强磊军洋勇")
    yield number(dice)
    yield dice.choice(["户主", "配偶", "之子", "之女", "之父", "之母"])
    yield dice.choice(["健康", "长期慢性病", "患有大病", "残疾"])
    yield dice.choice(["普通劳动力", "技能劳动力", "无劳动力"])
    yield dice.choice(["小学", "初中", "高中", "大专"])
    for _ in range(8):
        yield "是" if dice.random() < 0.5 else "否"
    for _ in range(10):
        yield "%04d-%02d-%02d" % (dice.randint(2014, 2025), dice.randint(1, 12), dice.randint(1, 28))
    for _ in range(15):
        yield round(dice.random() * 30000, 2)
    for _ in range(12):
        yield int(dice.random() * 200)
    for _ in range(8):
        yield dice.choice(["务工", "种植玉米", "养殖肉牛", "村级公益岗", ""]) + str(row % 97)


def make(path, rows):
    import xlsxwriter

    dice = random.Random(7)
    sample = [list(cells(dice, row)) for row in range(2000)]
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    for row in range(rows):
        for column, value in enumerate(sample[row % len(sample)]):
            if isinstance(value, str):
                sheet.write_string(row + 1, column, value)
            else:
                sheet.write_number(row + 1, column, value)
    book.close()


READ = "import fastexcel, sys; fastexcel.read_excel(sys.argv[1]).load_sheet(0).to_arrow()"


TOWNSHIP = "990101100"
LEFT_OUT = ["former_numbers", "village_group", "predecessor", "merged_into", "house_damage_note"]
FIELDS = 60
CODEBOOK = pathlib.Path(__file__).resolve().parent.parent / "codebook" / "rural"


def household_columns():
    """Heads of the ledger of households, each with what makes its cells."""
    ledger = tomllib.loads((CODEBOOK / "ledgers/household.toml").read_text(encoding="utf-8"))
    yield "行政村", lambda dice, row: f"{TOWNSHIP}{201 + row * 7 % 40}"
    yield "户编号", lambda dice, row: f"9901{row:012d}"
    for name, field in ledger["fields"].items():
        if name in LEFT_OUT or name == "household_no":
            continue
        yield field["label"]["zh"], cell_of(name, field)


def cell_of(name, field):
    kind = field["type"]
    if kind in ("code", "codes"):
        path = CODEBOOK / "code_lists" / f"{field['codes']}.toml"
        codes = tomllib.loads(path.read_text(encoding="utf-8"))["codes"].values()
        labels = [code["label"]["zh"] for code in codes]
        return lambda dice, row: dice.choice(labels)
    whole = (field.get("minimum", 0), field.get("maximum", 9))
    if name.endswith("_year"):
        whole = (2014, 2025)
    makers = {
        "boolean": lambda dice, row: "是" if dice.random() < 0.5 else "否",
        "date": lambda dice, row: day(dice),
        "month": lambda dice, row: day(dice)[:7],
        "integer": lambda dice, row: dice.randint(*whole),
        "decimal": lambda dice, row: round(dice.random() * 50, 2),
        "money": lambda dice, row: round(dice.random() * 30000, 2),
    }
    if field.get("sensitive") == "phone":
        return lambda dice, row: f"139{dice.randint(0, 99999999):08d}"
    if name.endswith("_name"):
        return lambda dice, row: dice.choice("赵钱孙李周吴") + dice.choice("伟芳娜敏静强磊军洋勇")
    return makers.get(kind, lambda dice, row: dice.choice(["务工", "养牛", "公益岗"]) + str(row % 97))


def day(dice):
    return "%04d-%02d-%02d" % (dice.randint(2014, 2025), dice.randint(1, 12), dice.randint(1, 28))


def make_households(path, rows):
    import xlsxwriter

    dice = random.Random(11)
    columns = list(household_columns())[:FIELDS]
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [head for head, _ in columns])
    for row in range(rows):
        for place, (_, cell) in enumerate(columns):
            value = cell(dice, row)
            if isinstance(value, str):
                sheet.write_string(row + 1, place, value)
            else:
                sheet.write_number(row + 1, place, value)
    book.close()


def spent(command, env=None):
    """CPU seconds and peak memory in MB of a command with all that it starts and waits for."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    text = process.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[:3]} ended with {process.returncode}: {text[:400]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def cost(command):
    return spent(command)[0]


def compare(name, ours, peer):
    pairs = [(cost(ours), cost(peer)) for _ in range(PAIRS)]
    report(name, pairs)


def report(name, pairs):
    mine, theirs = (statistics.median(side) for side in zip(*pairs))
    spread = " ".join(f"{one:.2f}/{other:.2f}" for one, other in pairs)
    print(f"{name}: {mine:.2f} s beside {theirs:.2f} s CPU, {mine / theirs:.2f} ({spread})")


def store(program, rows):
    with tempfile.TemporaryDirectory() as folder:
        sheet = f"{folder}/households.xlsx"
        make_households(sheet, rows)
        print(f"{rows} rows of {FIELDS} columns, {os.path.getsize(sheet) / 1e6:.0f} MB")
        pairs, peaks = [], []
        for turn in range(PAIRS):
            env = {**os.environ, "TAIZHANG_DATA": f"{folder}/data{turn}"}
            add = ["user", "add", "clerk", "--name", "周某", "--role", "township_clerk"]
            subprocess.run(
                [program, *add, "--region", TOWNSHIP],
                check=True, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            take = ["import", "register", sheet, "--ledger", "household", "--as", "clerk"]
            mine, peak, text = spent([program, *take, "--confirm", "--judge-later"], env)
            theirs = cost([sys.executable, "-c", READ, sheet])
            pairs.append((mine, theirs))
            peaks.append(peak)
            if turn == 0:
                print(text.strip().splitlines()[-2:])
                subprocess.run([program, "audit", "verify"], check=True, env=env)
                size = os.path.getsize(f"{folder}/data0/taizhang.db") / 1e6
                print(f"database {size:.0f} MB")
        report("read, check and store", pairs)
        print(f"peak memory {max(peaks):.0f} MB")


def main():
    if sys.argv[1] == "make":
        return make(sys.argv[2], int(sys.argv[3]))
    if sys.argv[1] == "make-households":
        return make_households(sys.argv[2], int(sys.argv[3]))
    if sys.argv[1] == "--store":
        return store(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 200_000)
    program, rows = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "200000"
    with tempfile.TemporaryDirectory() as folder:
        sheet, copy = f"{folder}/sheet.xlsx", f"{folder}/copy.xlsx"
        make(sheet, int(rows))
        compare("read and check", [program, sheet], [sys.executable, "-c", READ, sheet])
        again = [sys.executable, __file__, "make", copy, "200000"]
        compare("write", [program, sheet, copy], again)


main()
