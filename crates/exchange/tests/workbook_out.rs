//! Records as workbooks: what is written is read back as it was.

use proptest::prelude::*;
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    CellContent, ImportOptions, LedgerColumn, LedgerWorkbook, Limits, check_sheet, read_workbook,
    write_csv,
};
use taizhang_values::{Decimal, Money, Value};

fn ledger() -> LedgerWorkbook {
    let mut amount = LedgerColumn::new("amount", "金额（元）", FieldType::Money);
    amount.is_total = true;
    let mut count = LedgerColumn::new("count", "户数", FieldType::Integer);
    count.is_total = true;
    let mut state = LedgerColumn::new("state", "状态", FieldType::Code);
    state.choices = vec![("done".into(), "已完成".into()), ("open".into(), "整改中".into())];
    LedgerWorkbook {
        sheet_name: "整改台账".into(),
        title: "问题整改台账".into(),
        unit_line: "填报单位：清河县农业农村局".into(),
        period: "2026年10月".into(),
        columns: vec![
            LedgerColumn::new("number", "序号", FieldType::Text),
            LedgerColumn::new("problem", "问题", FieldType::LongText),
            LedgerColumn::new("units", "责任单位", FieldType::Texts),
            LedgerColumn::new("deadline_on", "整改时限", FieldType::Date),
            LedgerColumn::new("percent", "整改进度", FieldType::Percent),
            amount,
            count,
            state,
            LedgerColumn::new("is_common", "共性问题", FieldType::Boolean),
            LedgerColumn::new("area", "面积（亩）", FieldType::Decimal),
            LedgerColumn::new("start_month", "开始年月", FieldType::Month),
        ],
        notes: vec!["本表按月报送".into()],
        ..LedgerWorkbook::default()
    }
}

/// Reads a workbook back into the values of its columns.
fn import(ledger: &LedgerWorkbook, bytes: &[u8]) -> Vec<Vec<Value>> {
    let book = read_workbook(bytes, &Limits::default()).unwrap();
    let fields: Vec<_> = ledger.columns.iter().map(LedgerColumn::import_field).collect();
    let check = check_sheet(&book, &fields, &ImportOptions::default()).unwrap();
    assert_eq!(check.faults, []);
    let value = |row: &taizhang_exchange::ImportRow, name: &str| {
        row.values.get(name).cloned().unwrap_or_default()
    };
    check
        .rows
        .iter()
        .map(|row| ledger.columns.iter().map(|column| value(row, &column.name)).collect())
        .collect()
}

fn row(number: &str, problem: &str) -> Vec<Value> {
    vec![
        number.into(),
        problem.into(),
        Value::List(vec!["县教育局".into(), "白河村（二组、三组）".into()]),
        Value::Date("2026-05-20".parse().unwrap()),
        Value::Integer(85),
        Value::Money(Money::from_fen(120_050)),
        Value::Integer(12),
        "done".into(),
        true.into(),
        Decimal::parse("3.25").into(),
        Value::Date("2026-05-01".parse().unwrap()),
    ]
}

#[test]
fn a_ledger_has_its_lines_and_totals() {
    let ledger = ledger();
    let bytes = ledger.write([row("001", "甲"), row("002", "乙")]).unwrap();
    let book = read_workbook(&bytes, &Limits::default()).unwrap();
    let sheet = &book.sheets[0];
    let shown = |row: usize, column: usize| sheet.rows[row].cells[column].shown();
    assert_eq!(shown(0, 0), "问题整改台账");
    assert_eq!(
        (shown(1, 0), shown(1, 10)),
        ("填报单位：清河县农业农村局".into(), "2026年10月".into())
    );
    assert_eq!(shown(3, 0), "001");
    let total = &sheet.rows[5];
    assert_eq!((total.cells[0].shown(), total.cells[5].is_formula), ("合计".into(), true));
    assert_eq!((total.cells[5].shown(), total.cells[6].shown()), ("2401".into(), "24".into()));
    assert_eq!(shown(6, 0), "注：本表按月报送");
    let signatures = shown(7, 0);
    for label in ["填表人：", "审核人：", "单位负责人："] {
        assert!(signatures.contains(label));
    }
    assert_eq!(import(&ledger, &bytes), [row("001", "甲"), row("002", "乙")]);
}

#[test]
fn hostile_texts_stay_texts() {
    let ledger = ledger();
    let texts = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1",
        "{=A1}",
        "1E99",
        "0012",
        "110105194912310021",
        "http://a.b",
        "_x0041_",
        "true",
        "2026-01-01",
        "a\u{1}b",
        "'=1",
    ];
    let bytes = ledger.write(texts.map(|text| row("1", text))).unwrap();
    let book = read_workbook(&bytes, &Limits::default()).unwrap();
    let cells = book.sheets[0].rows.iter().skip(3).map(|row| &row.cells[1]);
    for (cell, text) in cells.zip(texts) {
        assert!(!cell.is_formula);
        assert_eq!(cell.content, CellContent::Text(text.into()));
    }
}

#[test]
fn csv_fields_cannot_become_formulas_and_come_back() {
    let texts = [
        "=1+1", "+1", "-1", "@a", "\ta", "＝1", "＋1", "－1", "＠a", "a\"b", "'=1", "'x", "a\nb",
        "普通",
    ];
    let text = write_csv(
        [["问题", "整改措施"]]
            .into_iter()
            .map(|r| r.to_vec())
            .chain(texts.iter().map(|t| vec!["甲", t])),
    );
    for line in text.split("\r\n").skip(1).filter(|line| !line.is_empty()) {
        let field = line.split_once(',').unwrap().1;
        assert!(
            !field
                .trim_start_matches('"')
                .starts_with(['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠']),
            "{line}"
        );
    }
    let book = read_workbook(text.as_bytes(), &Limits::default()).unwrap();
    let back: Vec<String> =
        book.sheets[0].rows.iter().skip(1).map(|row| row.cells[1].shown()).collect();
    assert_eq!(back, texts);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[一-龥，。、；：“”（）①％0-9a-zA-Z=+@<>&\"'_ \\-]{1,30}",
        "[=+@\\-][0-9A-Z]{1,6}",
        "_x[0-9A-F]{4}_",
        "[1-9][0-9]{0,17}",
    ]
    .prop_map(|text| text.trim().to_owned())
    .prop_filter("rows that read as totals, notes or scientific numbers are not records", |text| {
        !text.is_empty() && !text.contains(['E', 'e'])
    })
}

fn value(kind: FieldType) -> BoxedStrategy<Value> {
    match kind {
        FieldType::Texts => prop::collection::btree_set("[一-龥A-Z0-9]{1,8}", 1..4)
            .prop_map(|items| Value::List(items.into_iter().filter(|i| !i.contains('E')).collect()))
            .prop_filter("not empty", |v| !v.is_empty())
            .boxed(),
        FieldType::Date => (1900..2100_i16, 1..=12_i8, 1..=28_i8)
            .prop_map(|(y, m, d)| Value::Date(taizhang_values::Date::new(y, m, d).unwrap()))
            .boxed(),
        FieldType::Month => (1900..2100_i16, 1..=12_i8)
            .prop_map(|(y, m)| Value::Date(taizhang_values::Date::new(y, m, 1).unwrap()))
            .boxed(),
        FieldType::Decimal => (-99_999_999_999_i64..=99_999_999_999)
            .prop_map(|units| Value::Decimal(Decimal::from_units(units)))
            .boxed(),
        FieldType::Percent => (0..=100_i64).prop_map(Value::Integer).boxed(),
        FieldType::Integer => {
            (-999_999_999_999_999_i64..=999_999_999_999_999).prop_map(Value::Integer).boxed()
        }
        FieldType::Money => (-9_999_999_999_999_i64..=9_999_999_999_999)
            .prop_map(|fen| Value::Money(Money::from_fen(fen)))
            .boxed(),
        FieldType::Code => prop::sample::select(vec!["done", "open"]).prop_map(Value::from).boxed(),
        FieldType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        _ => text().prop_map(Value::Text).boxed(),
    }
}

fn record() -> impl Strategy<Value = Vec<Value>> {
    let columns: Vec<_> = ledger()
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            // The problem is always there, so that no row is empty.
            if at == 1 {
                value(column.kind).boxed()
            } else {
                prop_oneof![1 => Just(Value::Null), 5 => value(column.kind)].boxed()
            }
        })
        .collect();
    columns.prop_filter("numbers in a row from one are column numbers", |row| {
        row[0] != Value::Text("1".into())
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: crate::package::cases(150),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn written_records_are_read_back(rows in prop::collection::vec(record(), 1..12)) {
        let ledger = ledger();
        let bytes = ledger.write(rows.clone()).unwrap();
        prop_assert_eq!(import(&ledger, &bytes), rows);
    }
}

#[test]
fn long_tables_are_read_back_as_they_were_written() {
    use taizhang_exchange::{TableBook, TableCell};
    let texts = ["=1+1", " 空 格 ", "a&b<c>", "_x0041_", "行\n行", "铃\u{7}", "", "0012"];
    let mut book = TableBook::new(&["文字", "数字", "空"]).unwrap();
    for (place, text) in (0_u32..).zip(texts) {
        let number = TableCell::Number(f64::from(place) + 0.25);
        book.push_cells([TableCell::Text(text), number, TableCell::Empty]).unwrap();
    }
    let book = read_workbook(&book.finish().unwrap(), &Limits::default()).unwrap();
    let rows = &book.sheets[0].rows;
    assert_eq!(rows[0].cells[0].shown(), "文字");
    for (row, (place, text)) in rows[1..].iter().zip((0_u32..).zip(texts)) {
        assert_eq!(row.cells[0].shown(), text);
        assert_eq!(row.cells[1].shown(), format!("{}", f64::from(place) + 0.25));
        assert!(!row.cells[0].is_formula && row.cells.len() == 2);
    }
}
