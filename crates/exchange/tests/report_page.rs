//! The Word report as a page: rendered by LibreOffice and measured against GB/T 9704-2012.

use std::path::Path;
use std::process::Command;
use taizhang_document::report::{Report, ReportBlock, ReportRun};
use taizhang_exchange::report_docx;

/// Points a millimetre.
const MM: f64 = 72.0 / 25.4;

fn report() -> Report {
    let sentence = "对照反馈问题逐项排查整改建立台账明确责任压实时限做到问题不查清不放过";
    let run = |text: &str| vec![ReportRun::Text { text: text.to_owned() }];
    Report {
        number: "R2026-0001".into(),
        template: "rectification_report".into(),
        kind: "rectification_report".into(),
        title: "石桥镇人民政府关于2026年度考核反馈问题整改情况的报告".into(),
        addressee: Some("青禾县委农村工作领导小组".into()),
        blocks: vec![
            ReportBlock::Heading { level: 1, number: "一、".into(), runs: run("整改情况") },
            ReportBlock::Paragraph { runs: run(&sentence.repeat(60)) },
        ],
        issuer: "石桥镇人民政府".into(),
        date: "2026-11-05".parse().unwrap(),
        as_of: "2026-11-05T00:00:00Z".parse().unwrap(),
        is_public: false,
        bindings: Vec::new(),
    }
}

/// A line of a page: left, top, right, bottom in points, and its text.
struct Line {
    left: f64,
    top: f64,
    right: f64,
    text: String,
}

/// The pages of the rendered report, or `None` where the programs are missing.
fn rendered() -> Option<Vec<Vec<Line>>> {
    let has = |name: &str| Command::new(name).arg("-v").output().is_ok();
    if !has("pdftotext") || Command::new("soffice").arg("--version").output().is_err() {
        eprintln!("skipped: LibreOffice or pdftotext is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let docx = folder.path().join("report.docx");
    std::fs::write(&docx, report_docx(&report()).unwrap()).unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let done = Command::new("soffice")
        .args(["--headless", &profile, "--convert-to", "pdf", "--outdir"])
        .args([folder.path(), docx.as_path()])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(pages(&folder.path().join("report.pdf")))
}

fn pages(pdf: &Path) -> Vec<Vec<Line>> {
    let output = Command::new("pdftotext").args(["-bbox-layout"]).arg(pdf).arg("-").output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.split("<page ").skip(1).map(lines).collect()
}

fn lines(page: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = page
        .split("<line ")
        .skip(1)
        .map(|part| {
            let number = |name: &str| -> f64 {
                let (_, tail) = part.split_once(&format!("{name}=\"")).unwrap();
                tail.split('"').next().unwrap().parse().unwrap()
            };
            let body = part.split("</line>").next().unwrap();
            let words = body.split("</word>").filter_map(|word| word.rsplit_once('>'));
            let text = words.map(|(_, word)| word).collect();
            Line { left: number("xMin"), top: number("yMin"), right: number("xMax"), text }
        })
        .collect();
    lines.sort_by(|a, b| a.top.total_cmp(&b.top));
    lines
}

#[test]
fn rendered_report_keeps_margins_grid_and_page_numbers() {
    let Some(pages) = rendered() else { return };
    assert!(pages.len() >= 3, "a report of {} pages shows no even page", pages.len());
    for (index, page) in pages.iter().enumerate().take(3) {
        let (number, body) = page.split_last().unwrap();
        // One millimetre of tolerance is the standard's own.
        let left = body.iter().map(|line| line.left).fold(f64::MAX, f64::min);
        assert!((left / MM - 28.0).abs() <= 1.0, "left margin {:.1} mm", left / MM);
        let right = body.iter().map(|line| line.right).fold(0.0, f64::max);
        assert!(right / MM <= 210.0 - 26.0 + 1.0, "right edge {:.1} mm", right / MM);
        let middle = (number.left + number.right) / 2.0;
        let is_odd = index % 2 == 0;
        assert_eq!(middle > 105.0 * MM, is_odd, "side of page number {}", number.text);
        let bottom = (297.0 - 35.0) * MM;
        assert!(number.top > bottom && number.top < bottom + 9.0 * MM, "{}", number.top);
    }
    let full: Vec<&Line> = pages[1].iter().collect();
    assert_eq!(full.len() - 1, 22, "lines on a full page");
    let top = full[0].top / MM;
    assert!((36.0..=41.0).contains(&top), "first line at {top:.1} mm");
    for line in &full[..21] {
        assert_eq!(line.text.chars().count(), 28, "characters in `{}`", line.text);
    }
}
