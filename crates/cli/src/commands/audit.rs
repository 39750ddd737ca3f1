//! `taizhang audit`: the chain of what was done.

use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::Subcommand;
use taizhang_service::ServiceError;

/// Acts on the audit trail.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// 核对审计链和每条记录；有不符时退出码为 1 (check chain and records; exit 1 on faults)
    Verify,
    /// 打印审计链当前末端，抄存到别处 (mark the end of the chain, to be kept elsewhere)
    Anchor,
}

impl Audit {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let service = place.open()?;
        let caller = place.caller(&service)?;
        match self {
            Self::Anchor => {
                output.line(&service.audit_anchor(&caller)?);
                Ok(Exit::Success)
            }
            Self::Verify => {
                let report = service.audit_verify(&caller)?;
                if output.is_json() {
                    output.value(&report)?;
                } else {
                    let (lines, faults) = (report.lines, report.faults.len());
                    output.line(&match output.language() {
                        taizhang_diagnostics::Language::Zh => {
                            format!(
                                "审计链 {lines} 行，不符 {faults} 处，末端 {}",
                                report.head.hash
                            )
                        }
                        taizhang_diagnostics::Language::En => {
                            format!("{lines} lines, {faults} faults, head {}", report.head.hash)
                        }
                    });
                    for fault in &report.faults {
                        let words = fault.kind.words();
                        let words = words.text(output.language());
                        output.line(&format!("  {} {words} {}", fault.sequence, fault.object));
                    }
                }
                Ok(if report.is_sound() { Exit::Success } else { Exit::Faults })
            }
        }
    }
}
