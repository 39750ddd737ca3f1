//! `/households/{id}/change/{kind}` and `/changes/{id}`.

texts! {
    CARD = "户变动", "Changes of the household";
    CARD_NONE = "还没有变动", "No changes yet";
    SPLIT = "分户", "Split";
    MERGE = "并户", "Merge";
    MOVE = "迁移", "Move";
    END = "注销", "End";
    JOIN = "人口增加", "Somebody joins";
    LEAVE = "人口减少", "Somebody leaves";
    FACTS_SPLIT = "选出分出去的人，他们和各自的就学、就业、医疗等记录一起转到新户；原户的走访和档案留在原户。",
        "Those chosen move to a new household with what is written of them; visits and file stay.";
    FACTS_MERGE = "全部在户人员转到对方户，本户终止；两户的历史都保留。",
        "All members move to the other household and this one ends; both histories stay.";
    FACTS_MOVE = "整户连同全部记录转到新的村，疑点和待审核的变更一起转过去。",
        "The household goes to another village with all its records, doubts and proposals.";
    FACTS_END = "本户终止，在户人员一并减少；记录和历史都保留，仍可查看。",
        "The household ends and its members leave; records and histories stay.";
    FACTS_JOIN = "新生、婚入、迁入、返回等：登记一个人，户人口数同时更新。",
        "Born, married in, moved in, returned: one person; the stated population follows.";
    FACTS_LEAVE = "死亡、婚出、迁出等；转到本县另一户的，填对方户编号。",
        "Died, married out, moved; give the other household's number if they go to one here.";
    ON = "变动日期", "Day of the change";
    WHO = "变动人员", "Who";
    WHO_ALL = "转到对方户的人员", "Who moves to the other household";
    WHO_HINT = "勾选人员；转到另一户的，选好与那一户户主的关系。",
        "Tick people; for those who go to another household choose their relation to its head.";
    RELATION_OF = "{0}与新户主的关系", "Relation of {0} to the new head";
    NEW_HEAD_SPLIT = "新户的户主", "Head of the new household";
    NEW_HEAD_LEAVE = "户主离开时，由谁当户主", "If the head leaves: who becomes head";
    NEW_NUMBER = "新户的户编号", "Number of the new household";
    OTHER_NUMBER = "对方户的户编号", "Number of the other household";
    OTHER_HINT_LEAVE = "只在转到本县另一户时填", "Only if they go to another household of the county";
    VILLAGE = "迁入的村", "Village it moves to";
    GROUP = "村民小组", "Village group";
    ADDRESS = "家庭住址", "Address";
    REASON_END = "终止原因", "Why it ends";
    REASON_LEAVE = "减少原因", "Why they leave";
    REASON_JOIN = "增加原因", "Why he joins";
    NAME = "姓名", "Name";
    ID_NUMBER = "证件号码", "Identity number";
    SEX = "性别", "Sex";
    BIRTH_DATE = "出生日期", "Birth date";
    PERSON_RELATION = "与户主关系", "Relation to the head";
    CARRY_OUT = "办理{0}", "Carry out: {0}";
    MEMBERS_NONE = "本户没有在户人员", "Nobody lives in it";
    UNKNOWN_NUMBER = "没有这个编号的户，请核对", "there is no household of this number";
    TITLE_OF = "{0}：{1}", "{0}: {1}";
    DONE_ON = "{0} 发生，{1} 登记", "took place on {0}, recorded on {1}";
    WRITTEN = "写入的记录", "Records written";
    WRITTEN_NEW = "新建", "made";
    WRITTEN_VERSIONS = "第 {0} 版 → 第 {1} 版", "version {0} → {1}";
    HEAD_LEDGER = "台账", "Ledger";
    HEAD_VERSIONS = "版本", "Versions";
    HEAD_HISTORY = "历史", "History";
    PARTICULARS = "变动内容", "What changed";
    UNDO = "撤销这次变动", "Take this change back";
    UNDO_FACTS = "写入的记录逐条恢复到变动之前（留下新的历史版本），并重新核查。之后又改过的记录不能整体撤销。",
        "Records return to what they were, as new versions. Not after later changes.";
    UNDO_REASON = "撤销原因", "Why it is taken back";
    UNDONE = "已撤销", "Taken back";
    UNDONE_BY = "{0} 由 {1} 撤销：{2}", "Taken back on {0} by {1}: {2}";
    OTHER = "对方户", "Other household";
    ROWS_MORE = "共 {0} 条，只列前 {1} 条", "{0} in all; the first {1} are listed";
}
