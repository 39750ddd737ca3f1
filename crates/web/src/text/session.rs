//! The end of a session.

texts! {
    ENDS = "不操作到 {0} 会自动退出", "Without a press you are signed out at {0}";
    ENDS_FINAL = "登录到 {0} 为止，之后要重新登录", "You are signed in until {0}";
    SOON = "快要自动退出了。您填的内容还在，点“继续”就不会退出。",
        "You will be signed out soon. Your text is still here; press \"Go on\" to stay.";
    SOON_FINAL = "登录时间快到了，请先保存。之后要重新登录。",
        "Your time of sign-in ends soon. Save now; then sign in again.";
    STAY = "继续", "Go on";
}
