//! A register's workbook, read and checked while its rows go by.
//!
//! `cargo bench -p taizhang-exchange --bench register -- FILE` prints rows and faults; CPU time and
//! peak memory are taken from outside (`benches/workbook.py`), beside those of the peers.

use std::io::Write;
use taizhang_codebook::FieldType;
use taizhang_exchange::{ImportField, ImportOptions, Limits, StreamedRow, WorkbookStream};

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

fn main() {
    let Some(path) = std::env::args().nth(1).filter(|path| !path.starts_with("--")) else {
        return;
    };
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
