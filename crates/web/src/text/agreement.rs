//! `/agreement` and `/households/{id}/agreement`.

texts! {
    TITLE = "三统一核对", "Three sources compared";
    FACTS = "国家系统、纸质档案、入户核实三处对同一信息项的说法，并列对照。",
        "What the national export, the paper file and the visit say of the same thing.";
    VILLAGES = "按村", "By village";
    HEAD_VILLAGE = "村", "Village";
    HEAD_SAID = "登记的说法", "Values said";
    HEAD_DOUBTS = "不一致疑点", "Standing doubts";
    NONE_HELP = "在农户页面的“信息来源比对”里登记三处的说法，这里自动对照。",
        "Write what each source says on a household's page; they are compared here.";
    HEAD_HOUSEHOLD = "农户", "Household";
    HEAD_FIELD = "信息项", "Thing";
    HEAD_OWN = "本系统", "This system";
    HEAD_DOUBT = "疑点", "Doubts";
    COUNT_COMPARED = "可对照", "Comparable";
    COUNT_DIFFERENT = "不一致", "Different";
    COUNT_SINGLE = "只有一处", "One source only";
    ONLY_DIFFERENT = "只看不一致的", "Only those that differ";
    EVERYTHING = "看全部信息项", "All things";
    SAME = "一致", "the same";
    DIFFERS = "不一致", "differs";
    AGREED = "三处说法一致，没有要核对的。", "All sources say the same.";
    ADD = "登记一处说法", "Write what a source says";
    EDIT = "改", "Change";
    EDIT_LONG = "修改{0}：{1}", "Change {0}: {1}";
    HISTORY = "{0} 的变更记录", "History of {0}";
    CUT = "记录太多，只对照了前 {0} 条；请按村查看。", "Too many rows: the first {0} were compared.";
    OF = "{0}：三统一核对", "{0}: three sources compared";
}
