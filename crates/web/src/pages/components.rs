//! `/dev/components`: every component in all its states; only in the demonstration.

use crate::app::{AppState, Visit, see};
use crate::components::{
    Address, BatchAct, Chip, Choice, Column, Compared, CountTab, Decision, Dialog, Empty, Errors,
    Field, FileRow, FilterBar, FilterField, Job, KeyFigure, Light, Menu, PageHead, Paging,
    TimelineEntry, Tone, area_field, batch_bar, check_field, choice_field, comparison, count_tabs,
    date_field, decision_card, dialog, empty_state, error_summary, file_field, file_list,
    filter_bar, form_open, icon, input_field, job_progress, key_figures, light, many_picker,
    masked_value, notice, one_picker, page, page_head, paging, progress_bar, row_box, row_class,
    select_field, table_head, tag, timeline, wide_table, wizard_steps,
};
use crate::frame::Frame;
use crate::text::doubt;
use axum::Router;
use axum::routing::get;
use maud::{Markup, html};

/// The page. Its texts are samples in Chinese and stand outside the catalogue.
pub(crate) fn view(frame: &Frame) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![("开发", "/dev/components")],
            title: "组件",
            facts: Some(html! { "每个组件的各种状态" }),
            acts: Some(html! { a.btn href="#f-name" { "次要" } a.btn.p href="#f-name" { "主要" } }),
        }))
        div.stack {
            (table_part(frame))
            (field_part(frame))
            (message_part(frame))
            (record_part(frame))
        }
    };
    page(frame, "组件", Menu::None, &body)
}

const LIGHTS: [Light; 8] = [
    Light::Overdue(3),
    Light::Soon(0),
    Light::Soon(5),
    Light::Normal(25),
    Light::Closed,
    Light::LongTerm,
    Light::NoDate,
    Light::Void,
];

fn table_part(frame: &Frame) -> Markup {
    let pairs = [("q", "饮水"), ("light", "overdue"), ("sort", "due")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let address = Address::new("/dev/components", &pairs);
    let tab = |words: &str, count, light, is_current| CountTab {
        words: words.to_owned(),
        count: Some(count),
        address: "/dev/components".to_owned(),
        is_current,
        light,
        is_alarm: light == Some(Light::Overdue(1)),
    };
    let bar = FilterBar {
        address: address.clone(),
        path: "/dev/components",
        fields: vec![FilterField {
            name: "light",
            label: "灯号".to_owned(),
            options: vec![("overdue".to_owned(), "超期".to_owned())],
        }],
        text_hint: "编号、关键词".to_owned(),
        kept: vec!["sort"],
    };
    let chips: Vec<Chip> = bar.chips(frame);
    let columns = [("灯号", Some("due"), "f2"), ("编号", None, "f3"), ("问题", None, "")]
        .map(|(words, sort, class)| Column { words: words.to_owned(), sort, class });
    let rows = html! {
        @for (place, state) in LIGHTS.into_iter().enumerate() {
            @let number = format!("2026-{place:03}");
            tr class=(row_class(state)) {
                (row_box(frame, &number, &number))
                td.nw.f2.inl { (light(frame, state)) }
                th.nw.f3.inl scope="row" { a href="#main" data-open="" { (number) } }
                td.ttl {
                    a.cut href="#main" { "示例问题：某村蓄水池未通水" }
                    span.sub2 { "共性问题 · 省级考核反馈 · " (chips.len()) " 个条件" }
                }
            }
        }
    };
    html! {
        (count_tabs("分类", &[
            tab("全部", 486, None, true),
            tab("超期", 9, Some(Light::Overdue(1)), false),
            tab("临期", 23, Some(Light::Soon(1)), false),
        ]))
        (filter_bar(frame, &bar))
        (batch_bar(frame, "/dev/components", &[
            BatchAct { act: "remind", words: "批量催办".to_owned(), is_download: false },
        ]))
        (wide_table("示例表", "bare", "cards led", &table_head(frame, &address, &columns, true),
            &rows))
        (paging(frame, &Paging {
            total: 486, shown: 9, previous: Some("/dev/components".to_owned()), first: None,
            next: Some("/dev/components".to_owned()),
        }))
    }
}

fn field_part(frame: &Frame) -> Markup {
    let errors =
        Errors(vec![("deadline".to_owned(), "时限不能早于下发日期 2026-10-08".to_owned())]);
    let options = [("a", "甲"), ("b", "乙")].map(|(id, words)| (id.to_owned(), words.to_owned()));
    let choices = [("u1", "县水务局"), ("u2", "石桥镇")].map(|(id, name)| Choice {
        id: id.to_owned(),
        name: name.to_owned(),
        note: "青禾县".to_owned(),
        is_picked: id == "u1",
    });
    let field = |name, label| Field { name, label, ..Field::default() };
    html! {
        section.card { div.ch { h2 { "字段" } } div.cb {
            (error_summary(frame, &errors))
            (form_open(frame, "/dev/components", "components", &html! {
                div.frow {
                    (input_field(frame, &errors, &Field { hint: "一行", is_required: true,
                        ..field("name", "名称") }))
                    (date_field(frame, &errors, &Field { value: "2026-01-01",
                        ..field("deadline", "时限") }))
                    (select_field(frame, &errors, &field("kind", "类型"), &options))
                    (one_picker(frame, &errors, &field("unit", "牵头单位"), &choices))
                }
                (area_field(frame, &errors, &field("text", "说明")))
                (choice_field(frame, &errors, &Field { value: "a", ..field("exists", "本地是否存在") },
                    &options))
                (many_picker(frame, &errors, &field("units", "责任单位"), &choices))
                (check_field(&field("on_site", "到现场核验")))
                (file_field(frame, &errors, &field("file", "佐证材料"), ".pdf,.jpg", true))
                div.row {
                    button.btn.p { "保存" }
                    button.btn disabled title="先填写时限" { "提交" }
                    button.btn aria-busy="true" type="button" { "正在保存" }
                }
            }))
        } }
    }
}

fn message_part(frame: &Frame) -> Markup {
    html! {
        section.card { div.ch { h2 { "提示" } } div.cb {
            (notice(Tone::Information, &html! { "说明" }))
            (notice(Tone::Warning, &html! { "请注意" }))
            (notice(Tone::Error, &html! { "没有保存成功，您填的内容还在。编号 7F3A" }))
            (notice(Tone::Success, &html! { "已保存" }))
            (wizard_steps("步骤", &["选择文件", "对应列", "检查", "确认写入"], 2))
            (job_progress(frame, &Job { title: "导出".to_owned(), done: 1_200, total: 4_000 }))
            (dialog(frame, &Dialog {
                title: "销号 2 条",
                text: "两条问题将移出待办。",
                button: "销号 2 条",
                action: "/dev/components",
                back: "/dev/components",
                fields: html! {},
            }))
        } }
        (decision_card(frame, &Decision {
            id: "decision",
            title: doubt::CHECK,
            action: "/dev/components",
            version: 1,
            choice: ("result", doubt::CHECK_RESULT),
            answers: [doubt::CHECK_ACCEPT, doubt::CHECK_REFUSE],
            note: ("check_note", doubt::CHECK_NOTE),
            button: doubt::CHECK_SEND,
            returned: ("refused", ""),
            errors: &Errors(vec![("check_note".to_owned(), "没有写明原因".to_owned())]),
        }))
        (empty_state(frame, &Empty::Nothing { help: "先上传一份来文",
            first: Some(("上传来文", "/letters/new")) }))
        (empty_state(frame, &Empty::NoMatch("/dev/components")))
        (empty_state(frame, &Empty::AllDone))
        (empty_state(frame, &Empty::NotAllowed))
    }
}

fn record_part(frame: &Frame) -> Markup {
    let entry = |when: &str, what: &str, tone| TimelineEntry {
        when: when.to_owned(),
        what: what.to_owned(),
        by: "周雯".to_owned(),
        tone,
        more: None,
    };
    html! {
        (key_figures(&[
            KeyFigure { label: "文件共".to_owned(), value: 1_600, unit: "行".to_owned(),
                note: "示例.xlsx".to_owned(), tone: "", rows: None },
            KeyFigure { label: "错误".to_owned(), value: 27, unit: "行".to_owned(),
                note: "4 类原因".to_owned(), tone: "bad", rows: Some("/dev/components".to_owned()) },
        ]))
        section.card { div.ch { h2 { "记录" } } div.cb.stack {
            (timeline(&[entry("11-20", "退回：佐证不足", "r"), entry("11-18", "申请销号", "y"),
                entry("11-02", "建账", "g"), entry("11-01", "登记", "")]))
            (comparison(frame, &[Compared { field: "时限".to_owned(), old: "2026-11-20".to_owned(),
                new: "2026-12-20".to_owned() }]))
            (file_list(frame, &[FileRow { name: "竣工验收单.pdf".to_owned(),
                address: "/files/x".to_owned(), size_bytes: 2_516_582,
                    hash: "3fa2b1c4d5".to_owned(), when: "2026-11-18".to_owned(),
                        by: "周雯".to_owned(), note: "蓄水池通水".to_owned(),
                            mark: Some(("y", "日期早于措施".to_owned())) }]))
            p { (masked_value(frame, "138****1234", Some("/dev/components"))) }
            p { (progress_bar("", 60)) " 60% " (progress_bar("r", 35)) " " (progress_bar("g",
                100)) }
            p { @for (tone, words) in [("", "核查"), ("b", "整改中"), ("r", "案件"), ("y", "待审核"),
                ("g", "已销号")] { (tag(tone, words)) " " } }
            p { @for name in ["bell", "download", "history", "paperclip", "printer"] {
                (icon(name)) " " } }
        } }
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    let show = |visit: Visit| async move { view(&visit.frame) };
    Router::new().route("/dev/components", get(show).post(|| async { see("/dev/components") }))
}
