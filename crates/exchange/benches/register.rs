//! A register's workbook, read and checked while its rows go by.
//!
//! `cargo bench -p taizhang-exchange --bench register -- FILE` prints rows and faults;
//! `… -- FILE COPY` writes the rows again as a workbook. CPU time and peak memory are taken from
//! outside (`benches/workbook.py`), beside those of the peers.

use std::io::Write;
use taizhang_codebook::FieldType;
use taizhang_exchange::{
    CellContent, ExchangeError, ImportField, ImportOptions, Limits, SheetRow, StreamedRow,
    TableBook, TableCell, WorkbookStream,
};

fn fields() -> Vec<ImportField> {
    let mut fields = vec![
        ImportField::new("household_no", &["户编号"], FieldType::Text),
        ImportField::new("head_name", &["户主姓名"], FieldType::Text),
        ImportField::new("id_number", &["证件号码"], FieldType::Text),
    ];
    if let Some(identity) = fields.last_mut() {
        identity.is_identity = true;
    }
    let words: [(&str, &str, &[&str]); 4] = [
        ("relation_to_head", "与户主关系", &["户主", "配偶", "之子", "之女", "之父", "之母"]),
        ("health_status", "健康状况", &["健康", "长期慢性病", "患有大病", "残疾"]),
        ("labour_skill", "劳动技能", &["普通劳动力", "技能劳动力", "无劳动力"]),
        ("education_level", "文化程度", &["小学", "初中", "高中", "大专"]),
    ];
    for (name, head, labels) in words {
        let mut field = ImportField::new(name, &[head], FieldType::Code);
        field.choices = labels.iter().map(|l| ((*l).to_owned(), (*l).to_owned())).collect();
        fields.push(field);
    }
    for (count, head, kind) in [
        (8, "是否", FieldType::Boolean),
        (10, "日期", FieldType::Date),
        (15, "金额", FieldType::Money),
        (12, "数量", FieldType::Integer),
        (8, "备注", FieldType::Text),
    ] {
        for index in 0..count {
            let head = format!("{head}{index}");
            fields.push(ImportField::new(&head, &[&head], kind));
        }
    }
    fields
}

/// Two thousand rows of the file, to be written over and over.
fn sample(path: &str) -> Result<Vec<SheetRow>, ExchangeError> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let limits = Limits::register();
    let mut rows = Vec::new();
    WorkbookStream::open(&bytes, &limits)?.check(&fields(), &ImportOptions::default(), |row| {
        if let StreamedRow::Record { row, .. } = row
            && rows.len() < 2_000
        {
            rows.push(row.clone());
        }
        Ok::<(), ExchangeError>(())
    })?;
    Ok(rows)
}

/// Writes 200,000 rows of 60 cells.
fn write(path: &str, copy: &str) -> Result<String, ExchangeError> {
    let rows = sample(path)?;
    let heads: Vec<String> = (0..60).map(|column| format!("列{column}")).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let Ok(file) = std::fs::File::create(copy) else { return Ok("no file".to_owned()) };
    let mut book = TableBook::to(std::io::BufWriter::new(file), &heads)?;
    for row in rows.iter().cycle().take(200_000) {
        book.push_cells(row.cells.iter().map(|cell| match &cell.content {
            CellContent::Text(text) => TableCell::Text(text),
            CellContent::Number(number) => TableCell::Number(*number),
            _ => TableCell::Empty,
        }))?;
    }
    book.end()?;
    Ok("written".to_owned())
}

fn main() {
    let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with("--")) else {
        return;
    };
    if let Some(copy) = std::env::args().nth(2).filter(|copy| !copy.starts_with("--")) {
        let text = write(&path, &copy).unwrap_or_else(|error| error.to_string());
        return writeln!(std::io::stdout(), "{text}").unwrap_or_default();
    }
    let limits = Limits::register();
    let fields = fields();
    let result = std::fs::read(&path).map_err(|error| error.to_string()).and_then(|bytes| {
        let mut book = WorkbookStream::open(&bytes, &limits).map_err(|e| e.to_string())?;
        let mut cells = 0_usize;
        let check = book.check(&fields, &ImportOptions::default(), |row| {
            if let StreamedRow::Record { values, .. } = row {
                cells += values.len();
            }
            Ok::<(), taizhang_exchange::ExchangeError>(())
        });
        check.map(|check| (check, cells)).map_err(|error| error.to_string())
    });
    let text = match result {
        Ok((check, cells)) => {
            let faults: u64 = check.reasons.iter().map(|reason| reason.count).sum();
            format!(
                "rows {} good {} cells {cells} faults {faults}",
                check.rows_total, check.rows_good
            )
        }
        Err(error) => format!("error {error}"),
    };
    writeln!(std::io::stdout(), "{text}").unwrap_or_default();
}
