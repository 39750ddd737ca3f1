//! `taizhang export register`: a ledger of the register as workbook, CSV, Parquet or Data Package.

use super::files;
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Args;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use taizhang_codebook::{FieldType, Ledger};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_engine::snapshot::{LedgerWriter, Sensitive};
use taizhang_exchange::write_csv;
use taizhang_service::imports::{ExportRegister, RegisterColumns};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::{RegionCode, Value};

/// Takes a ledger of the register out.
#[derive(Debug, Args)]
#[command(after_help = "示例 Examples:\n  taizhang export register --ledger household --out \
                        户信息.xlsx --as clerk\n  taizhang export register --ledger household \
                        --ledger person --package 移交 --as clerk")]
pub(crate) struct RegisterExport {
    /// 台账 (ledger; several with --package)
    #[arg(long, required = true)]
    ledger: Vec<String>,
    /// 区划代码 (only this region)
    #[arg(long)]
    region: Option<String>,
    /// 写到 (file to write: .xlsx, .csv, .parquet)
    #[arg(long, value_name = "FILE", required_unless_present = "package")]
    out: Option<PathBuf>,
    /// 数据包目录：CSV 和 datapackage.json (directory of a Frictionless Data Package)
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    package: Option<PathBuf>,
}

impl RegisterExport {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        let region = match &self.region {
            Some(code) => Some(RegionCode::parse(code).ok_or_else(super::import::bad_region)?),
            None => None,
        };
        let input =
            |ledger: &String| ExportRegister { ledger: ledger.clone(), region: region.clone() };
        let rows = match (&self.package, &self.out, self.ledger.as_slice()) {
            (Some(directory), ..) => {
                package(&service, &caller, directory, self.ledger.iter().map(input))?
            }
            (None, Some(path), [ledger]) => one_file(&service, &caller, path, &input(ledger))?,
            _ => return Err(one_only()),
        };
        output.line(&format!("{rows} {}", output.pick("行", "rows")));
        Ok(Exit::Success)
    }
}

fn one_only() -> ServiceError {
    ServiceError::invalid(Diagnostic::error(
        "L0106",
        Message::new(
            "多个台账请用 --package 写到目录",
            "several ledgers go into a directory with --package",
        ),
    ))
}

fn one_file(
    service: &Service,
    caller: &Caller,
    path: &Path,
    input: &ExportRegister,
) -> Result<usize, ServiceError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => csv(service, caller, path, input),
        Some("parquet") => parquet(service, caller, path, input),
        _ => {
            let exported = service.export_register(caller, input)?;
            files::write(path, &exported.bytes)?;
            Ok(exported.rows)
        }
    }
}

fn failed(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

/// Rows as comma-separated values, written as they are read.
fn csv(
    service: &Service,
    caller: &Caller,
    path: &Path,
    input: &ExportRegister,
) -> Result<usize, ServiceError> {
    let shown = service.register_columns(&input.ledger)?;
    let mut file = BufWriter::new(File::create(path).map_err(files::unwritable(path))?);
    let heads: Vec<&str> = shown.columns.iter().map(|column| column.head.as_str()).collect();
    file.write_all(write_csv([heads]).as_bytes()).map_err(failed)?;
    let rows = service.export_register_rows(caller, input, &mut |_, cells| {
        let cells: Vec<String> = cells.iter().map(Value::to_string).collect();
        file.write_all(files::csv_line(&cells).as_bytes()).map_err(failed)
    })?;
    file.flush().map_err(failed)?;
    Ok(rows)
}

/// Rows as Parquet with the names of the fields; sealed fields are left out.
fn parquet(
    service: &Service,
    caller: &Caller,
    path: &Path,
    input: &ExportRegister,
) -> Result<usize, ServiceError> {
    let mut ledger: Ledger = service.register_columns(&input.ledger)?.ledger;
    ledger.fields.retain(|field| field.sensitive.is_none());
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let folder = parent.join(format!(".{}-{}", input.ledger, std::process::id()));
    let mut writer =
        LedgerWriter::create(&folder, &ledger, "part", Sensitive::Plain).map_err(failed)?;
    let rows = service.export_register_rows(caller, input, &mut |record, _| {
        let id = Value::from(record.id.to_string());
        let region = record.region.clone().map_or(Value::Null, Value::from);
        let (created, updated) = (Value::from(record.created_at), Value::from(record.updated_at));
        let value = |name: &str| match name {
            "id" => &id,
            "region" => &region,
            "created_at" => &created,
            "updated_at" => &updated,
            field => record.get(field),
        };
        writer.push(&value).map_err(failed)
    })?;
    writer.close().map_err(failed)?;
    let made = folder.join(&ledger.name);
    std::fs::rename(made.join("part.parquet"), path).map_err(failed)?;
    std::fs::remove_dir(&made).map_err(failed)?;
    std::fs::remove_dir(&folder).map_err(failed)?;
    Ok(rows)
}

/// A directory of CSV files described by a `datapackage.json` (Frictionless Data Package).
fn package(
    service: &Service,
    caller: &Caller,
    directory: &Path,
    inputs: impl Iterator<Item = ExportRegister>,
) -> Result<usize, ServiceError> {
    std::fs::create_dir_all(directory).map_err(files::unwritable(directory))?;
    let mut resources = Vec::new();
    let mut rows = 0;
    for input in inputs {
        let file = format!("{}.csv", input.ledger);
        rows += csv(service, caller, &directory.join(&file), &input)?;
        resources.push(resource(&service.register_columns(&input.ledger)?, &file));
    }
    let package = serde_json::json!({
        "profile": "tabular-data-package",
        "name": "taizhang-register",
        "created": service.now().to_string(),
        "resources": resources,
    });
    let text = serde_json::to_string_pretty(&package).map_err(failed)?;
    files::write(&directory.join("datapackage.json"), text)?;
    Ok(rows)
}

fn resource(shown: &RegisterColumns, file: &str) -> serde_json::Value {
    let fields: Vec<serde_json::Value> = shown
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                FieldType::Integer | FieldType::Percent => "integer",
                FieldType::Money | FieldType::Decimal => "number",
                FieldType::Date | FieldType::Month => "date",
                FieldType::Boolean => "boolean",
                _ => "string",
            };
            let mut field = serde_json::json!({
                "name": column.head,
                "type": kind,
                "taizhang:field": column.name,
            });
            if let (FieldType::Boolean, Some(field)) = (column.kind, field.as_object_mut()) {
                field.insert("trueValues".to_owned(), serde_json::json!(["是"]));
                field.insert("falseValues".to_owned(), serde_json::json!(["否"]));
            }
            field
        })
        .collect();
    serde_json::json!({
        "profile": "tabular-data-resource",
        "name": shown.ledger.name,
        "title": shown.ledger.label.zh,
        "path": file,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": { "fields": fields, "missingValues": [""] },
    })
}
