//! Comments and complaints.

texts! {
    TITLE = "意见反馈", "Feedback";
    HELP = "用着不顺手、要填的数重复、做法不合规矩，都可以写在这里。不记录使用时长，不排名。",
        "What hinders you, what is asked twice, what breaks the rules: write it here.";
    TEXT = "意见或投诉", "Comment or complaint";
    SEND = "提交", "Send";
    OWN = "我提过的意见", "What I wrote before";
    WAITS = "待答复", "waits for an answer";
    ANSWERED = "已答复", "answered";
    SEE_ALL = "查看全部意见", "All comments";
    LIST_TITLE = "意见办理", "Comments to answer";
    LIST_FACTS = "答复后，提意见的人在“意见反馈”里看到", "The writer sees the answer on the feedback page";
    LIST_EMPTY = "还没有人提意见。", "Nobody has written yet.";
    ANSWER = "答复", "Answer";
    ANSWER_TEXT = "答复内容", "Answer";
}
