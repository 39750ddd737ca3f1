//! `/issues/{id}/criterion`.

texts! {
    TITLE = "按规则销号：{0}", "Closing by rule: {0}";
    LINK = "按规则销号", "Closing by rule";
    FACTS = "问题由规则判断：还有一条记录违反，就不能验收；销号后又违反，自动重新打开。",
        "Rules judge: no acceptance while a record violates; if one does again, it is reopened.";
    NONE = "还没有设定销号规则，按一般程序验收销号。",
        "No rules are set; it is accepted and closed in the ordinary way.";
    OPEN = "还违反的记录", "Records that violate";
    MENDED = "设定当天起已改好", "Mended since that day";
    RULES = "销号规则", "Rules";
    REGION = "范围", "Region";
    SINCE = "设定于 {0}", "Set on {0}";
    UNTIL = "观察到 {0}", "Watched until {0}";
    LAST_DAY = "观察到", "Watched until";
    LAST_DAY_HINT = "销号后到这天为止，又违反就自动重新打开；不填则一直有效",
        "To this day a new violation opens the closed finding again; without it, always";
    MAY_ACCEPT = "没有违反的记录了，可以验收。", "Nothing violates any more; it may be accepted.";
    MAY_NOT = "还有 {0} 条记录违反，改好后才能验收。",
        "{0} records still violate; they have to be mended before acceptance.";
    CURVE = "每天结束时还违反的记录", "Violating records at the end of each day";
    CURVE_WORDS = "{0} 有 {1} 条，{2} 有 {3} 条，最多 {4} 条。",
        "{0}: {1}; {2}: {3}; at most {4}.";
    CURVE_DAY = "{0} 有 {1} 条。", "{0}: {1}.";
    ROWS = "违反的记录", "Violating records";
    ROWS_FIRST = "前 {0} 条", "the first {0}";
    ENDED_OPEN = "问题已经办结，现在有 {0} 条记录违反。",
        "The finding has ended; {0} records violate now.";
    NONE_LEFT = "现在没有违反的记录。", "Nothing violates now.";
    SHOW = "查看这些记录和曲线", "the records and the curve";
    SET = "设定销号规则", "Set the rules";
    SET_HINT = "先列出已发现疑点的规则", "Rules with doubts first";
    ALL_RULES = "从全部规则中选", "Choose among all rules";
    REGION_HINT = "不选就是问题所在地", "The finding's own region if none is chosen";
    REMOVE = "取消销号规则", "Take the rules away";
    CHOOSE = "请至少选一条规则", "choose one rule at least";
}
