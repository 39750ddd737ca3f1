//! Reports.

texts! {
    TITLE = "报告与报表", "Reports";
    FACTS = "每个数字都连着它的行", "Every number leads to its rows";
    MAKE = "生成报告", "Make a report";
    TEMPLATE = "模板", "Template";
    INSPECTION = "检查", "Inspection";
    MAKE_DO = "生成", "Make";
    HEAD_NUMBER = "报告编号", "Number";
    HEAD_TITLE = "标题", "Title";
    HEAD_AS_OF = "数据时间", "As of";
    HEAD_KIND = "种类", "Kind";
    EMPTY_HELP = "选模板和检查，生成第一份报告。", "Choose template and inspection.";
    DOWNLOAD = "下载 Word", "Word file";
    DOWNLOAD_TABLE = "下载 Excel", "Excel file";
    DRAFT = "代拟稿", "Draft";
    PUBLIC = "公开版，姓名已处理", "Public version, names are masked";
    FIGURES = "数字与出处", "Numbers and sources";
    FIGURE_ROWS = "查看 {0} 行", "{0} rows";
    DEFINITION = "口径", "Definition";
    ROWS_TITLE = "{0}：{1} 的行", "{0}: rows of {1}";
    NUMBER_LINE = "报告编号 {0}，数据截至 {1}", "Report {0}, as of {1}";
}
