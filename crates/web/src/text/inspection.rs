//! Inspections.

texts! {
    TITLE = "检查反馈", "Inspections";
    FACTS = "来文确认后在这里，每次检查下是它的问题", "Each confirmed letter with its findings";
    HEAD_TITLE = "检查", "Inspection";
    HEAD_KIND = "种类", "Kind";
    HEAD_LEVEL = "层级", "Level";
    HEAD_BODY = "反馈单位", "Body";
    HEAD_RECEIVED = "收到", "Received";
    HEAD_REPORT = "报告期限", "Report due";
    HEAD_COUNT = "问题", "Findings";
    START_HELP = "上传反馈来文，确认后生成检查和台账。", "Upload a letter and confirm it.";
    DETAILS = "基本情况", "Particulars";
    DOC_NUMBER = "文号", "Document number";
    ISSUED = "下发日期", "Issued";
    COUNT_REASON = "数目不一致的原因", "Why the counts differ";
    OPEN_LEDGER = "看这次检查的台账", "Open its ledger";
    LETTER = "来文原件", "The letter";
    TOTAL = "问题总数", "Findings";
    CLOSED = "已销号", "Closed";
    OPEN = "在办", "Open";
    OVERDUE = "超期", "Late";
    MAKE = "生成报告", "Make a report";
    TEMPLATE = "模板", "Template";
}
