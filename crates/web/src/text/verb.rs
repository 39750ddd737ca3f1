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
    CRITERION = "设定销号规则", "set the closing rules";
    DEADLINE = "调整时限", "changed the deadline";
    FINDING_EXPORT = "导出台账", "exported the ledger";
    LOOK_BACK = "安排回头看", "opened a look-back";
    EXTENSION_EXPIRE = "延期到期", "an extension ran out";
    IMPORT_CHECK = "检查导入文件", "checked a file to import";
    IMPORT_MATCH = "对应导入列", "matched the columns of a file";
    IMPORT_FIX = "采用近似值", "accepted near misses";
    IMPORT_TAKE = "导入", "imported";
    IMPORT_BACK = "撤回导入", "took an import back";
    DOUBT_JUDGE = "规则核查", "judged by rules";
    DOUBT_ANSWER = "答复疑点", "answered a doubt";
    DOUBT_CHECK = "审核答复", "checked an answer";
    PROPOSAL_MAKE = "提出变更", "proposed a change";
    PROPOSAL_DECIDE = "审核变更", "decided on a change";
    RUN_START = "开始核查", "began a run";
    RUN_END = "核查完成", "a run ended";
    RUN_SWEEP = "清理核查快照", "swept a snapshot";
    ROW_ADD = "增加问题行", "added a row";
    ROW_EDIT = "修改问题行", "changed a row";
    ROW_MERGE = "合并问题行", "merged rows";
    ROW_SPLIT = "拆分问题行", "split a row";
    ROW_INCLUDE = "纳入问题行", "took a row in";
    ROW_EXCLUDE = "排除问题行", "left a row out";
    LETTER_DISCARD = "作废来文", "discarded a letter";
    REPORT_MAKE = "编写报告", "wrote a report";
    REPORT_EXPORT = "导出报告", "exported a report";
    UNIT_CREATE = "新建单位", "added a unit";
    REGION_IMPORT = "导入区划", "imported regions";
    USER_CREATE = "新建账号", "made an account";
    USER_ENABLE = "启用账号", "enabled an account";
    USER_DISABLE = "停用账号", "disabled an account";
    USER_RESET = "重置密码", "reset a password";
    USER_PASSWORD = "设置密码", "set a password";
    USER_CHANGE = "修改密码", "changed the own password";
    USER_PHONE = "登记手机号", "recorded a phone";
    USER_TASTE = "个人设置", "changed settings";
    USER_DEVICE = "登记设备", "a known device";
    USER_ADMIN = "重置管理员", "reset an administrator";
    GRANT_GIVE = "授权", "granted a role";
    GRANT_TAKE = "收回授权", "took a role back";
    SESSION_END = "退出登录", "signed out";
    SESSION_TOUCH = "保持登录", "kept signed in";
    FEEDBACK_SEND = "提交意见", "sent feedback";
    FEEDBACK_ANSWER = "答复意见", "answered feedback";
    MESSAGE_READ = "读消息", "read messages";
    MESSAGE_DUE = "到期提醒", "told what is due";
    MESSAGE_PROGRESS = "进展提醒", "asked for progress";
    RAISE = "超期督办", "raised for lateness";
    JOB_ASK = "发起任务", "asked for a job";
    JOB_TAKE = "任务开始", "a job began";
    JOB_PROGRESS = "任务进行", "a job went on";
    JOB_END = "任务结束", "a job ended";
    CALENDAR = "修改工作日历", "changed the calendar";
    CLOCK = "确认时钟", "confirmed the clock";
    CLOCK_JUMP = "时钟跳变", "the clock jumped";
    BACKUP = "备份", "made a backup";
    NIGHTLY = "夜间任务", "nightly work";
    TICK = "定时任务", "scheduled work";
    DEMO = "生成演示数据", "made the demonstration";
    DEMO_REGISTER = "生成演示农户", "made demonstration households";
    RECORD_ADD = "登记记录", "wrote a record";
    EXPORT_ANY = "导出", "exported";
    REVEAL = "查看敏感信息", "looked at a sealed value";
    SIGN_IN = "登录", "signed in";
    SIGN_IN_FAILED = "密码输错", "gave a wrong password";
}

/// The words of a verb, if it is a known one; steps of the flow bring their own.
pub(crate) fn words(verb: &str) -> Option<Text> {
    of_work(verb).or_else(|| of_system(verb))
}

/// The words of an act on a record of any ledger: `person.change`.
pub(crate) fn on_record(verb: &str) -> Option<Text> {
    let (_, act) = verb.split_once('.')?;
    Some(match act {
        "add" => RECORD_ADD,
        "change" => EDIT,
        "export" => EXPORT_ANY,
        "reveal" => REVEAL,
        _ => return None,
    })
}

/// Acts on findings, households, doubts.
fn of_work(verb: &str) -> Option<Text> {
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
        "finding.extend_to_peers" => PEERS,
        "finding.upper_consent" => CONSENT,
        "extension.request" => EXTENSION_ASK,
        "extension.grant" => EXTENSION_GRANT,
        "extension.refuse" => EXTENSION_REFUSE,
        "stage_goal.add" | "stage_goal.reach" => GOAL,
        "escalation.carry_out" | "escalation.create" => ESCALATE,
        "finding.remind" => REMIND,
        "household_change.split" => HOUSEHOLD_SPLIT,
        "household_change.merge" => HOUSEHOLD_MERGE,
        "household_change.move" => HOUSEHOLD_MOVE,
        "household_change.end" => HOUSEHOLD_END,
        "household_change.join" => HOUSEHOLD_JOIN,
        "household_change.leave" => HOUSEHOLD_LEAVE,
        "household_change.undo" => HOUSEHOLD_UNDO,
        "finding.criterion" => CRITERION,
        "finding.change_deadline" => DEADLINE,
        "finding.export" => FINDING_EXPORT,
        "look_back.open" => LOOK_BACK,
        "extension.expire" => EXTENSION_EXPIRE,
        "doubt.judge" => DOUBT_JUDGE,
        "doubt.answer" => DOUBT_ANSWER,
        "doubt.check" => DOUBT_CHECK,
        "proposal.make" => PROPOSAL_MAKE,
        "proposal.decide" => PROPOSAL_DECIDE,
        "escalation.raise" => RAISE,
        _ => return None,
    })
}

/// Letters, files, accounts, and what goes on by itself.
fn of_system(verb: &str) -> Option<Text> {
    Some(match verb {
        "unit.update" => UNIT_EDIT,
        "letter.confirm" => CONFIRM,
        "letter.upload" => UPLOAD,
        "import.confirm" => IMPORT,
        "import_batch.check" => IMPORT_CHECK,
        "import_batch.match" => IMPORT_MATCH,
        "import_batch.fix" => IMPORT_FIX,
        "import_batch.confirm" => IMPORT_TAKE,
        "import_batch.take_back" => IMPORT_BACK,
        "check_run.start" => RUN_START,
        "check_run.end" => RUN_END,
        "check_run.sweep" => RUN_SWEEP,
        "letter_row.add" => ROW_ADD,
        "letter_row.edit" => ROW_EDIT,
        "letter_row.merge" => ROW_MERGE,
        "letter_row.split" => ROW_SPLIT,
        "letter_row.include" => ROW_INCLUDE,
        "letter_row.exclude" => ROW_EXCLUDE,
        "letter.discard" => LETTER_DISCARD,
        "report.make" => REPORT_MAKE,
        "report.export" => REPORT_EXPORT,
        "unit.create" => UNIT_CREATE,
        "region.import" => REGION_IMPORT,
        "user.create" => USER_CREATE,
        "user.enable" => USER_ENABLE,
        "user.disable" => USER_DISABLE,
        "user.reset_password" => USER_RESET,
        "user.set_password" => USER_PASSWORD,
        "user.change_password" => USER_CHANGE,
        "user.set_phone" => USER_PHONE,
        "user.set_preferences" => USER_TASTE,
        "user.know_device" => USER_DEVICE,
        "user.reset_administrator" => USER_ADMIN,
        "grant.give" => GRANT_GIVE,
        "grant.take" => GRANT_TAKE,
        "session.end" => SESSION_END,
        "session.touch" => SESSION_TOUCH,
        "feedback.send" => FEEDBACK_SEND,
        "feedback.answer" => FEEDBACK_ANSWER,
        "message.read" => MESSAGE_READ,
        "message.due_today" => MESSAGE_DUE,
        "message.progress_due" => MESSAGE_PROGRESS,
        "job.ask" => JOB_ASK,
        "job.take" => JOB_TAKE,
        "job.progress" => JOB_PROGRESS,
        "job.end" => JOB_END,
        "calendar.set" => CALENDAR,
        "clock.confirm" => CLOCK,
        "clock.jump" => CLOCK_JUMP,
        "backup.make" => BACKUP,
        "nightly.begin" => NIGHTLY,
        "scheduler.tick" => TICK,
        "demo.build" => DEMO,
        "demo.register" => DEMO_REGISTER,
        "user.sign_in" => SIGN_IN,
        "user.sign_in_failed" => SIGN_IN_FAILED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{on_record, words};
    use std::fs;
    use std::path::Path;

    /// Every act that the use cases write by name has words: no page shows its identifier.
    #[test]
    fn every_act_of_the_use_cases_has_words() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../service/src");
        let mut folders = vec![sources];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let product = text.split("#[cfg(test)]").next().unwrap();
                for act in product.split(".act(caller, \"").skip(1) {
                    let verb = act.split('"').next().unwrap();
                    assert!(words(verb).is_some(), "{verb} of {} has no words", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 30, "only {seen} acts were found");
        assert!(on_record("person.change").is_some() && on_record("person").is_none());
    }
}
