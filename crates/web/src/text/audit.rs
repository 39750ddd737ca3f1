//! Audit trail.

texts! {
    TITLE = "操作记录", "Audit trail";
    FACTS = "只增不改；每一行都连着上一行的校验值", "Only added to; every line holds the hash of the one before";
    HEAD_AT = "时间", "When";
    HEAD_ACTOR = "人", "Who";
    HEAD_VERB = "操作", "What";
    HEAD_OBJECT = "对象", "Object";
    HEAD_DETAIL = "说明", "Detail";
    VERIFY = "核验全链", "Verify the chain";
    VERIFIED = "核验通过：{0} 行，末行校验值 {1}", "Verified: {0} lines, head {1}";
    BROKEN = "核验不通过，{0} 处异常", "The chain is broken in {0} places";
    FILTER_ACTOR = "登录名", "Log-in name";
    SYSTEM = "系统", "system";
}
