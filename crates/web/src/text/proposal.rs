//! `/proposals` and `/proposals/{id}`.

texts! {
    TITLE = "变更建议", "Proposals";
    FACTS = "村里提出，乡镇审核，通过后生效并重新核查。",
        "The village proposes; the township decides; then it takes effect and is judged.";
    TABS = "状态", "Status";
    TAB_PENDING = "待审核", "Waiting";
    HEAD_WHAT = "建议", "Proposal";
    HEAD_HOUSEHOLD = "农户", "Household";
    HEAD_FIELDS = "字段", "Fields";
    HEAD_REASON = "依据", "Rests on";
    HEAD_ON = "提出", "Proposed";
    HEAD_STATUS = "状态", "Status";
    NONE_HELP = "在农户页面提出变更后，这里等待审核。",
        "A change proposed on a household's page waits here.";
    EDIT_OF = "修改{0}", "Change: {0}";
    NEW_OF = "新增{0}", "New: {0}";
    BY = "{0} 提出于 {1}", "Proposed by {0} on {1}";
    REASON = "变更依据", "What it rests on";
    FIELDS = "逐项比较", "Field by field";
    HEAD_FIELD = "字段", "Field";
    HEAD_BASE = "提出时", "When proposed";
    HEAD_CURRENT = "现在", "Now";
    HEAD_PROPOSED = "建议改为", "Proposed";
    CONFLICT = "提出后已被改动", "Changed since";
    CONFLICT_NOTE = "标出的字段在提出后又被改过：请退回，由村里按现在的数据重新提出。",
        "Marked fields were changed since: send it back, to be proposed anew on present data.";
    DECIDE = "审核", "Decide";
    ACCEPT = "通过，变更生效", "Accept";
    REFUSE = "退回", "Send back";
    NOTE = "审核意见（退回必填）", "Opinion (needed when sending back)";
    DECISION = "审核结果", "Decision";
    SEND = "提交审核", "Send";
    DECIDED = "{0}，{1} 审核于 {2}", "{0}, by {1} on {2}";
    WAITS = "等乡镇审核。", "The township decides.";
}
