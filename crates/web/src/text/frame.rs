//! The frame of every page.

texts! {
    PRODUCT = "整改台账", "Rectification Ledger";
    SKIP = "跳到正文", "Skip to the text";
    SEARCH_LABEL = "搜索", "Search";
    SEARCH_HINT = "查问题编号、关键词、责任人拼音首字母", "Number, keyword, initials of a name";
    MESSAGES = "消息", "Messages";
    MESSAGES_UNREAD = "{0} 条未读", "{0} unread";
    TEXT_SIZE = "字号", "Text size";
    SIZE_STANDARD = "标准", "A";
    SIZE_LARGE = "大", "A+";
    SIZE_ELDER = "长者", "Elder";
    SIZE_STANDARD_LONG = "标准", "Standard";
    SIZE_LARGE_LONG = "大字", "Large";
    SIZE_ELDER_LONG = "长者模式", "Elder mode";
    LANGUAGE = "语言", "Language";
    HELP = "帮助", "Help";
    SETTINGS = "设置", "Settings";
    SIGN_OUT = "退出登录", "Sign out";
    MAIN_NAV = "主导航", "Main";
    PHONE_NAV = "手机导航", "Sections";
    PATH = "路径", "Path";
    GROUP_WORK = "办公", "Work";
    GROUP_SUMMARY = "汇总", "Summary";
    GROUP_MANAGE = "管理", "Manage";
    MENU_QUEUE = "我的待办", "My work";
    MENU_ISSUES = "整改台账", "Ledger";
    MENU_LETTERS = "来文登记", "Letters";
    MENU_INSPECTIONS = "检查反馈", "Inspections";
    MENU_REPORTS = "报告与报表", "Reports";
    MENU_IMPORT = "导入", "Import";
    MENU_EXPORT = "导出", "Export";
    MENU_ORG = "单位与区划", "Units, regions";
    MENU_USERS = "用户与权限", "Users";
    MENU_CODES = "码表与日历", "Codes, calendar";
    MENU_AUDIT = "操作记录", "Audit";
    TAB_QUEUE = "待办", "Work";
    TAB_ISSUES = "台账", "Ledger";
    TAB_LETTERS = "来文", "Letters";
    TAB_REPORTS = "报告", "Reports";
    TAB_MINE = "我的", "Me";
    DEMO_NOTE = "演示数据，县名、人名、数字均为虚构", "Demonstration: every place, person and figure is invented";
    AS_OF = "数据截至 {0}", "As of {0}";
    FEEDBACK = "意见反馈", "Feedback";
    ACCESSIBILITY = "无障碍说明", "Accessibility";
    PRINTED_BY = "{0} · {1} 打印", "Printed by {0}, {1}";
}
