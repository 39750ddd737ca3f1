//! Letters: upload and reading view.

texts! {
    NEW_TITLE = "登记来文", "Register a letter";
    NEW_FACTS = "上传反馈文件，系统拆成台账行，您核对后确认", "Upload a letter; check the rows it becomes; confirm";
    FILE = "文件", "File";
    FILE_HINT = "txt、docx、html、pdf（有文字层）、ofd；安装了 LibreOffice 时也可以 doc、wps。最多 50 MB",
        "txt, docx, html, pdf with text, ofd; doc and wps where LibreOffice is installed. Up to \
         50 MB";
    REGION = "发到哪里", "Addressed to";
    RECEIVED_ON = "收到日期", "Received on";
    RECEIVED_HINT = "不填就是今天", "Empty means today";
    SOURCE_KIND = "检查种类", "Kind of inspection";
    SOURCE_LEVEL = "来文层级", "Level";
    UPLOAD = "上传并读取", "Upload and read";
    LIST = "最近的来文", "Recent letters";
    LIST_EMPTY = "还没有来文", "No letters yet";
    STATUS_DRAFT = "待确认", "to confirm";
    STATUS_CONFIRMED = "已建账", "in the ledger";
    STATUS_DISCARDED = "已作废", "discarded";
    READ_TITLE = "核对来文", "Check the letter";
    READ_FACTS = "{0} 行，纳入 {1} 行", "{0} rows, {1} taken in";
    TEXT = "原文", "Text";
    ROWS = "台账行", "Rows";
    ORIGINAL = "下载原件", "Original file";
    FAULTS = "读取时发现 {0} 处问题，请对照原文", "{0} things in the letter do not agree";
    FAULT_LINE = "第 {0} 行", "line {0}";
    FAULTS_MORE = "还有 {0} 处", "{0} more";
    PARTS = "长文分段", "Parts of a long text";
    PART = "第 {0} 段，共 {1} 段（从第 {2} 行起）", "Part {0} of {1} (from line {2})";
    PART_BEFORE = "上一段", "Part before";
    PART_NEXT = "下一段", "Next part";
    PART_GO = "到第几段", "Go to part";
    ROW = "第 {0} 行", "Row {0}";
    SEE_SENTENCE = "看原句", "Sentence";
    EDIT = "修改", "Correct";
    SPLIT = "拆分", "Split";
    SPLIT_HELP = "按问题逐行拆成几行", "one row for each problem";
    EXCLUDE = "不纳入", "Leave out";
    INCLUDE = "重新纳入", "Take in";
    EXCLUDED = "不纳入", "left out";
    MERGE = "合并所选", "Merge these";
    ADD = "增加一行", "Add a row";
    DISCARD = "作废来文", "Discard the letter";
    DISCARD_WHY = "作废原因", "Why";
    NUMBER = "序号", "Number";
    CATEGORY = "大类", "Category";
    SUBCATEGORY = "小类", "Subcategory";
    ROW_TITLE = "问题摘要", "Title";
    PROBLEM = "问题（每行一个）", "Problems, one a line";
    MEASURES = "措施（每行一条）", "Measures, one a line";
    LEAD_UNITS = "牵头单位（每行一个）", "Lead units, one a line";
    UNITS = "责任单位（每行一个）", "Responsible units, one a line";
    LEADERS = "责任领导（每行一个）", "Leaders, one a line";
    PERSONS = "责任人（每行一个）", "Persons, one a line";
    DEADLINE_RAW = "时限（原文）", "Deadline as written";
    DEADLINE_KIND = "时限种类", "Kind of deadline";
    DEADLINE_ON = "时限日期", "Deadline";
    DEADLINE_WITHOUT_DATE = "原文“{0}”，没有日期", "\"{0}\", no date";
    DEADLINE_PROPOSED = "原文“{0}”，按来文日期推定为 {1}", "\"{0}\", taken as {1} from the letter's date";
    MEASURE_COUNT = "措施 {0} 条", "{0} measures";
    CONFIRM = "确认建账", "Confirm";
    CONFIRM_DO = "建账 {0} 条", "Make {0} findings";
    CONFIRM_COUNT = "来文自己写的问题数是 {0}，纳入 {1} 行",
        "The letter counts {0} problems; {1} rows are taken in";
    CONFIRM_COUNT_OK = "与来文自己的问题数一致（{0}）", "Equal to the letter's own count ({0})";
    CONFIRM_REASON = "数目不一致的原因", "Why the counts differ";
    INSPECTION_TITLE = "检查名称", "Title of the inspection";
    SOURCE_BODY = "反馈单位", "Inspecting body";
    DOC_NUMBER = "文号", "Document number";
    ISSUED_ON = "下发日期", "Issued on";
    REPORT_DUE_ON = "报告期限", "Report due on";
    NOT_EDITABLE = "这份来文已经建账，只能查看", "This letter is in the ledger and can only be read";
    DONE_UNKNOWN_UNITS = "这些单位不在单位表里，请在问题中补填：{0}",
        "These units are unknown; fill them in at the findings: {0}";
}
