//! Export.

texts! {
    TITLE = "导出", "Export";
    FACTS = "导出与台账页当前条件一致，文件里写明来源、条件和时间",
        "Exactly what the ledger shows; the file names source, filter and time";
    FILTER_NOW = "当前条件", "Filter";
    FILTER_NONE = "全部", "all rows";
    COUNT = "共 {0} 条", "{0} rows";
    XLSX = "下载 Excel 台账", "Ledger as Excel";
    LINK_LEDGER = "到台账页改条件", "Change the filter in the ledger";
    MASK_NOTE = "没有查看全部个人信息权限的账号，导出的电话等保持遮盖。",
        "Phones and the like stay masked unless you may see them.";
}
