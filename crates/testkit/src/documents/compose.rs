//! Whole documents: head, preamble with claims, findings or tasks, requirements, signature.

use serde_json::json;

use super::content::{Content, Group, Row};
use super::finding::{Spot, finding};
use super::layout::{Frame, Kind, Layout, Role, Style};
use super::numbers::{Numbered, Sequence, characters, written};
use super::phrase::Phrase;
use super::random::Random;
use super::writer::{Place, Writer};
use super::{table, task};

/// Wordings of a status before a count, by value.
const STATUS_WORDS: &[(&str, &str)] = &[
    ("completed", "已完成整改"),
    ("in_progress", "正在推进"),
    ("partial", "基本完成"),
    ("not_started", "未完成"),
    ("ongoing", "长期坚持"),
];

/// Writes the document.
pub fn document(w: &mut Writer, layout: &Layout, content: &Content, random: &mut Random) {
    title(w, layout, content);
    match layout.kind {
        Kind::Ledger => {
            table::ledger(w, layout, content);
            summary(w, layout, content, "合计");
        }
        Kind::Tasks => {
            tasks(w, layout, content);
            signature(w, content);
        }
        _ => {
            prose(w, layout, content, random);
            signature(w, content);
            if layout.noise {
                w.raw("\n[打印] [关闭]\n");
            }
        }
    }
}

/// Title, and a number and an addressee for plans.
fn title(w: &mut Writer, layout: &Layout, content: &Content) {
    let (town, county, year) = (content.town, content.county, content.year);
    let words = match layout.kind {
        Kind::Plan => format!("{town}关于县委巡察反馈问题的整改方案"),
        Kind::Report => format!("{town}关于专项检查反馈问题整改情况的报告"),
        Kind::Notice => format!("中共{town}委员会关于县委巡察整改进展情况的通报"),
        Kind::Audit => format!("{town}关于乡村振兴资金审计整改情况的报告"),
        Kind::Ledger => format!("{town}{year}年考核反馈问题整改台账"),
        Kind::Tasks => format!("{county}{year}年巩固拓展脱贫攻坚成果实施方案"),
    };
    if layout.noise {
        w.raw("当前位置：首页 > 巡视巡察 > 整改公开\n\n");
    }
    // A title is centred and never wrapped mid-line in these layouts.
    if layout.frame == Frame::Html {
        w.raw("<p style=\"text-align:center;\">");
        w.raw(&words);
        w.raw("</p>\n");
    } else {
        w.raw(&words);
        w.raw(if layout.frame == Frame::Spaced { "\n\n" } else { "\n" });
    }
    if layout.noise {
        w.raw("来源：县纪委监委 发布时间：2022-07-05 15:20 浏览次数：1024\n\n");
    }
    if layout.kind == Kind::Plan {
        w.paragraph("各村党支部、村委会：");
    }
}

/// The counts that a preamble or summary claims.
struct Claims {
    problems: Phrase,
    statuses: Option<Phrase>,
}

/// Puts the claims of the preamble together.
fn claims(layout: &Layout, content: &Content, lead: &str) -> Claims {
    let rows = u32::try_from(content.rows(layout).count()).unwrap_or(0);
    let claimed = rows + content.claim_off;
    let grouped = layout.group.is_some() || layout.flat;
    let mut problems = Phrase::of(lead);
    if grouped && layout.kind != Kind::Ledger {
        let groups = u32::try_from(content.groups.len()).unwrap_or(0);
        problems = if layout.characters {
            let raw = format!("{}个", characters(groups));
            problems.amount(&raw, f64::from(groups), "个").say("方面")
        } else {
            problems.count(groups, "个").say("方面")
        };
    }
    problems = problems.count(claimed, "个").say("问题");
    let has_status = layout.closing_note || layout.roles.iter().any(|(r, _)| *r == Role::Status);
    let mut statuses = Phrase::default();
    let mut kinds = 0;
    for (value, words) in STATUS_WORDS {
        let count =
            content.rows(layout).filter(|row| row.status.1 == *value && !row.absent).count();
        if count > 0 {
            statuses = statuses
                .say(if kinds == 0 { "" } else { "，" })
                .say(words)
                .count(u32::try_from(count).unwrap_or(0), "个");
            kinds += 1;
        }
    }
    Claims { problems, statuses: (has_status && kinds > 0).then_some(statuses) }
}

/// Writes claims and notes what they should be.
fn write_claims(w: &mut Writer, layout: &Layout, content: &Content, claims: &Claims, glue: &str) {
    let rows = content.rows(layout).count();
    let first = w.figures.len();
    w.phrase(&claims.problems);
    let aspects = w.figures.len() - first == 2;
    let problem_figure = w.figures.len() - 1;
    if aspects {
        w.count(first, "aspects", content.groups.len());
    }
    w.count(problem_figure, "findings", rows);
    let Some(statuses) = claims.statuses.as_ref().filter(|_| !layout.situation) else { return };
    w.put(glue);
    let from = w.figures.len();
    w.phrase(statuses);
    let mut index = from;
    for (value, _) in STATUS_WORDS {
        let count = content.rows(layout).filter(|row| row.status.1 == *value).count();
        if count > 0 {
            w.count(index, &format!("status={value}"), count);
            index += 1;
        }
    }
    if index - from >= 2 {
        let operands: Vec<_> = (from..index).map(|i| w.part(i)).collect();
        w.checks.push(json!({
            "kind": "sum", "holds": content.claim_off == 0, "result": w.part(problem_figure),
            "operands": operands, "note": "claimed problems by status",
        }));
    }
}

/// The line under a table.
fn summary(w: &mut Writer, layout: &Layout, content: &Content, lead: &str) {
    w.raw("\n");
    let claims = claims(layout, content, lead);
    write_claims(w, layout, content, &claims, "，");
    w.put("。");
    w.raw("\n");
}

/// Findings in running text.
fn prose(w: &mut Writer, layout: &Layout, content: &Content, random: &mut Random) {
    w.open();
    let year = content.year;
    w.put(&format!("{year}年3月14日至28日，县委第三巡察组对我镇开展了专项检查，"));
    let lead = *["反馈了", "指出了", "共反馈"].get(random.index(3)).unwrap_or(&"反馈了");
    let claims = claims(layout, content, lead);
    write_claims(w, layout, content, &claims, "。目前");
    w.put("。");
    w.put(&format!("按照《关于做好{year}年反馈问题整改工作的通知》（云办发〔{year}〕15号）要求，现将有关情况报告如下。"));
    w.close();
    let mut top = Sequence::new(layout.top, None);
    if !layout.flat {
        heading(w, layout, &mut top, "加强组织领导");
        w.paragraph(
            "成立整改工作领导小组，实行周调度、月通报，沿G318国道各村同步推进，按期完成整改。",
        );
    }
    let mut items = Sequence::new(layout.item.unwrap_or(Style::Dot), content.fault);
    if layout.flat {
        for group in &content.groups {
            let (node, title, _) = heading(w, layout, &mut top, group.title);
            let spot = Spot { parent: Some(node), category: Some(title), subcategory: None };
            rows(w, layout, &group.rows, &mut items, (spot, 0), random);
            items.restart();
        }
    } else {
        let (node, title, n) = heading(w, layout, &mut top, "反馈问题整改情况");
        groups(w, layout, content, &mut items, (node, title, n), random);
    }
    requirements(w, layout, &mut top, content);
}

/// The groups of one top heading.
fn groups(
    w: &mut Writer,
    layout: &Layout,
    content: &Content,
    items: &mut Sequence,
    (node, category, above): (usize, Place, u32),
    random: &mut Random,
) {
    let Some(style) = layout.group else {
        let spot = Spot { parent: Some(node), category: Some(category), subcategory: None };
        for group in &content.groups {
            rows(w, layout, &group.rows, items, (spot, above), random);
        }
        return;
    };
    for (group, n) in content.groups.iter().zip(1..) {
        let (parent, title) = group_heading(w, style, group, node, n);
        let spot =
            Spot { parent: Some(parent), category: Some(category), subcategory: Some(title) };
        rows(w, layout, &group.rows, items, (spot, n), random);
        if !layout.runs_on {
            items.restart();
        }
    }
}

/// The heading of a group.
fn group_heading(
    w: &mut Writer,
    style: Style,
    group: &Group,
    node: usize,
    n: u32,
) -> (usize, Place) {
    w.open();
    let mark = w.put(&written(style, n, 0));
    let title = w.put(group.title);
    let parent = w.node(Some(node), Some((mark, Some(n))), title);
    w.close();
    (parent, title)
}

/// The rows of one group.
fn rows(
    w: &mut Writer,
    layout: &Layout,
    rows: &[Row],
    items: &mut Sequence,
    (spot, above): (Spot, u32),
    random: &mut Random,
) {
    for row in rows {
        let number = layout.item.map(|_| items.take(above));
        match layout.split.zip(number.as_ref()) {
            Some((style, number)) if !row.parts.is_empty() => {
                split(w, layout, row, (number, style), spot, random);
            }
            _ => finding(w, layout, row, number.as_ref(), spot, random),
        }
    }
}

/// An item that is only a heading over findings of its own.
fn split(
    w: &mut Writer,
    layout: &Layout,
    row: &Row,
    (number, style): (&Numbered, Style),
    spot: Spot,
    random: &mut Random,
) {
    w.open();
    let mark = w.put(&number.text);
    let title = w.phrase(&row.title);
    w.put("。");
    let node = w.node(spot.parent, Some((mark, number.ordinal)), title);
    if let Some(kind) = number.defect {
        w.defect(kind, None, mark);
    }
    w.close();
    let below = Spot { parent: Some(node), category: spot.category, subcategory: Some(title) };
    for (part, n) in row.parts.iter().zip(1..) {
        let number = Numbered { text: written(style, n, 0), ordinal: Some(n), defect: None };
        finding(w, layout, part, Some(&number), below, random);
    }
}

/// A top heading: its node, title and number.
fn heading(
    w: &mut Writer,
    layout: &Layout,
    top: &mut Sequence,
    title: &str,
) -> (usize, Place, u32) {
    let number = top.take(0);
    w.open();
    let mark = w.put(&number.text);
    if layout.top == Style::Chapter {
        w.put("　");
    }
    let title = w.put(title);
    let node = w.node(None, Some((mark, number.ordinal)), title);
    w.close();
    (node, title, number.ordinal.unwrap_or(0))
}

/// General requirements as run-in headings.
fn requirements(w: &mut Writer, layout: &Layout, top: &mut Sequence, content: &Content) {
    let (node, ..) = heading(w, layout, top, "有关工作要求");
    for ((head, text), n) in content.requirements.iter().zip(1..) {
        w.open();
        let mark = w.put(&written(Style::HanParen, n, 0));
        let title = w.put(head);
        w.node(Some(node), Some((mark, Some(n))), title);
        w.put("。");
        w.put(text);
        w.put("。");
        w.close();
    }
}

/// Tasks of an implementation plan.
fn tasks(w: &mut Writer, layout: &Layout, content: &Content) {
    w.paragraph("为巩固拓展脱贫攻坚成果，守牢不发生规模性返贫底线，结合实际，制定本方案。");
    let mut top = Sequence::new(layout.top, None);
    heading(w, layout, &mut top, "总体要求");
    w.paragraph("坚持精准方略，健全长效机制，确保各项任务落实到位。");
    let (node, ..) = heading(w, layout, &mut top, "重点任务");
    let mut items = Sequence::new(layout.item.unwrap_or(Style::Dot), content.fault);
    match layout.group {
        None => {
            for group in &content.groups {
                for row in &group.rows {
                    let number = items.take(0);
                    task::task(w, layout, row, &number, node);
                }
            }
        }
        Some(style) => {
            for (group, n) in content.groups.iter().zip(1..) {
                let (parent, _) = group_heading(w, style, group, node, n);
                for row in &group.rows {
                    let number = items.take(n);
                    task::task(w, layout, row, &number, parent);
                }
                if !layout.runs_on {
                    items.restart();
                }
            }
        }
    }
    requirements(w, layout, &mut top, content);
}

/// Signature and date.
fn signature(w: &mut Writer, content: &Content) {
    w.paragraph(&format!("{}人民政府", content.town));
    w.paragraph(&format!("{}年6月12日", content.year));
}
