//! Import of an existing ledger.

texts! {
    TITLE = "导入台账", "Import a ledger";
    FACTS = "先检查后写入，有错的行还给您改", "Checked before anything is written; bad rows come back";
    STEPS = "步骤", "Steps";
    STEP_FILE = "选择文件", "File";
    STEP_COLUMNS = "对应列", "Columns";
    STEP_CHECK = "检查", "Check";
    STEP_CONFIRM = "确认写入", "Confirm";
    LAYOUT = "表的种类", "Layout";
    FILE = "文件", "File";
    FILE_HINT = "xlsx、csv、xls；名册最多 {0}，问题台账和 xls 最多 {1}",
        "xlsx, csv, xls; registers up to {0}, findings and any xls up to {1}";
    TEMPLATE = "下载空白模板", "Empty template";
    UPLOAD = "上传并检查", "Upload and check";
    EXTENT = "名册范围", "Extent of a register's list";
    EXTENT_HINT = "问题台账不用选", "Findings need none";
    EXTENT_PART = "部分名册：没有列出的不算减少", "A part: what it lacks is not missing";
    EXTENT_COMPLETE = "属地内全量名册：以前有、这份没有的列为待核实的减少",
        "Complete for its place: what earlier lists had and this one lacks is listed as missing";
    REGION = "属地（表里没有时用）", "Place, where the sheet has none";
    INSPECTION = "归到哪次检查", "Inspection";
    HEAD_COLUMN = "表里的列", "Column";
    HEAD_FIELD = "台账字段", "Field";
    HEAD_SAMPLE = "前几行的值", "First values";
    NOT_TAKEN = "不导入", "not taken";
    COLUMNS_GO = "按此检查", "Check with these";
    RESULT = "导入结果：{0}", "Result: {0}";
    NOTHING_WRITTEN = "还没有写入任何数据。可以只导入 {0} 行通过的，也可以改好再传。",
        "Nothing is written yet. Take the {0} good rows, or correct the file and send it again.";
    BAD_HEAD = "有 {0} 行不能导入，另有 {1} 行请确认。", "{0} rows cannot be taken, {1} more need a look.";
    ALL_KNOWN = "全部 {0} 行与系统里的一样，没有要写入的。",
        "All {0} rows say what is known already: there is nothing to write.";
    TO_HOUSEHOLDS = "看农户档案", "the households";
    TO_DOUBTS = "看疑点", "the doubts";
    BAD_ONLY = "有 {0} 行不能导入。", "{0} rows cannot be taken.";
    NOTHING_GOOD = "还没有写入任何数据；没有可以导入的行，请改好再传。",
        "Nothing is written and no row can be taken: correct the file and send it again.";
    NO_ROWS = "只读到表头，没有数据行。请检查是不是传错了工作表。",
        "Heads without rows: is it the sheet that was meant?";
    GUESSED = "请核对", "look at it";
    GUESSES = "{0} 列按相近的表头对应，请核对", "{0} columns are taken for what their heads are like";
    ALL_GOOD = "全部 {0} 行都可以导入。", "All {0} rows can be taken.";
    TOTAL = "文件共", "In the file";
    GOOD = "通过", "Good";
    BAD = "错误，必须改", "Wrong, must be changed";
    WARN = "提醒，可以照样导入", "Notes, may be taken";
    ROW_UNIT = "行", "rows";
    REASONS = "{0} 类原因", "{0} reasons";
    NEW_INSPECTION = "没有选检查的，填写下面三项，会新建一次检查。",
        "Where no inspection was chosen, these three make a new one.";
    ERRORS_MORE = "共 {0} 处，同类合并；这里列出最多的 {1} 类，其余在 Excel 里",
        "{0} cells, alike ones together; the {1} most frequent here, the rest in the workbook";
    ERRORS_ALL = "共 {0} 处，同类合并为一行", "{0} cells, alike ones in one line";
    ROWS_MORE = "{0} 等", "{0} …";
    HEAD_ALIKE = "同类（处）", "Alike (cells)";
    ERRORS = "错误明细", "Errors";
    HEAD_ROW = "Excel 行", "Excel row";
    HEAD_CELL = "列", "Column";
    HEAD_VALUE = "填写的值", "Value";
    HEAD_FAULT = "问题和改法", "What is wrong, what to do";
    ANNOTATED = "下载带批注的 Excel（原表 + 错误列）", "Your workbook with an error column";
    TAKE_GOOD = "只导入通过的 {0} 行", "Take the {0} good rows";
    TAKE_ALL = "导入 {0} 行", "Take {0} rows";
    AGAIN = "改好后重新上传", "Send a corrected file";
    GIVE_UP = "放弃", "Give up";
    TAKE_BACK_NOTE = "导入后 24 小时内可整批撤回", "The whole batch can be taken back for 24 hours";
    TAKE_BACK = "整批撤回", "Take the batch back";
    BATCHES = "导入批次", "Batches";
    STATUS_CHECKED = "已检查", "checked";
    STATUS_CONFIRMED = "已写入", "taken";
    STATUS_TAKEN_BACK = "已撤回", "taken back";
    EFFECT = "新增 {0}，改动 {1}，不变 {2}，冲突 {3}", "{0} new, {1} changed, {2} unchanged, {3} conflicts";
    LACKING = "缺少必填的列：{0}", "Required columns are missing: {0}";
    CHANGES = "将要改动的字段", "Fields that would change";
    CONFLICTS = "冲突：导入后有人改过，不会覆盖", "Conflicts: changed by people since, not overwritten";
    HEAD_OLD = "现在", "Now";
    HEAD_FIX = "改为", "Replace by";
    HEAD_NEW = "表里", "In the file";
    FIXES = "近似值建议", "Near misses";
    FIX_ALL = "全部采用", "Accept all";
    FIX_ONE = "采用", "Accept";
    HEAD_COUNT = "处", "Cells";
    REMOVED = "待核实的减少：以前的名册有，这份没有", "To look at: earlier lists have them, this one has not";
    REMOVED_NOTE = "共 {0} 条，不会自动删除；核实后可注明日期和原因，标为已终止。",
        "{0} in all. Nothing is removed by itself: whoever has made sure may mark them as ended.";
    HEAD_RECORD = "记录", "Record";
    END_ON = "终止日期", "Ended on";
    END_REASON = "原因", "Reason";
    END_MARKED = "所选记录标为已终止", "Mark the chosen ones as ended";
}
