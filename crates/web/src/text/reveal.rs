//! A masked field shown once.

texts! {
    TITLE = "查看{0}", "{0}, whole";
    ONCE = "只显示这一次，查看人、时间和原因已经留下记录。离开本页后请从原页面重新申请。",
        "Shown this once; who, when and why are on record. To see it again, ask again.";
    BACK = "返回", "Back";
}
