//! What was done a moment ago.

use super::Text;

texts! {
    SAVED = "已保存", "Saved";
    SAVED_PARTLY = "已保存；与它有关的其他记录较多，由下一次核查判断",
        "Saved; the next run judges the other records that depend on it";
    STEP = "已办理", "Done";
    ASSIGNED = "已分派 {0} 条", "{0} assigned";
    REMINDED = "已催办 {0} 条", "{0} reminded";
    STARTED = "{0} 条开始整改", "{0} started";
    PARTLY = "办理了 {0} 条，其余未办：环节不符或没有权限", "{0} done; the others were refused";
    ADDED = "已新增", "Added";
    UPLOADED = "已上传 {0} 个文件", "{0} files are in";
    CONFIRMED = "已建账 {0} 条", "{0} findings are in the ledger";
    IMPORTED = "已导入 {0} 行", "{0} rows are in";
    TAKEN_BACK = "已撤回 {0} 条记录", "{0} records were taken back";
    CLOSED = "已销号 {0} 条", "{0} closed";
    UNDONE = "已撤销", "Taken back";
    SENT = "已发到 {0} 处", "Sent to {0} places";
    READ = "已标为已读", "Marked as read";
    THANKS = "已提交，谢谢", "Sent, thank you";
    DISCARDED = "来文已作废", "The letter is discarded";
    MERGED = "已合并 {0} 行", "{0} rows merged";
    VIEW_SAVED = "视图已存", "The view is kept";
    VIEW_FORGOTTEN = "视图已删除", "The view is removed";
    ANSWERED = "已答复", "Answered";
    CLOCK_CONFIRMED = "已确认，提醒和督办恢复", "Confirmed; reminders go on";
    WRITTEN = "已登记", "Written into the ledger";
    REPEATED = "这份表单刚才已经办过，没有重复办理，请核对",
        "This form was carried out before and not again; please check";
    PROPOSED = "已提交，等乡镇审核", "Handed in; the township decides";
    ACCEPTED = "已通过，变更生效", "Accepted; the change is in force";
    REFUSED = "已退回", "Sent back";
    RAN = "核查完成", "The run is done";
    SPLIT = "已拆成 {0} 行", "Split into {0} rows";
    ENDED = "{0} 条已标为终止", "{0} marked as ended";
}

/// The text of a note by its name in the cookie.
pub(crate) fn note(name: &str) -> Option<Text> {
    Some(match name {
        "repeated" => REPEATED,
        "saved" => SAVED,
        "saved_partly" => SAVED_PARTLY,
        "step" => STEP,
        "assigned" => ASSIGNED,
        "reminded" => REMINDED,
        "started" => STARTED,
        "partly" => PARTLY,
        "added" => ADDED,
        "uploaded" => UPLOADED,
        "confirmed" => CONFIRMED,
        "imported" => IMPORTED,
        "taken_back" => TAKEN_BACK,
        "closed" => CLOSED,
        "undone" => UNDONE,
        "sent" => SENT,
        "read" => READ,
        "thanks" => THANKS,
        "discarded" => DISCARDED,
        "merged" => MERGED,
        "written" => WRITTEN,
        "view_saved" => VIEW_SAVED,
        "view_forgotten" => VIEW_FORGOTTEN,
        "answered" => ANSWERED,
        "clock_confirmed" => CLOCK_CONFIRMED,
        "proposed" => PROPOSED,
        "accepted" => ACCEPTED,
        "refused" => REFUSED,
        "ran" => RAN,
        "split" => SPLIT,
        "ended" => ENDED,
        _ => return None,
    })
}
