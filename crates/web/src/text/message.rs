//! Messages.

texts! {
    TITLE = "消息", "Messages";
    FACTS = "{0} 条未读", "{0} unread";
    ALL_READ = "没有未读消息", "Nothing unread";
    DUE = "期限 {0}", "due {0}";
    MARK_READ = "全部标为已读", "Mark all as read";
    ISSUE = "打开问题", "Open the finding";
}
