//! Help by task.

texts! {
    TITLE = "帮助", "Help";
    TASKS = "怎么办", "How to";
    LETTER = "来文怎么变成台账", "From a letter to a ledger";
    LETTER_TEXT = "在“来文登记”上传文件。左边是原文，右边是拆出的行；点“看原句”核对，可以修改、合并、拆分、增加、不纳入。行数与来文自己写的数一致（或写明原因）后确认建账。",
        "Upload the file under Letters. The text stands left, the rows right; each row shows its \
         sentence. Correct, merge, split, add or leave out rows, then confirm: the count must \
         equal the letter's own or have a reason.";
    WORK = "怎么办理一条问题", "Work on a finding";
    WORK_TEXT = "打开问题，在“下一步”里选择。整改中随时记进展、传佐证；做完写明结果，申请销号。验收必须由责任人以外的人做，要写清抽查了什么。",
        "Open the finding and choose the next step. Log progress and evidence while working; \
         state the result and submit. Acceptance is by somebody else and names its sample.";
    LIGHTS = "灯号是什么意思", "What the lights mean";
    LIGHTS_TEXT = "红方块：超过时限；黄三角：快到期；绿圆：正常；灰勾：已销号。",
        "Red square: late. Amber triangle: due soon. Green circle: on time. Grey tick: closed.";
    REPORT = "怎么出整改报告", "Make a report";
    REPORT_TEXT = "在“报告与报表”选模板和检查，生成后在网页上点任何一个数都能看到它的行；下载的 Word 带报告编号。",
        "Choose template and inspection under Reports. On the page every number opens its rows; \
         the Word file carries the report's number.";
    KEYS = "快捷键", "Keys";
    KEY_SEARCH = "搜索", "search";
    KEY_HELP = "帮助", "help";
    KEY_ROWS = "下一行、上一行", "next and previous row";
    KEY_PICK = "选择这一行", "select the row";
    KEY_OPEN = "打开", "open";
    KEY_EDIT = "修改", "edit";
    KEY_SEND = "提交正在填的表", "send the form";
    KEY_TABS = "切换标签", "tabs";
    KEYS_OFF = "单键可以在设置里关掉。", "Single-letter keys can be switched off in the settings.";
}
