//! Guided closing.

texts! {
    TITLE = "销号：{0}", "Close {0}";
    CHECKS = "销号条件", "Conditions";
    MET = "已具备", "met";
    MISSING = "还缺", "missing";
    GO = "去补", "Go there";
    EVIDENCE = "佐证材料", "Evidence";
    ACCEPTANCE = "验收", "Acceptance";
    HAS_EVIDENCE = "有佐证材料", "There is evidence";
    HAS_ACCEPTANCE = "责任人以外的人验收合格", "Accepted by somebody else";
    RIGHT_STATE = "已到“验收通过”环节", "The finding is accepted";
    SIGN = "核对并销号", "Check and close";
    CONFIRM = "我已看过佐证材料和验收结果", "I have looked at evidence and acceptance";
    DO = "销号 1 条：{0}", "Close 1 finding: {0}";
    DIALOG = "销号后这条问题移出待办，到期后回头看。", "The finding leaves the queue and is looked at again later.";
    NOT_READ = "请先勾选已看过佐证材料和验收结果", "Tick that you have looked at evidence and acceptance";
    CONSENT = "上级同意", "The upper body's consent";
    CONSENT_SAVE = "登记上级同意", "Record the consent";
}
