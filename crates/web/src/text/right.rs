//! Verbs of rights and powers.

use super::Text;

texts! {
    READ = "查看", "read";
    CREATE = "新建", "create";
    UPDATE = "修改", "update";
    DELETE = "删除", "delete";
    EXPORT = "导出", "export";
    HISTORY = "看历史", "history";
    MANAGE = "管理", "manage";
    MAKE = "生成", "make";
    RUN = "办理", "run";
    EDIT = "编辑", "edit";
}

/// The words of a verb, if it is a known one.
pub(crate) fn verb(name: &str) -> Option<Text> {
    Some(match name {
        "read" => READ,
        "create" => CREATE,
        "update" => UPDATE,
        "delete" => DELETE,
        "export" => EXPORT,
        "history" => HISTORY,
        "manage" => MANAGE,
        "make" => MAKE,
        "run" => RUN,
        "edit" => EDIT,
        _ => return None,
    })
}
