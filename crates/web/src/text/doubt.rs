//! `/doubts` and `/doubts/{id}`.

texts! {
    TITLE = "疑点", "Doubts";
    FACTS = "规则发现，村里核实答复，乡镇审核；数据改好后自动清零。",
        "Found by rules, answered by the village, checked by the township; mended data close them.";
    TABS = "状态", "Status";
    TAB_ASKED = "待核实", "To answer";
    TAB_STANDING = "未清零", "Standing";
    TAB_ANSWERED = "已答复待审核", "To check";
    TAB_EXPLAINED = "已说明", "Explained";
    TAB_CLOSED = "已清零", "Closed";
    FILTER_RULE = "规则", "Rule";
    FILTER_SEVERITY = "严重程度", "Severity";
    FILTER_REGION = "所在地", "Place";
    TABLE = "疑点清单", "Doubts";
    HEAD_MESSAGE = "疑点", "What was found";
    HEAD_RULE = "规则", "Rule";
    HEAD_SEVERITY = "程度", "Severity";
    HEAD_ABOUT = "所查对象", "About";
    HEAD_PLACE = "村", "Village";
    HEAD_DUE = "期限", "Due";
    HEAD_STATUS = "状态", "Status";
    START_HELP = "还没有核查过，或核查没有发现问题。", "No run yet, or nothing was found.";
    RULE = "规则", "Rule";
    SEEN = "规则看到的", "What the rule saw";
    RECORD = "所查记录", "Record";
    OPEN_HOUSEHOLD = "打开农户", "Open the household";
    OPEN_RECORD = "打开所查记录", "Open the record";
    EDIT_RECORD = "去更正数据", "Mend the data";
    FOUND_ON = "发现日期", "Found on";
    DUE = "答复期限", "Answer due";
    ANSWER = "答复", "Answer";
    ANSWER_HELP = "数据已经改好的选“已更正”，系统马上重新核查；属实有原因的写明情况和依据。",
        "Choose \"mended\" once the data are right: it is judged at once. Else say what shows it.";
    ANSWER_CHOICE = "核实结果", "What the matter is";
    ANSWER_NOTE = "情况说明和依据", "What shows it";
    ANSWER_SEND = "提交答复", "Send the answer";
    ANSWERED_LINE = "{0}，{1} 答复于 {2}", "{0}, answered by {1} on {2}";
    ASKED_AGAIN = "依据的数据在答复之后变了，请重新核实。",
        "The data it rests on changed after the answer: look again.";
    ANSWER_BEFORE = "上次的答复", "The earlier answer";
    ANSWERED_BEFORE = "{0} 答复于 {1}", "answered by {0} on {1}";
    HISTORY = "疑点的办理记录", "What was done about the doubt";
    CHECK = "审核答复", "Check the answer";
    CHECK_RESULT = "审核结果", "Result";
    CHECK_ACCEPT = "同意说明", "The explanation holds";
    CHECK_REFUSE = "退回重新核实", "Ask again";
    CHECK_NOTE = "审核意见（退回必填）", "Opinion (needed when asking again)";
    CHECK_SEND = "提交审核", "Send";
    CHECKED_LINE = "{0} 审核于 {1}", "checked by {0} on {1}";
    CLOSED_LINE = "{0} 清零：{1}", "closed on {0}: {1}";
    QUIET = "说明已同意；相关数据不变就不再提示。",
        "The explanation was accepted; it stays quiet until its data change.";
    WAITS = "答复等乡镇审核。", "The answer waits for the township.";
}
