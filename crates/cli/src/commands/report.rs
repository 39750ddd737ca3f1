//! `taizhang report`: making reports and looking up the rows behind a printed number.

use super::files;
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use std::path::PathBuf;
use taizhang_document::report::{Binding, plain_text};
use taizhang_service::report::MakeReport;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::RecordId;

/// Acts on reports.
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// 生成报告 (make a report)
    #[command(
        after_help = "示例 Example:\n  taizhang report make rectification_report --inspection \
                            ID --as clerk --docx 报告.docx"
    )]
    Make {
        /// 模板 (template of the codebook)
        template: String,
        /// 哪次检查 (record of the inspection)
        #[arg(long, value_name = "ID")]
        inspection: String,
        /// 署名 (who signs)
        #[arg(long)]
        issuer: Option<String>,
        /// 另存为 Word 文件 (save as Word file)
        #[arg(long, value_name = "FILE")]
        docx: Option<PathBuf>,
        /// 表格另存为 Excel (save the table as workbook)
        #[arg(long, value_name = "FILE")]
        xlsx: Option<PathBuf>,
    },
    /// 列出报告 (list reports)
    List,
    /// 凭报告编号查每个数字的定义、时点和来源行 (each number with definition, moment and rows)
    Show {
        /// 报告编号 (number printed on the report)
        number: String,
        /// 只看正文 (text only)
        #[arg(long)]
        text: bool,
    },
}

impl Report {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        match self {
            Self::Make { template, inspection, issuer, docx, xlsx } => {
                let inspection = RecordId::parse(&inspection).ok_or(ServiceError::NotFound)?;
                let input = MakeReport { template, inspection, issuer, date: None };
                let (record, faults) = service.make_report(&caller, &input)?;
                if !faults.is_empty() {
                    output.diagnostics(&faults);
                }
                output.line(record.text("number"));
                if let Some(path) = docx {
                    let bytes = service.report_docx(&caller, &record.id)?;
                    files::write(&path, &bytes)?;
                }
                if let Some(path) = xlsx {
                    files::write(&path, &service.report_workbook(&caller, &record.id)?)?;
                }
            }
            Self::List => list(&service, &caller, output)?,
            Self::Show { number, text } => show(&service, &caller, &number, text, output)?,
        }
        Ok(Exit::Success)
    }
}

fn list(service: &Service, caller: &Caller, output: &Output) -> Result<(), ServiceError> {
    let mut after = None;
    loop {
        let page = service.reports(caller, after, 100)?;
        for report in &page.records {
            output.line(&format!("{}  {}", report.text("number"), report.text("title")));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

fn show(
    service: &Service,
    caller: &Caller,
    number: &str,
    text_only: bool,
    output: &Output,
) -> Result<(), ServiceError> {
    let stored = service.report_by_number(caller, number)?;
    if output.is_json() {
        return output.value(&stored.report);
    }
    if text_only {
        output.line(plain_text(&stored.report).trim_end());
        return Ok(());
    }
    output.line(&format!("{}  {}", stored.report.number, stored.report.title));
    output.line(&format!("{} {}", output.pick("时点", "as of"), stored.report.as_of));
    for binding in &stored.report.bindings {
        print_binding(binding, output);
    }
    Ok(())
}

fn print_binding(binding: &Binding, output: &Output) {
    let language = output.language();
    output.line(&format!(
        "\n{}{}  {} [{}]",
        binding.value,
        binding.unit,
        binding.label.text(language),
        binding.indicator
    ));
    output.line(&format!(
        "  {}: {}",
        output.pick("定义", "definition"),
        binding.definition.text(language)
    ));
    output.line(&format!(
        "  {}: {}?{}",
        output.pick("筛选", "filter"),
        binding.ledger,
        binding.filter
    ));
    for row in &binding.rows {
        output.line(&format!("    {}  {} v{}", row.label, row.id, row.version));
    }
}
