//! Code lists and calendar.

texts! {
    TITLE = "码表与日历", "Codes and calendar";
    FACTS = "码本“{0}” {1} 版", "Codebook \"{0}\", edition {1}";
    HEAD_CODE = "代码", "Code";
    HEAD_WORD = "名称", "Word";
    HEAD_SYNONYMS = "同义词", "Synonyms";
    CALENDAR = "工作日历", "Working calendar";
    CALENDAR_HELP = "节假日和调休。未列出的日子：周一至周五上班，周六周日休息。",
        "Days that differ from the week; others: Monday to Friday are worked.";
    CALENDAR_LINK = "工作日历", "Calendar";
    HEAD_DATE = "日期", "Date";
    HEAD_DAY = "是否上班", "Worked";
    HEAD_NAME = "名称", "Name";
    WORKED = "上班", "worked";
    OFF = "休息", "off";
    BY_CODEBOOK = "按码本", "as in the codebook";
    SET = "修改一天", "Change a day";
    PARAMETERS = "期限与参数", "Time limits and parameters";
    UNIT_DAY = "{0} 天", "{0} days";
    UNIT_WORKING_DAY = "{0} 个工作日", "{0} working days";
    UNIT_MONTH = "{0} 个月", "{0} months";
    UNIT_YUAN = "{0} 元", "{0} yuan";
    HEAD_VALUE = "值", "Value";
    HEAD_SINCE = "从何日起", "Since";
    HEAD_SOURCE = "依据", "Source";
}
