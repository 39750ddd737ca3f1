//! Search.

texts! {
    TITLE = "搜索", "Search";
    RESULT = "“{0}”的结果", "Results for \"{0}\"";
    ISSUES = "问题", "Findings";
    INSPECTIONS = "检查", "Inspections";
    HINT = "输入问题编号或关键词", "Type a number or a keyword";
}
