//! Writing a finding down and correcting it.

texts! {
    NEW_TITLE = "新增问题", "New finding";
    NEW_FACTS = "没有来文的问题在这里登记；有来文的请先登记来文",
        "For findings without a letter; with one, register the letter";
    NEW_DO = "登记这条问题", "Write it into the ledger";
    EDIT_TITLE = "修改问题 {0}", "Correct finding {0}";
    EDIT_FACTS = "每次修改都留在历史里", "Every change stays in the history";
    EDIT = "修改", "Correct";
    TITLE_FIELD = "问题标题", "Title";
    PROBLEM_FIELD = "具体问题", "Problem";
    SUBCATEGORY = "小类", "Subcategory";
    SOURCE = "来源", "Source";
    SOURCE_KIND = "来源类型", "Kind of source";
    INSPECTION = "所属检查", "Inspection";
    INSPECTION_HINT = "选了检查，来源和层级随检查", "Source and level come from the inspection";
    SAVE_OVER = "按我的内容保存", "Save mine";
    CONFLICT_KEEP = "您填的内容还在下面，没有保存。对照后改好再保存，会以您的内容为准。",
        "Your text is still below and not saved. Compare, correct it, and save: yours will stand.";
    OTHER_EDITS = "{0} {1}打开了修改页，可能正在改", "{0} opened the form {1} and may be changing it";
    OTHER_READS = "{0} {1}也打开了这条问题", "{0} opened this finding {1}";
    JUST_NOW = "刚刚", "just now";
    MINUTES_AGO = "{0} 分钟前", "{0} minutes ago";
    LAST_EDIT = "最后修改：{0}，{1}", "Last change: {0}, {1}";
    CONTACT = "联系责任人", "Contact";
}
