//! Long jobs.

texts! {
    TITLE = "我的任务", "My jobs";
    FACTS = "耗时较长的事在后台办理，可以离开本页，办完后在这里取结果。",
        "Long work runs in the background; leave the page and fetch the result here.";
    HEAD_WHAT = "事项", "What";
    HEAD_AT = "提交时间", "Asked for";
    HEAD_STATE = "状态", "State";
    NONE = "还没有任务", "No jobs yet";
    READ_LETTER = "读取来文", "Reading a letter";
    CONFIRM_IMPORT = "导入台账", "Importing a ledger";
    MAKE_REPORT = "生成报告", "Making a report";
    EXPORT_LEDGER = "导出台账", "Exporting the ledger";
    WAITING = "排队中", "Waiting";
    RUNNING = "办理中", "Running";
    DONE = "已办好", "Done";
    FAILED = "没有办成", "Not done";
    TO_LETTER = "打开来文，共 {0} 条", "Open the letter, {0} rows";
    TO_BATCH = "已导入 {0} 行，看批次", "{0} rows are in: the batch";
    TO_INSPECTION = "打开台账，导入 {0} 条", "Open the ledger, {0} rows";
    TO_REPORT = "打开报告", "Open the report";
    TO_FILE = "下载工作簿，共 {0} 行", "Download the workbook, {0} rows";
    ALL_JOBS = "全部任务", "All jobs";
}
