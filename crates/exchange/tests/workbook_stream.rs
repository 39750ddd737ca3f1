//! Rows that stream are judged as rows that are held.

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    ErrorBook, ExchangeError, ImportField, ImportOptions, Limits, StreamedRow, WorkbookStream,
    check_sheet, read_workbook, write_csv,
};
use taizhang_values::Value;

fn fields() -> Vec<ImportField> {
    let mut number = ImportField::new("household_no", &["户编号"], FieldType::Text);
    number.is_required = true;
    let mut health = ImportField::new("health_status", &["健康状况"], FieldType::Code);
    health.choices = vec![("healthy".into(), "健康".into()), ("disabled".into(), "残疾".into())];
    let mut identity = ImportField::new("id_number", &["证件号码"], FieldType::Text);
    identity.is_identity = true;
    vec![
        number,
        health,
        identity,
        ImportField::new("income_fen", &["纯收入"], FieldType::Money),
        ImportField::new("area_m2", &["住房面积"], FieldType::Decimal),
        ImportField::new("surveyed_on", &["调查日期"], FieldType::Date),
        ImportField::new("is_working", &["是否务工"], FieldType::Boolean),
        ImportField::new("months", &["务工月数"], FieldType::Integer),
    ]
}

const HEADS: [&str; 8] =
    ["户编号", "健康状况", "证件号码", "纯收入", "住房面积", "调查日期", "是否务工", "务工月数"];

/// A row as text: record by record, values and codes of faults.
type Shown = Vec<(u32, Vec<(String, Value)>, Vec<String>, Option<String>)>;

fn held(bytes: &[u8], options: &ImportOptions) -> Result<Shown, ExchangeError> {
    let check = check_sheet(&read_workbook(bytes, &Limits::default())?, &fields(), options)?;
    let row = |row: &taizhang_exchange::ImportRow| {
        let own = check.faults.iter().filter(|fault| fault.row == row.row);
        let codes = own.map(|fault| format!("{}@{}", fault.diagnostic.code, fault.column));
        let mut values: Vec<_> = row.values.clone().into_iter().collect();
        values.sort_by(|one, other| one.0.cmp(&other.0));
        (row.row, values, codes.collect(), row.section.clone())
    };
    Ok(check.rows.iter().map(row).collect())
}

fn streamed(bytes: &[u8], options: &ImportOptions) -> Result<Shown, ExchangeError> {
    let limits = Limits::default();
    let mut rows: Shown = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut book = WorkbookStream::open(bytes, &limits)?;
    let check = book.check(&fields(), options, |row| -> Result<(), ExchangeError> {
        match row {
            StreamedRow::Start(plan) => {
                rows.clear();
                names.clone_from(&plan.fields);
            }
            StreamedRow::Record { row, values, faults, section } => {
                let filled = names.iter().zip(values).filter(|(_, value)| **value != Value::Null);
                let mut values: Vec<_> =
                    filled.map(|(name, value)| (name.clone(), value.clone())).collect();
                values.sort_by(|one, other| one.0.cmp(&other.0));
                let codes = faults
                    .iter()
                    .map(|fault| format!("{}@{}", fault.diagnostic.code, fault.column));
                rows.push((row.number, values, codes.collect(), section.map(str::to_owned)));
            }
            StreamedRow::Other { .. } => {}
        }
        Ok(())
    })?;
    let good = rows.iter().filter(|row| row.2.is_empty()).count();
    assert_eq!((check.rows_total, check.rows_good), (rows.len() as u64, good as u64));
    let counted: u64 = check.reasons.iter().map(|reason| reason.count).sum();
    assert_eq!(counted, rows.iter().map(|row| row.2.len() as u64).sum::<u64>());
    Ok(rows)
}

#[track_caller]
fn check(bytes: &[u8]) -> Shown {
    let options = ImportOptions::default();
    let streamed = streamed(bytes, &options).unwrap();
    assert_eq!(streamed, held(bytes, &options).unwrap());
    streamed
}

#[test]
fn merged_cells_found_at_the_end_of_a_sheet_count_for_its_rows() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new();
    sheet.merge_range(0, 0, 0, 7, "某县农户信息表", &format).unwrap();
    sheet.merge_range(1, 3, 1, 4, "家庭情况", &format).unwrap();
    for (column, head) in (0_u16..).zip(HEADS) {
        sheet.write(2, column, head).unwrap();
    }
    sheet.merge_range(3, 0, 3, 7, "一、东边组", &format).unwrap();
    sheet.merge_range(4, 0, 6, 0, "0001", &format).unwrap();
    for row in 4..7 {
        sheet.write(row, 1, "健康").unwrap();
        sheet.write(row, 7, row).unwrap();
    }
    let rows = check(&book.save_to_buffer().unwrap());
    assert_eq!(rows.len(), 3);
    for row in &rows {
        assert_eq!(row.1[1], ("household_no".to_owned(), "0001".into()), "{row:?}");
        assert_eq!(row.3.as_deref(), Some("一、东边组"));
    }
}

#[test]
fn rows_whose_numbers_repeat_or_go_back_are_all_in_the_workbook_that_goes_back() {
    // Number in the file, and where the row stands.
    let cases: [(&[&str], &[u32]); 4] = [
        (&["2", "2", "2"], &[2, 3, 4]),
        (&["4", "3", "9"], &[4, 5, 9]),
        (&["5", "1", "", "0", "7"], &[5, 6, 7, 8, 9]),
        (&["", "x", "3"], &[2, 3, 4]),
    ];
    for (numbers, expected) in cases {
        let line = |number: &str, text: &str| {
            let own = if number.is_empty() { String::new() } else { format!(" r=\"{number}\"") };
            let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
            let second = if text == "户编号" { "健康状况" } else { "健康" };
            format!("<row{own}>{}{}</row>", cell(text), cell(second))
        };
        let mut data = line("1", "户编号");
        let texts: Vec<String> = (1..=numbers.len()).map(|count| format!("户{count}")).collect();
        for (number, text) in numbers.iter().zip(&texts) {
            data.push_str(&line(number, text));
        }
        let (sheet, limits) = (crate::workbook_in::sheet_xml(&data), Limits::default());
        let mut stream = WorkbookStream::open(&sheet, &limits).unwrap();
        let mut back: Option<ErrorBook> = None;
        let options = ImportOptions::default();
        let check = stream.check(&fields(), &options, |row| -> Result<(), ExchangeError> {
            match (row, &mut back) {
                (StreamedRow::Start(plan), _) => back = Some(ErrorBook::begin(plan)?),
                (StreamedRow::Record { row, faults, .. }, Some(book)) => book.row(row, faults)?,
                (StreamedRow::Other { row }, Some(book)) => book.row(row, &[])?,
                _ => {}
            }
            Ok(())
        });
        assert_eq!(check.unwrap().rows_total, texts.len() as u64);
        let back = back.unwrap().finish(&[], &[], &[]).unwrap();
        let sheets = read_workbook(&back, &Limits::default()).unwrap().sheets;
        let rows = &sheets.last().unwrap().rows[1..];
        let found: Vec<_> = rows.iter().map(|row| (row.number, row.cells[0].shown())).collect();
        let wanted: Vec<_> = expected.iter().copied().zip(texts).collect();
        assert_eq!(found, wanted, "{numbers:?}");
    }
}

/// A long list as text: its characters fall on every place of the parts that are decoded.
fn long_list(rows: usize) -> String {
    let mut text = format!("{}\r\n", HEADS.join(","));
    for row in 0..rows {
        let mark = "甲".repeat(row % 7);
        text.push_str(&format!(
            "H{row},健康,,{row}.5,\"{mark}，\"\"乙\r\n丙\",2020年3月10日,是,3\r\n"
        ));
    }
    text
}

#[test]
fn csv_is_streamed_in_every_encoding_as_it_is_held() {
    let text = long_list(6_000);
    let gb = encoding_rs::GB18030.encode(&text).0.into_owned();
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let utf = check(text.as_bytes());
    assert_eq!(utf.len(), 6_000);
    assert_eq!(utf[4_321].0, 4_323);
    for bytes in [gb, wide, text.replace("\r\n", "\r").into_bytes()] {
        assert!(check(&bytes) == utf);
    }
}

#[test]
fn rows_of_a_csv_are_taken_before_its_end_is_read() {
    let text = long_list(3_000) + "H9,健康,,1,\"没有结束";
    let limits = Limits::default();
    let mut book = WorkbookStream::open(text.as_bytes(), &limits).unwrap();
    let mut taken = 0;
    let result = book.check(&fields(), &ImportOptions::default(), |row| {
        taken += usize::from(matches!(row, StreamedRow::Record { .. }));
        Ok::<_, ExchangeError>(())
    });
    assert_eq!(result.unwrap_err().diagnostic().code, "X0709");
    assert_eq!(taken, 3_000);
}

#[test]
fn what_is_no_text_far_down_is_refused_with_its_place() {
    let text = long_list(3_000);
    let lines = text.matches('\n').count() + 1;
    let mut damaged = text.clone().into_bytes();
    damaged.extend("甲".bytes().take(2));
    let nul = format!("{text}甲乙\0");
    let cases = [(damaged, "X0402", 1), (nul.into_bytes(), "X0403", 3)];
    for (bytes, code, column) in cases {
        let limits = Limits::default();
        let error = WorkbookStream::open(&bytes, &limits).err().unwrap();
        assert_eq!(error.diagnostic().code, code);
        let place = error.place.as_ref().unwrap();
        assert_eq!(place.en, format!("line {lines}, column {column}"));
        assert_eq!(place.zh, format!("第 {lines} 行第 {column} 个字符"));
    }
}

#[test]
fn an_old_workbook_over_its_own_limit_is_told_what_to_do() {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(usize::try_from(Limits::XLS_BYTES_MAX).unwrap() + 1, 0);
    let limits = Limits::register();
    let error = WorkbookStream::open(&bytes, &limits).err().unwrap();
    let fault = error.diagnostic();
    assert_eq!(fault.code, "X0711");
    assert!(fault.message.en.contains("20 MiB"), "{}", fault.message.en);
    assert!(fault.help.unwrap().en.contains(".xlsx or .csv"));
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => "[0-9]{1,6}(\\.[0-9]{1,3})?",
        2 => Just("健康".to_owned()),
        1 => Just("残痫".to_owned()),
        1 => Just("是".to_owned()),
        1 => Just("2023年5月1日".to_owned()),
        1 => Just("２０２３-13-45".to_owned()),
        1 => Just("合计".to_owned()),
        1 => Just("一、概况".to_owned()),
        1 => Just("a&b<c>_x000D_\"q\"".to_owned()),
        1 => Just("990101199001010011".to_owned()),
        1 => Just("9.9E+17".to_owned()),
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(cell(), 8), 0..40)
}

fn workbook(table: &[Vec<String>], merges: &[(u32, u16, u32)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in (0_u16..).zip(HEADS) {
        sheet.write(0, column, head).unwrap();
    }
    for (row, cells) in (1_u32..).zip(table) {
        for (column, text) in (0_u16..).zip(cells) {
            match text.parse::<f64>() {
                Ok(number) if column % 2 == 1 => sheet.write(row, column, number).unwrap(),
                _ if text.is_empty() => sheet,
                _ => sheet.write(row, column, text).unwrap(),
            };
        }
    }
    let mut free = 1;
    for (gap, column, height) in merges {
        let first = free + gap;
        let text = table.get(first as usize - 1).map_or("", |row| &row[usize::from(*column)]);
        sheet.merge_range(first, *column, first + height, *column, text, &Format::new()).unwrap();
        free = first + height + 1;
    }
    book.save_to_buffer().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn streamed_rows_are_judged_like_held_ones(
        table in table(),
        merges in prop::collection::vec((0_u32..4, 0_u16..8, 1_u32..4), 0..4),
    ) {
        let bytes = workbook(&table, &merges);
        let options = ImportOptions::default();
        prop_assert_eq!(streamed(&bytes, &options).ok(), held(&bytes, &options).ok());
    }

    #[test]
    fn text_files_are_judged_alike_as_well(table in table()) {
        let heads = vec![HEADS.map(str::to_owned).to_vec()];
        let bytes = write_csv(heads.into_iter().chain(table)).into_bytes();
        let options = ImportOptions::default();
        prop_assert_eq!(streamed(&bytes, &options).ok(), held(&bytes, &options).ok());
    }
}
