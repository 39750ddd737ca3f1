//! Acts in histories and in the audit trail.

use super::Text;

texts! {
    CREATE = "新建", "created";
    ASSIGN = "分派", "assigned";
    UNDO = "撤销", "took back";
    PROGRESS = "记进展", "logged progress";
    EVIDENCE = "上传佐证", "added evidence";
    DETACH = "撤下佐证", "took evidence away";
    MEASURE = "增加措施", "added a measure";
    PEERS = "举一反三", "extended to peers";
    CONSENT = "登记上级同意", "recorded the upper consent";
    EXTENSION_ASK = "申请延期", "asked for more time";
    EXTENSION_GRANT = "同意延期", "granted more time";
    EXTENSION_REFUSE = "不同意延期", "refused more time";
    GOAL = "阶段目标", "stage goal";
    CONFIRM = "来文确认建账", "confirmed the letter";
    UPLOAD = "上传来文", "uploaded a letter";
    IMPORT = "导入", "imported";
    ESCALATE = "督办", "supervision";
    REMIND = "催办", "reminded";
    EDIT = "修改", "corrected";
    SIGN_IN = "登录", "signed in";
}

/// The words of a verb, if it is a known one; steps of the flow bring their own.
pub(crate) fn words(verb: &str) -> Option<Text> {
    Some(match verb {
        "finding.create" | "finding.insert" => CREATE,
        "finding.assign" => ASSIGN,
        "finding.edit" => EDIT,
        "finding.undo" => UNDO,
        "progress.log" => PROGRESS,
        "evidence.add" => EVIDENCE,
        "evidence.detach" => DETACH,
        "measure.add" | "measure.edit" | "measure.tie" => MEASURE,
        "finding.extend_to_peers" => PEERS,
        "finding.upper_consent" => CONSENT,
        "extension.request" => EXTENSION_ASK,
        "extension.grant" => EXTENSION_GRANT,
        "extension.refuse" => EXTENSION_REFUSE,
        "stage_goal.add" | "stage_goal.reach" => GOAL,
        "letter.confirm" => CONFIRM,
        "letter.upload" => UPLOAD,
        "import.confirm" => IMPORT,
        "escalation.carry_out" | "escalation.create" => ESCALATE,
        "finding.remind" => REMIND,
        "user.sign_in" => SIGN_IN,
        _ => return None,
    })
}
