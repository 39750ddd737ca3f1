//! Rectification ledger.

texts! {
    TITLE = "整改台账", "Rectification ledger";
    FACTS = "问题、任务、责任、时限四张清单合一 · 共 {0} 条",
        "Problems, tasks, responsibility and time limits in one · {0} rows";
    TABS = "灯号", "Lights";
    TABLE = "整改台账，前三列冻结", "Ledger; the first three columns stay in view";
    HEAD_NUMBER = "编号", "Number";
    HEAD_PROBLEM = "问题", "Problem";
    HEAD_LEAD = "牵头单位", "Lead unit";
    HEAD_UNITS = "责任单位", "Responsible units";
    HEAD_PERSON = "责任人", "Person";
    HEAD_DEADLINE = "时限", "Deadline";
    HEAD_PROGRESS = "进展", "Progress";
    HEAD_EVIDENCE = "佐证", "Evidence";
    EVIDENCE_COUNT = "{0} 份", "{0}";
    DUE_HERE = "本环节 {0}", "this state {0}";
    FILTER_SOURCE = "来源", "Source";
    FILTER_STATE = "环节", "State";
    FILTER_LEAD = "牵头单位", "Lead unit";
    FILTER_REGION = "属地", "Place";
    FILTER_TOPIC = "主题", "Topic";
    FILTER_HINT = "编号、标题或问题里的字词", "Number, words of title or problem";
    ACT_REMIND = "批量催办", "Remind";
    ACT_ASSIGN = "批量分派", "Assign";
    ACT_EXPORT = "导出所选", "Export these";
    NEW_FINDING = "新增问题", "New finding";
    ACT_START = "批量开始整改", "Start work";
    EXPORT_ALL = "导出 Excel", "Export to Excel";
    IMPORT = "导入 Excel", "Import from Excel";
    MAKE_REPORT = "生成整改报告", "Make a report";
    THRESHOLD = "灯号：超过时限为红灯，{0} 天内到期为黄灯，其余为绿灯。",
        "Lights: red after the deadline, amber within {0} days, green otherwise.";
    BATCH_TITLE = "分派 {0} 条问题", "Assign {0} findings";
    BATCH_HELP = "只改下面填了的项，没填的保持原样。", "Only what you fill in is changed.";
    BATCH_DO = "分派 {0} 条", "Assign {0}";
    BATCH_NONE = "没有选中任何问题", "Nothing is selected";
    START_HELP = "登记来文或导入已有台账，这里就会有内容。",
        "Register a letter or import a workbook, and rows appear here.";
}
