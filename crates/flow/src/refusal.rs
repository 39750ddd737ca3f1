//! Every reason against a step, with its code, its words and its cure.
//!
//! Codes: F01 state and person, F02 what is missing, F03 deadlines and extensions. A code is never
//! used for another meaning.

use crate::{Context, Person, Situation};
use taizhang_codebook::Step;
use taizhang_diagnostics::{Diagnostic, Message, Place, nearest};

/// `F0101`: the flow has no such step.
pub(crate) fn unknown_step(context: &Context<'_>, step: &str) -> Diagnostic {
    let names = context.flow.steps.iter().map(|step| step.name.as_str());
    let refusal = Diagnostic::error(
        "F0101",
        Message::new(format!("没有步骤`{step}`"), format!("no step `{step}`")),
    );
    match nearest(step, names) {
        Some(name) => refusal
            .help(Message::new(format!("最接近的是`{name}`"), format!("the nearest is `{name}`"))),
        None => refusal,
    }
}

/// `F0102`: the step does not leave from this state.
pub(crate) fn wrong_state(context: &Context<'_>, step: &Step, state: &str) -> Diagnostic {
    let word = |name: &str| {
        context.state(name).map_or_else(|| Message::new(name, name), |state| state.label.clone())
    };
    let here = word(state);
    let from: Vec<Message> = step.from.iter().map(|name| word(name)).collect();
    let zh: Vec<&str> = from.iter().map(|label| label.zh.as_str()).collect();
    let en: Vec<&str> = from.iter().map(|label| label.en.as_str()).collect();
    Diagnostic::error(
        "F0102",
        Message::new(
            format!("“{}”状态下不能“{}”", here.zh, step.label.zh),
            format!("`{}` is not possible in state `{}`", step.label.en, here.en),
        ),
    )
    .help(Message::new(
        format!("只能在“{}”状态办理，请刷新页面看当前状态", zh.join("、")),
        format!("possible in `{}`; reload to see the current state", en.join("`, `")),
    ))
}

/// `F0110`: none of the step's roles is held here.
pub(crate) fn role(context: &Context<'_>, step: &Step) -> Diagnostic {
    let labels: Vec<Message> = step
        .roles
        .iter()
        .map(|name| match context.codebook.roles.get(name) {
            Some(role) => role.label.clone(),
            None => Message::new(name, name),
        })
        .collect();
    let zh: Vec<&str> = labels.iter().map(|label| label.zh.as_str()).collect();
    let en: Vec<&str> = labels.iter().map(|label| label.en.as_str()).collect();
    Diagnostic::error(
        "F0110",
        Message::new(
            format!("您在本区域没有“{}”的权限", step.label.zh),
            format!("you hold no role for `{}` in this region", step.label.en),
        ),
    )
    .help(Message::new(
        format!("请由{}办理", zh.join("、")),
        format!("ask one of: {}", en.join(", ")),
    ))
}

/// `F0111`, `F0112`, `F0113`: the person carries the work that the step judges.
pub(crate) fn dependence(
    step: &Step,
    situation: &Situation,
    person: &Person,
) -> Option<Diagnostic> {
    if !step.is_independent {
        return None;
    }
    let (code, zh, en) = if situation.responsible_persons.contains(&person.user) {
        ("F0111", "您是本条的责任人", "you are named responsible for this record")
    } else if !person.units.is_disjoint(&situation.responsible_units) {
        ("F0112", "您的单位是本条的责任单位", "your unit is named responsible for this record")
    } else if situation.submitted_by.as_ref() == Some(&person.user) {
        ("F0113", "本条是您提交的", "you handed this record in")
    } else {
        return None;
    };
    let message = Message::new(
        format!("{zh}，不能自己“{}”", step.label.zh),
        format!("{en} and may not take `{}`", step.label.en),
    );
    Some(Diagnostic::error(code, message).help(Message::new(
        "请由责任单位以外、有权限的人办理",
        "ask somebody with the right outside the responsible unit",
    )))
}

/// `F0201`: a needed field is empty.
pub(crate) fn field(context: &Context<'_>, field: &str) -> Diagnostic {
    let ledger = &context.flow.ledger;
    let label = context
        .codebook
        .field(ledger, field)
        .map_or_else(|| Message::new(field, field), |field| field.label.clone());
    Diagnostic::error(
        "F0201",
        Message::new(format!("“{}”没有填", label.zh), format!("`{}` is empty", label.en)),
    )
    .at(Place::Field { ledger: ledger.clone(), field: field.to_owned() })
    .help(Message::new(format!("请填写{}", label.zh), format!("fill in {}", label.en)))
}

/// `F0202`: too little evidence.
pub(crate) fn evidence(needed: i64, found: i64) -> Diagnostic {
    Diagnostic::error(
        "F0202",
        Message::new(
            format!("佐证材料至少 {needed} 件，现有 {found} 件"),
            format!("{needed} evidence files are needed, {found} found"),
        ),
    )
    .help(Message::new("请上传带日期的佐证材料", "upload dated evidence"))
}

/// `F0203`: no reason in words.
pub(crate) fn reason(step: &Step) -> Diagnostic {
    Diagnostic::error(
        "F0203",
        Message::new(
            format!("“{}”要写明理由", step.label.zh),
            format!("`{}` needs a reason", step.label.en),
        ),
    )
    .help(Message::new("请写明理由", "say why in a sentence"))
}

/// `F0204`, `F0205`: no acceptance form, or one that failed.
pub(crate) fn acceptance(found: Option<bool>) -> Option<Diagnostic> {
    match found {
        Some(true) => None,
        Some(false) => Some(
            Diagnostic::error(
                "F0205",
                Message::new("最近一次验收没有通过", "the latest acceptance failed"),
            )
            .help(Message::new("请退回整改，或重新验收", "return it, or inspect again")),
        ),
        None => Some(
            Diagnostic::error(
                "F0204",
                Message::new(
                    "没有本次提交后的验收单",
                    "no acceptance form since the latest submission",
                ),
            )
            .help(Message::new(
                "请填写验收单：抽查了什么、结果如何",
                "fill in the acceptance form with sample and result",
            )),
        ),
    }
}

/// `F0206`: children still run.
pub(crate) fn children(open: i64) -> Diagnostic {
    Diagnostic::error(
        "F0206",
        Message::new(
            format!("举一反三还有 {open} 条下级问题没有办结"),
            format!("{open} children are not closed"),
        ),
    )
    .help(Message::new("请先办结下级问题", "close the children first"))
}

/// `F0207`: the upper body has not consented.
pub(crate) fn upper_consent() -> Diagnostic {
    Diagnostic::error(
        "F0207",
        Message::new(
            "上级反馈的问题要上级同意才能销号",
            "a row of an upper letter needs the upper body's consent",
        ),
    )
    .help(Message::new(
        "收到上级同意后登记文号和日期",
        "record paper number and date of the consent",
    ))
}

/// `F0208`: no measure.
pub(crate) fn measure() -> Diagnostic {
    Diagnostic::error("F0208", Message::new("没有整改措施", "no measure is tied to the record"))
        .help(Message::new("请至少添加一条整改措施", "add at least one measure"))
}

/// `F0209`: no progress since the latest return.
pub(crate) fn progress(return_count: i64) -> Diagnostic {
    let message = if return_count > 0 {
        Message::new("退回以后没有新的进展记录", "no progress entry since the latest return")
    } else {
        Message::new("没有进展记录", "no progress entry")
    };
    Diagnostic::error("F0209", message).help(Message::new("请先记一条进展", "log progress first"))
}
