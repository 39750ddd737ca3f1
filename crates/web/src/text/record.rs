//! `/records/{id}/edit`, `/records/{id}/history`, `/households/{id}/add`, `/households/new`.

texts! {
    EDIT_TITLE = "修改{0}", "Change: {0}";
    ADD_TITLE = "新增{0}", "Add: {0}";
    HISTORY_TITLE = "{0}的变更记录", "History: {0}";
    FACTS_DIRECT = "保存后立即生效，并按全部规则核查本户。",
        "It takes effect at once and the household is judged by all rules.";
    FACTS_APART = "保存后立即生效，并按全部规则核查。",
        "It takes effect at once and is judged by all rules.";
    FACTS_PROPOSE = "提交后由乡镇审核，通过后生效。",
        "The township decides on it; then it takes effect.";
    REASON = "变更依据", "What the change rests on";
    REASON_HINT = "例如：11月20日入户核实，户口簿原件", "Say what shows it: a visit, a paper";
    SENSITIVE = "已有内容 {0}，不改就留空", "Now {0}; leave empty to keep it";
    SENSITIVE_NONE = "敏感信息，加密保存，页面遮盖", "Sensitive; kept sealed and shown masked";
    SENSITIVE_CLEAR = "清空“{0}”", "Empty \"{0}\"";
    DATES = "日期写成 2026-11-20、20261120 或 2026年11月20日都可以。",
        "Dates: 2026-11-20, 20261120 and 2026年11月20日 are all read.";
    LIST_HINT = "每行一项", "One a line";
    MONEY_HINT = "单位：元", "In yuan";
    MONTH_HINT = "例如 2026-11", "For example 2026-11";
    VILLAGE = "所在村", "Village";
    SAVE_PROPOSE = "提交审核", "Hand in for decision";
    SAVE_OVER = "按我的内容保存", "Save mine";
    CONFLICT_KEEP = "您填的内容还在下面。看清两边的值，改好后再保存。",
        "Your text stands below. Compare both versions, then save again.";
    MORE = "其他字段（{0} 项）", "Further fields ({0})";
    DELETED = "删除", "Removed";
    CREATED = "登记", "Written";
    CHANGED = "修改", "Changed";
    BY_SYSTEM = "系统", "The system";
    FROM_SOURCE = "来源 {0}", "from {0}";
    HISTORY_FACTS = "每个字段的来源和改动，最新的在前。",
        "Where each field came from and how it changed, newest first.";
    FIELDS_TITLE = "{0}的各字段来源", "{0}: where each field comes from";
    HEAD_FIELD = "字段", "Field";
    HEAD_VALUE = "内容", "Value";
    HEAD_SOURCE = "来源", "Comes from";
    HEAD_SINCE = "写入时间", "Written at";
    HEAD_HISTORY = "历史", "History";
    TIMES = "写过 {0} 次", "written {0} times";
    WRITTEN_BY = "填写", "written";
    EDIT = "修改", "Change";
    HISTORY_NONE = "没有变更记录", "No history";
}
