//! A national list with the kinds of fault that clerks see, each at its cell.

use super::{all, check, confirm, faults, identity, preview};
use crate::work::world::{VILLAGES, World, for_each_database};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use taizhang_exchange::{Limits, convert_with_office, find_office, read_workbook};
use taizhang_service::ServiceError;
use taizhang_store::{Act, NewRecord, Values};
use taizhang_values::RegionCode;

/// What a clerk typed.
#[derive(Clone, Copy)]
enum Cell {
    Text(&'static str),
    Number(f64),
    Formula(&'static str),
}

use Cell::{Formula as F, Number as N, Text as T};

const HEADS: [&str; 24] = [
    "行政村",
    "户编号",
    "户主姓名",
    "家庭人口",
    "监测对象类别",
    "识别监测时间",
    "致贫返贫风险",
    "是否危房户",
    "人编号",
    "姓名",
    "证件号码",
    "性别",
    "出生日期",
    "与户主关系",
    "健康状况",
    "是否参加城乡居民基本医疗保险",
    "增加原因",
    "减少日期",
    "工资性收入",
    "合规自付支出",
    "公益性岗位月数",
    "减少原因",
    "个人联系电话",
    "民族",
];

/// What is wrong, the column, what stands there, and the message's code.
const FAULTS: [(&str, &str, Cell, &str); 44] = [
    ("姓名没有填", "姓名", T(""), "I0313"),
    ("户编号没有填", "户编号", T(""), "I0313"),
    ("身份证号成了数值，末三位变成零", "证件号码", N(990_101_198_001_010_000.0), "I0303"),
    ("身份证号成了科学记数", "证件号码", T("9.90101E+17"), "I0303"),
    ("身份证号少一位", "证件号码", T("99010119800101001"), "I0304"),
    ("身份证号多一位", "证件号码", T("9901011980010100111"), "I0304"),
    ("身份证号校验码不符", "证件号码", T("990101198001010010"), "I0304"),
    ("身份证号里没有这一天", "证件号码", T("990101198002300011"), "I0304"),
    ("身份证号里有字母", "证件号码", T("99010119800101OO1X"), "I0304"),
    ("人编号成了数值，丢了末位", "人编号", N(1_234_567_890_123_456.0), "I0303"),
    ("户编号成了科学记数", "户编号", T("9.901E+11"), "I0303"),
    ("户编号是公式", "户编号", F("=A1&1"), "I0301"),
    ("金额是公式", "工资性收入", F("=1+1"), "I0301"),
    ("性别不在可选项", "性别", T("难"), "I0305"),
    ("与户主关系写错一个字", "与户主关系", T("配隅"), "I0305"),
    ("健康状况不在可选项", "健康状况", T("一般般吧"), "I0305"),
    ("监测类别不在可选项", "监测对象类别", T("困难大户"), "I0305"),
    ("风险里有一项不在可选项", "致贫返贫风险", T("因病、因懒惰"), "I0305"),
    ("增加原因不在可选项", "增加原因", T("不知道"), "I0305"),
    ("减少原因不在可选项", "减少原因", T("走了"), "I0305"),
    ("日期没有这一月", "出生日期", T("2026-13-45"), "I0310"),
    ("日期没有这一天", "减少日期", T("2026/02/30"), "I0310"),
    ("日期是一句话", "出生日期", T("记不清"), "I0310"),
    ("日期只有年份", "出生日期", T("1980年"), "I0312"),
    ("日期没有年份", "出生日期", T("5月20日"), "I0311"),
    ("日期成了小数", "减少日期", N(5.5), "I0310"),
    ("月份没有这一月", "识别监测时间", T("2023年13月"), "I0314"),
    ("2023.10 成了 2023.1", "识别监测时间", N(2023.1), "I0314"),
    ("人口是汉字", "家庭人口", T("三口"), "I0306"),
    ("人口有小数", "家庭人口", N(2.5), "I0306"),
    ("人口是负数", "家庭人口", N(-1.0), "S0702"),
    ("人口过百", "家庭人口", N(100.0), "S0702"),
    ("岗位月数过多", "公益性岗位月数", N(25.0), "S0702"),
    ("是否写成别的", "是否参加城乡居民基本医疗保险", T("也许"), "I0309"),
    ("是否写成数字", "是否危房户", T("2"), "I0309"),
    ("金额是汉字", "工资性收入", T("一万元左右"), "I0308"),
    ("金额有三位小数", "合规自付支出", T("12.345"), "I0308"),
    ("户主姓名太长", "户主姓名", T(LONG), "S0703"),
    ("人编号与上面的行重复", "人编号", T("P-first"), "S0709"),
    ("没有这个村", "行政村", T("不存在的某某地方村"), "S0715"),
    ("村名写错一个字", "行政村", T("区划99010110020l"), "S0715"),
    ("区划代码在别的乡镇", "行政村", T("990101101201"), "S0717"),
    ("户在别的乡镇", "户编号", T("990199999999"), "S0710"),
    ("同一户前后不一致", "户编号", T("H-first"), "S0708"),
];

const LONG: &str = "甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛\
                    壬癸甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸甲";

/// Rows above the first record: title, merged groups, heads.
const ABOVE: u32 = 3;

fn column(head: &str) -> u16 {
    HEADS.iter().position(|own| *own == head).unwrap().try_into().unwrap()
}

fn write(page: &mut Worksheet, row: u32, at: u16, cell: Cell) {
    match cell {
        T("") => {}
        T(text) => drop(page.write_string(row, at, text).unwrap()),
        N(number) => drop(page.write_number(row, at, number).unwrap()),
        F(formula) => drop(page.write_formula(row, at, Formula::new(formula)).unwrap()),
    }
}

/// A row without a fault: a household of one, numbered.
fn good_row(page: &mut Worksheet, row: u32, number: usize) {
    let own = |prefix: &str| match number {
        0 => format!("{prefix}-first"),
        number => format!("{prefix}-{number}"),
    };
    let cells = [
        ("行政村", "区划990101100201".to_owned()),
        ("户编号", own("H")),
        ("户主姓名", format!("甲某{number}")),
        ("家庭人口", "３".to_owned()),
        ("识别监测时间", "202305".to_owned()),
        ("致贫返贫风险", "因病".to_owned()),
        ("是否危房户", "否".to_owned()),
        ("人编号", own("P")),
        ("姓名", format!("甲某{number}")),
        ("证件号码", identity(&format!("99010119800101{number:03}"))),
        ("性别", "男".to_owned()),
        ("出生日期", "1980年1月1日".to_owned()),
        ("与户主关系", "户主".to_owned()),
        ("工资性收入", "1,200.50".to_owned()),
        ("公益性岗位月数", "3".to_owned()),
        ("民族", "某族".to_owned()),
    ];
    for (head, text) in cells {
        page.write_string(row, column(head), text).unwrap();
    }
}

/// The national list: title in row 1, merged groups in row 2, heads in row 3, one good row, then a
/// row for each kind of fault, then a total.
fn national_list(faults: &[(&str, &str, Cell, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let format = Format::new();
    let last = u16::try_from(HEADS.len() - 1).unwrap();
    page.merge_range(0, 0, 0, last, "自定义监测对象信息", &format).unwrap();
    page.merge_range(1, 0, 1, 7, "户信息", &format).unwrap();
    page.merge_range(1, 8, 1, last, "人员信息", &format).unwrap();
    for (at, head) in (0_u16..).zip(HEADS) {
        page.write_string(2, at, head).unwrap();
    }
    good_row(page, ABOVE, 0);
    for (number, (_, head, cell, _)) in faults.iter().enumerate() {
        let row = ABOVE + 1 + u32::try_from(number).unwrap();
        good_row(page, row, number + 1);
        let at = column(head);
        if matches!(cell, T("")) {
            page.write_blank(row, at, &format).unwrap();
        }
        write(page, row, at, *cell);
    }
    let end = ABOVE + 1 + u32::try_from(faults.len()).unwrap();
    page.write_string(end, 0, "合计").unwrap();
    page.write_number(end, 3, 132.0).unwrap();
    book.save_to_buffer().unwrap()
}

/// A household of another township.
fn household_elsewhere(world: &World) {
    let act = Act {
        actor: None,
        verb: "test.seed".to_owned(),
        at: world.service().now(),
        reason: None,
        source: "test".to_owned(),
    };
    world
        .service()
        .store()
        .write(&act, |writer| {
            let values = Values::from([("household_no".to_owned(), "990199999999".into())]);
            let region = RegionCode::parse("990101101201");
            writer.insert("household", NewRecord { region, values, ..NewRecord::default() })?;
            Ok::<_, ServiceError>(())
        })
        .unwrap();
}

#[test]
fn forty_kinds_of_fault_are_seen_each_at_its_cell() {
    for_each_database(|world| {
        household_elsewhere(world);
        let batch = check(world, "national_persons", &national_list(&FAULTS));
        let shown = preview(world, &batch);
        let expected: Vec<String> = (ABOVE + 2..)
            .zip(FAULTS)
            .map(|(row, (kind, head, _, code))| {
                // What differs within a household is seen where it differs.
                let head = if code == "S0708" { "户主姓名" } else { head };
                let letters = taizhang_exchange::column_letters(column(head).into());
                format!("{letters}{row} {code} {kind}")
            })
            .collect();
        let kind_of = |row: u32| FAULTS[(row - ABOVE - 2) as usize].0;
        let mut found: Vec<String> = faults(&shown)
            .into_iter()
            .zip(&shown.faults)
            .map(|(fault, at)| format!("{fault} {}", kind_of(at.row)))
            .collect();
        found.dedup();
        assert_eq!(found, expected);
        let counts = shown.counts;
        assert_eq!((counts.rows_good, counts.rows_bad, counts.rows_skipped), (1, 44, 1));
        assert!(shown.notes.iter().any(|note| note.zh.contains("民族")), "{:?}", shown.notes);
        the_file_comes_back(world, &batch, &expected);

        assert!(confirm(world, &batch, false).is_err(), "bad rows stay out unless asked");
        assert_eq!(all(world, "person").len(), 0);
        let done = confirm(world, &batch, true).unwrap();
        assert_eq!((done.counts.added, done.households_judged), (1, 1));
        let households = all(world, "household");
        assert_eq!(households.len(), 2);
        assert_eq!(households[1].region.as_ref().unwrap().as_str(), VILLAGES[0]);
        assert_eq!(all(world, "monitoring_case").len(), 1);
        assert_eq!(all(world, "post_holding")[0].get("post_months"), &3.into());
    });
}

/// Every faulty row of the user's own sheet names its fault in the last column; ethnicity does not
/// come back.
fn the_file_comes_back(world: &World, batch: &taizhang_values::RecordId, expected: &[String]) {
    let bytes = world.service().register_errors(&world.caller("clerk"), batch).unwrap();
    let book = read_workbook(&bytes, &Limits::default()).unwrap();
    let rows = &book.sheets[1].rows;
    for fault in expected {
        let mut words = fault.split(' ');
        let (place, code) = (words.next().unwrap(), words.next().unwrap());
        let letters: String = place.chars().filter(char::is_ascii_uppercase).collect();
        let number: u32 = place.trim_start_matches(char::is_alphabetic).parse().unwrap();
        let row = rows.iter().find(|row| row.number == number).unwrap();
        let said = row.cells[HEADS.len()].shown();
        assert!(said.contains(&format!("{letters}列")) && said.contains(code), "{fault}: {said}");
        assert!(row.cells[usize::from(column("民族"))].is_blank());
    }
}

#[test]
fn near_misses_are_accepted_for_all_their_rows() {
    for_each_database(|world| {
        let near: Vec<_> =
            FAULTS.into_iter().filter(|(_, _, cell, _)| matches!(cell, T("配隅"))).collect();
        let rows = [near[0], near[0], near[0]];
        let batch = check(world, "national_persons", &national_list(&rows));
        let shown = preview(world, &batch);
        let reason = &shown.reasons[0];
        assert_eq!((shown.counts.rows_bad, reason.count), (3, 3));
        assert_eq!(reason.first.suggestion.as_deref(), Some("配偶"));
        let key = (reason.first.field.clone(), reason.first.diagnostic.message.zh.clone());
        world.service().fix_register(&world.caller("clerk"), &batch, &[key]).unwrap();
        let shown = preview(world, &batch);
        assert_eq!((shown.counts.rows_bad, shown.reasons[0].is_fixed), (0, true));
        confirm(world, &batch, false).unwrap();
        let spouses = all(world, "person");
        let spouses = spouses.iter().filter(|p| p.text("relation_to_head") == "spouse");
        assert_eq!(spouses.count(), 3);
    });
}

#[test]
fn old_encodings_and_old_workbooks_give_the_same_records() {
    for_each_database(|world| {
        let text = "户编号,户主姓名,行政村\n990100000001,甲某,990101100201\n";
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        let batch = check(world, "household", &bytes);
        assert_eq!(faults(&preview(world, &batch)), Vec::<String>::new());
        confirm(world, &batch, false).unwrap();
        assert_eq!(all(world, "household")[0].text("head_name"), "甲某");

        if find_office().is_none() {
            println!("skipped: LibreOffice is not installed");
            return;
        }
        let xlsx = national_list(&[]);
        let limits = Limits::default();
        let xls = convert_with_office(&xlsx, "xlsx", "xls", &limits).unwrap();
        let batch = check(world, "national_persons", &xls);
        assert_eq!(faults(&preview(world, &batch)), Vec::<String>::new());
        assert_eq!(confirm(world, &batch, false).unwrap().counts.added, 1);
        let again = check(world, "national_persons", &xlsx);
        assert_eq!(preview(world, &again).counts.unchanged, 1, "xls and xlsx say the same");
    });
}
