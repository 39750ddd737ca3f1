//! Work queue.

texts! {
    TITLE = "我的待办", "My work";
    GREETING = "{0}，今天要办 {1} 件，其中 {2} 件已超期", "{0}: {1} due today, {2} of them late";
    TABS = "待办分类", "Kinds of work";
    TAB_TODAY = "今天要办", "Due today";
    TAB_OVERDUE = "超期", "Late";
    TAB_WEEK = "七天内", "Within 7 days";
    TAB_APPROVE = "待我审核", "To approve";
    TAB_STARTED = "我发起的", "Started by me";
    LIST = "待办任务，按期限从近到远", "Tasks, nearest deadline first";
    HEAD_LIGHT = "灯号", "Light";
    HEAD_KIND = "类型", "Kind";
    HEAD_MATTER = "事项", "Matter";
    HEAD_REGION = "属地", "Place";
    HEAD_DUE = "期限", "Due";
    HEAD_STATE = "环节", "State";
    HEAD_ACT = "办理", "Act";
    KIND_FINDING = "整改", "Finding";
    KIND_EXTENSION = "延期", "Extension";
    KIND_ESCALATION = "督办", "Supervision";
    KIND_LOOK_BACK = "回头看", "Look-back";
    ACT_WORK = "办理", "Work";
    ACT_CHECK = "审核", "Check";
    ACT_DECIDE = "批复", "Decide";
    ACT_CARRY_OUT = "督办", "Carry out";
    ACT_VISIT = "回访", "Visit";
    NEW_LETTER = "登记来文", "New letter";
    TO_LEDGER = "查看台账", "Open the ledger";
    AGENDA = "七天日程", "Next seven days";
    AGENDA_EMPTY = "七天内没有到期事项", "Nothing falls due";
    LETTERS_OPEN = "待确认来文", "Letters to confirm";
    RESUME = "接着上次", "Where you left off";
    REGISTER = "农户核查", "Household checks";
    DOUBTS_ASKED = "待核实的疑点", "Doubts to answer";
    ANSWERS = "待审核的答复", "Answers to check";
    PROPOSALS = "待审核的变更", "Proposals to decide";
    COUNT_LATE = "{0}，超期 {1}", "{0}, {1} late";
    REMINDERS = "提醒", "Reminders";
    REMINDERS_EMPTY = "没有新的提醒", "No new reminders";
    START_HELP = "先登记一份反馈来文，系统会拆成台账。", "Begin with a letter; it becomes a ledger.";
}
