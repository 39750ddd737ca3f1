//! Search.

texts! {
    TITLE = "搜索", "Search";
    RESULT = "“{0}”的结果", "Results for “{0}”";
    ISSUES = "问题", "Findings";
    INSPECTIONS = "检查", "Inspections";
    HINT = "输入问题编号、关键词或拼音首字母", "Type a number, a keyword or initials";
}
