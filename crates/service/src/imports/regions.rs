//! The region tree from a table file: code, name, system, edition, days in force, successor.

use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_codebook::FieldType;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_exchange::{ImportField, ImportOptions, Limits, check_sheet};
use taizhang_store::{Change, Filter, NewRecord, Query, Values};
use taizhang_values::{RegionCode, RegionLevel, Value};

/// Codes that one system gives in one edition.
const DEFAULT_SYSTEM: &str = "local";

impl Service {
    /// Takes a region tree in from `.csv` or `.xlsx`. A region that is there is changed to the
    /// file's values, one that is not is made; none is removed, because old records keep their
    /// codes.
    ///
    /// # Errors
    /// `Denied` without the right to make regions (the operator of the machine may); `Invalid`
    /// with every fault of every row.
    pub fn import_regions(&self, caller: &Caller, bytes: &[u8]) -> Result<usize, ServiceError> {
        let is_operator = caller.grants.is_empty() && caller.source == "cli";
        let country = RegionCode::parse("").ok_or(ServiceError::NotFound)?;
        if !is_operator {
            self.require_create(caller, "region", &country)?;
        }
        let invalid =
            |error: taizhang_exchange::ExchangeError| ServiceError::invalid(error.diagnostic());
        let book = self.file_reader().workbook(bytes, &Limits::default()).map_err(invalid)?;
        let check = check_sheet(&book, &fields(), &ImportOptions::default()).map_err(invalid)?;
        let mut faults: Vec<Diagnostic> =
            check.faults.iter().map(|fault| fault.diagnostic.clone()).collect();
        let mut rows = Vec::new();
        for row in check.good_rows() {
            match region_values(&row.values, row.row) {
                Ok(values) => rows.push(values),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let count = rows.len();
        let act = self.act(caller, "region.import", None);
        self.store.write(&act, |writer| {
            for values in rows {
                let code = values.get("code").cloned().unwrap_or_default();
                let query = Query::new("region").filter(Filter::Eq("code".into(), code)).limit(1);
                match writer.list(&query)?.records.into_iter().next() {
                    Some(known) => {
                        let change = Change { values, ..Change::default() };
                        writer.update("region", &known.id, known.version, change)?;
                    }
                    None => {
                        writer.insert("region", NewRecord { values, ..NewRecord::default() })?;
                    }
                }
            }
            Ok(count)
        })
    }
}

fn fields() -> Vec<ImportField> {
    let text = |name: &str, heads: &[&str], is_required: bool| ImportField {
        is_required,
        ..ImportField::new(name, heads, FieldType::Text)
    };
    vec![
        text("code", &["代码", "区划代码", "code"], true),
        text("name", &["名称", "区划名称", "name"], true),
        text("system", &["代码体系", "体系", "system"], false),
        text("edition", &["版本", "年版", "edition"], false),
        text("successor", &["新代码", "后继代码", "successor"], false),
        ImportField::new("valid_from", &["启用日期", "valid_from"], FieldType::Date),
        ImportField::new("valid_to", &["停用日期", "valid_to"], FieldType::Date),
        ImportField::new("aliases", &["别名", "曾用名", "aliases"], FieldType::Texts),
    ]
}

fn region_values(cells: &BTreeMap<String, Value>, row: u32) -> Result<Values, Diagnostic> {
    let text = |field: &str| cells.get(field).map(ToString::to_string).unwrap_or_default();
    let code = RegionCode::parse(text("code").trim()).filter(|code| !code.as_str().is_empty());
    let Some(code) = code else {
        let place = Place::Cell { sheet: None, row, column: "code".to_owned() };
        return Err(Diagnostic::error(
            "S0607",
            Message::new(
                "区划代码须为 2、4、6、9、12 或 14 位数字",
                "a region code has 2, 4, 6, 9, 12 or 14 digits",
            ),
        )
        .at(place));
    };
    let mut values: Values = cells.clone();
    let level = match code.level() {
        RegionLevel::Country => "country",
        RegionLevel::Province => "province",
        RegionLevel::Prefecture => "prefecture",
        RegionLevel::County => "county",
        RegionLevel::Township => "township",
        RegionLevel::Village => "village",
        RegionLevel::Group => "group",
    };
    let parent = code.parent().map(|parent| parent.to_string()).filter(|p| !p.is_empty());
    values.insert("code".to_owned(), code.to_string().into());
    values.insert("level".to_owned(), level.into());
    values.insert("parent".to_owned(), parent.into());
    if values.get("system").is_none_or(Value::is_empty) {
        values.insert("system".to_owned(), DEFAULT_SYSTEM.into());
    }
    Ok(values)
}
