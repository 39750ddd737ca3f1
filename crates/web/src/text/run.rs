//! `/runs` and `/cleared`.

texts! {
    JOB = "规则核查", "Running the rules";
    JOB_RESULT = "看核查运行：新增疑点 {0}，保持 {1}，清零 {2}",
        "Open the runs: {0} doubts opened, {1} kept, {2} closed";
    TITLE = "核查运行", "Check runs";
    RUN_OF = "{0} 全面核查", "Check of {0}";
    FACTS = "每次全面核查用全部规则查全部记录，结果留存。",
        "A run judges every record by every rule; what it found is kept.";
    START = "开始核查", "Start a run";
    REGION = "核查范围", "Region";
    REGION_HINT = "县或乡镇", "County or township";
    NONE_HELP = "选好范围后开始第一次核查。", "Choose a region and start the first run.";
    NOT_STARTED = "还没有核查过。", "There was no run yet.";
    HEAD_TITLE = "核查", "Run";
    HEAD_REGION = "范围", "Region";
    HEAD_STATUS = "状态", "Status";
    HEAD_RULES = "规则", "Rules";
    HEAD_ROWS = "判断次数", "Judgements";
    HEAD_VIOLATES = "违反", "Violations";
    HEAD_UNDECIDED = "无法判断", "Undecided";
    HEAD_OPENED = "新增", "Opened";
    HEAD_KEPT = "保持", "Kept";
    HEAD_CLOSED = "清零", "Closed";
    SNAPSHOT = "快照", "snapshot";
    HEAD_ERROR = "其中出错", "Of them errors";
    NOTHING_FOUND = "没有违反，也没有无法判断的记录。", "Nothing violates, and all could be told.";
    HIT_RULES = "有违反的规则：{0}", "Rules with violations: {0}";
    OF_VIOLATIONS = "违反 {0}", "{0} violations";
    UNTOLD_RULES = "只有无法判断的规则", "Rules with undecided records only";
    OF_RULES = "{0} 条规则", "{0} rules";
    OF_RULES_ERRORS = "{0}，其中出错 {1}", "{0}; {1} are errors";
    OPENED = "新增疑点", "Doubts opened";
    KEPT_AND_CLOSED = "保持 {0}，清零 {1}", "{0} kept, {1} closed";
    SILENT_RULES = "没有发现的规则", "Rules that found nothing";
    NO_COUNTS = "这次核查没有完成，没有留下分规则的结果。",
        "This run did not end; it kept no counts by rule.";
    CLEARED = "每周清零", "Mended in a week";
    CLEARED_FACTS = "{0} 至 {1}：改好 {2} 条。只按规则和村统计，不排人员名次。",
        "{0} to {1}: {2} mended. By rule and village, never by person.";
    FROM = "从", "From";
    UNTIL = "到", "Until";
    SHOW = "查看", "Show";
    THIS_WEEK = "本周", "This week";
    LAST_WEEK = "上周", "Last week";
    BY_RULE = "按规则", "By rule";
    BY_VILLAGE = "按村", "By village";
    HEAD_RULE = "规则", "Rule";
    HEAD_COUNT = "改好", "Mended";
    CLEARED_NONE = "这段时间没有改好的疑点。", "Nothing was mended in this time.";
}
