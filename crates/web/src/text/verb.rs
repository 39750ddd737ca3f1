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
    MEASURE_EDIT = "修改措施", "changed a measure";
    MEASURE_TIE = "选用已有措施", "used a measure that was there";
    MEASURE_UNTIE = "不再使用措施", "used a measure no longer";
    UNIT_EDIT = "修改单位", "changed a unit";
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
    HOUSEHOLD_SPLIT = "分户", "split the household";
    HOUSEHOLD_MERGE = "并户", "merged the household";
    HOUSEHOLD_MOVE = "迁移", "moved the household";
    HOUSEHOLD_END = "注销", "ended the household";
    HOUSEHOLD_JOIN = "人口增加", "added a person";
    HOUSEHOLD_LEAVE = "人口减少", "recorded who left";
    HOUSEHOLD_UNDO = "撤销户变动", "took a household change back";
    SIGN_IN = "登录", "signed in";
    SIGN_IN_FAILED = "密码输错", "gave a wrong password";
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
        "measure.add" => MEASURE,
        "measure.edit" => MEASURE_EDIT,
        "measure.tie" => MEASURE_TIE,
        "measure.untie" => MEASURE_UNTIE,
        "unit.update" => UNIT_EDIT,
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
        "household_change.split" => HOUSEHOLD_SPLIT,
        "household_change.merge" => HOUSEHOLD_MERGE,
        "household_change.move" => HOUSEHOLD_MOVE,
        "household_change.end" => HOUSEHOLD_END,
        "household_change.join" => HOUSEHOLD_JOIN,
        "household_change.leave" => HOUSEHOLD_LEAVE,
        "household_change.undo" => HOUSEHOLD_UNDO,
        "user.sign_in" => SIGN_IN,
        "user.sign_in_failed" => SIGN_IN_FAILED,
        _ => return None,
    })
}
