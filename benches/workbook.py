"""A register's workbook beside the peers: reading with fastexcel, writing with XlsxWriter.

Needs Python with fastexcel and XlsxWriter; makes the sheet itself (200,000 rows of 60 columns, all
invented). Runs each side in turn and prints CPU seconds (user and system) and peak memory:

    cargo bench -p taizhang-exchange --bench register --no-run
    python3 benches/workbook.py PATH_OF_THE_BENCH_PROGRAM [ROWS]
"""

import random
import resource
import statistics
import subprocess
import sys
import tempfile

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


def cost(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name, ours, peer):
    pairs = [(cost(ours), cost(peer)) for _ in range(PAIRS)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs))
    print(f"{name}: {mine:.2f} s beside {theirs:.2f} s CPU, {mine / theirs:.2f}")


def main():
    if sys.argv[1] == "make":
        return make(sys.argv[2], int(sys.argv[3]))
    program, rows = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "200000"
    with tempfile.TemporaryDirectory() as folder:
        sheet, copy = f"{folder}/sheet.xlsx", f"{folder}/copy.xlsx"
        make(sheet, int(rows))
        compare("read and check", [program, sheet], [sys.executable, "-c", READ, sheet])
        again = [sys.executable, __file__, "make", copy, "200000"]
        compare("write", [program, sheet, copy], again)


main()
