//! `taizhang import register`: households, persons, incomes and every other ledger of the register
//! from a workbook.

use super::files;
use crate::exit::Exit;
use crate::output::Output;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use taizhang_diagnostics::Diagnostic;
use taizhang_service::imports::{
    CheckImport, ConfirmRegister, ConfirmedRegister, RegisterPreview, RowChange, TakeRegister,
};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::RegionCode;

/// How the result is written.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Imports a workbook into a ledger of the register.
#[derive(Debug, Args)]
#[command(after_help = "不带 --confirm 只检查。 Without --confirm it only checks.\n\n示例 \
                        Examples:\n  taizhang import register 户信息.xlsx --ledger household \
                        --as clerk --errors 错误.xlsx\n  taizhang import register 人员.xlsx \
                        --ledger national_persons --as clerk --confirm --good-only")]
pub(crate) struct ImportRegister {
    /// 工作簿 (workbook: xlsx, xls, csv)
    file: PathBuf,
    /// 台账或表样 (ledger or layout)
    #[arg(long)]
    ledger: String,
    /// 区划代码，默认本人所在 (region code; one's own otherwise)
    #[arg(long)]
    region: Option<String>,
    /// 只检查 (check only; so it is without --confirm)
    #[arg(long, conflicts_with = "confirm")]
    dry_run: bool,
    /// 检查后导入 (import after the check)
    #[arg(long)]
    confirm: bool,
    /// 导入合格的行，其余不导 (import the good rows and leave the others)
    #[arg(long, requires = "confirm")]
    good_only: bool,
    /// 采用全部近似值建议 (accept all near-miss suggestions)
    #[arg(long)]
    fix: bool,
    /// 行数多时不随即核查，留给夜间核查 (leave the judging of many rows to the nightly run)
    #[arg(long, requires = "confirm")]
    judge_later: bool,
    /// 把带错误说明的原表写到 (write the user's own sheet with its faults to)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// 部分名册，没有列出的不算减少，默认 (a part: what it lacks is not missing; the default)
    #[arg(long, conflicts_with = "complete")]
    part: bool,
    /// 区划内全量名册，没有列出的列为待核实的减少 (the complete list: what it lacks is missing)
    #[arg(long)]
    complete: bool,
    /// 输出格式 (output)
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl ImportRegister {
    pub(crate) fn run(
        self,
        service: &Service,
        caller: &Caller,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        let region = match &self.region {
            Some(code) => RegionCode::parse(code).ok_or_else(super::import::bad_region)?,
            None => caller.home_region().cloned().ok_or_else(super::import::bad_region)?,
        };
        let name = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let input = CheckImport {
            file_name: name.unwrap_or_default(),
            layout: self.ledger.clone(),
            region,
            inspection: None,
            is_complete: self.complete && !self.part,
        };
        let mut file = files::open(&self.file)?;
        if self.confirm && !self.fix && self.errors.is_none() {
            let way = TakeRegister { good_only: self.good_only, is_judged_later: self.judge_later };
            let (preview, done) = service.import_register(caller, &input, way, &mut file)?;
            return Ok(self.told(&preview, done.as_ref(), output));
        }
        let batch = service.check_register(caller, &input, &mut file)?;
        if self.fix {
            service.fix_register(caller, &batch, &[])?;
        }
        let preview = service.register_preview(caller, &batch)?;
        if let Some(path) = &self.errors {
            let book = service.register_errors(caller, &batch)?;
            files::write(path, book)?;
        }
        let is_faulty = preview.counts.rows_bad > 0 || !preview.lacking.is_empty();
        let mut done = None;
        if self.confirm && (self.good_only || !is_faulty) {
            let version = preview.batch.version;
            let input = ConfirmRegister { batch, version, good_only: self.good_only };
            done = Some(service.confirm_register(caller, &input)?);
        }
        Ok(self.told(&preview, done.as_ref(), output))
    }

    fn told(
        &self,
        preview: &RegisterPreview,
        done: Option<&ConfirmedRegister>,
        output: &Output,
    ) -> Exit {
        if output.is_json() || matches!(self.format, Format::Json) {
            output.line(&as_json(preview, done));
        } else {
            as_text(preview, done, output);
        }
        let bad = done.map_or(preview.counts, |done| done.counts).rows_bad;
        let is_faulty = bad > 0 || !preview.lacking.is_empty();
        if is_faulty { Exit::Faults } else { Exit::Success }
    }
}

fn as_text(preview: &RegisterPreview, done: Option<&ConfirmedRegister>, output: &Output) {
    let faults: Vec<Diagnostic> =
        preview.faults.iter().map(|fault| fault.diagnostic.clone()).collect();
    output.diagnostics(&faults);
    for note in &preview.notes {
        output.line(output.pick(&note.zh, &note.en));
    }
    if !preview.lacking.is_empty() {
        let heads = preview.lacking.join(output.pick("、", ", "));
        output.line(&format!("{}{heads}", output.pick("缺少必填的列：", "missing columns: ")));
    }
    for reason in preview.reasons.iter().take(40) {
        let diagnostic = &reason.first.diagnostic;
        let message = output.pick(&diagnostic.message.zh, &diagnostic.message.en);
        let mark =
            if reason.is_fixed { output.pick("（已采用建议）", " (mended)") } else { "" };
        output.line(&format!("{:>8} × {} {message}{mark}", reason.count, diagnostic.code));
    }
    let counts = done.map_or(preview.counts, |done| done.counts);
    let figures = [
        ("行", "rows", counts.rows_total),
        ("合格", "good", counts.rows_good),
        ("有错", "bad", counts.rows_bad),
        ("新增", "added", counts.added),
        ("改动", "changed", counts.changed),
        ("不变", "unchanged", counts.unchanged),
        ("冲突", "conflicts", counts.conflicts),
        ("待核实的减少", "missing", counts.removed),
    ];
    let words: Vec<String> =
        figures.iter().map(|(zh, en, count)| format!("{} {count}", output.pick(zh, en))).collect();
    output.line(&words.join(output.pick("，", ", ")));
    let conflicts = done.map_or(&preview.conflicts, |done| &done.conflicts);
    for conflict in conflicts.iter().take(40) {
        let change = &conflict.change;
        output.line(&format!(
            "{} {} {}.{}: {} | {}",
            output.pick("冲突，未写入", "conflict, left"),
            conflict.row,
            conflict.ledger,
            change.field,
            change.old,
            change.new
        ));
    }
    match done {
        Some(done) => output.line(&format!(
            "{}，{} {}，{} {}",
            output.pick("已导入", "imported"),
            output.pick("已核户数", "households judged"),
            done.households_judged,
            output.pick("疑点", "doubts"),
            done.doubts
        )),
        None => output.line(output.pick("只检查，未写入", "checked only, nothing written")),
    }
}

fn as_json(preview: &RegisterPreview, done: Option<&ConfirmedRegister>) -> String {
    let fault = |fault: &taizhang_exchange::RowFault| {
        serde_json::json!({
            "row": fault.row,
            "column": fault.column,
            "field": fault.field,
            "diagnostic": fault.diagnostic,
            "suggestion": fault.suggestion,
        })
    };
    let reasons: Vec<serde_json::Value> = preview
        .reasons
        .iter()
        .map(|reason| {
            serde_json::json!({
                "count": reason.count,
                "is_fixed": reason.is_fixed,
                "first": fault(&reason.first),
            })
        })
        .collect();
    let changes = |changes: &[RowChange]| serde_json::to_value(changes).unwrap_or_default();
    serde_json::json!({
        "batch": preview.batch.id,
        "ledger": preview.ledger,
        "counts": done.map_or(preview.counts, |done| done.counts),
        "is_complete": preview.is_complete,
        "lacking": preview.lacking,
        "notes": preview.notes,
        "reasons": reasons,
        "faults": preview.faults.iter().map(fault).collect::<Vec<_>>(),
        "changes": changes(&preview.changes),
        "conflicts": changes(done.map_or(&preview.conflicts, |done| &done.conflicts)),
        "is_confirmed": done.is_some(),
        "households_judged": done.map(|done| done.households_judged),
        "doubts": done.map(|done| done.doubts),
    })
    .to_string()
}
