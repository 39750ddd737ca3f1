//! Refusals and failures.

texts! {
    NOT_SAVED = "没有保存成功，您填的内容还在。编号 {0}",
        "It was not saved; what you typed is still there. Number {0}";
    NOT_SHOWN = "这一页没有打开。编号 {0}", "This page could not be shown. Number {0}";
    TELL_OPERATOR = "请稍后再试；再不行，把编号告诉系统管理员。",
        "Try again later; if it stays, tell the administrator the number.";
    GO_BACK = "用浏览器的“后退”可以回到刚才的页面，内容还在。",
        "The browser's back button returns to your text.";
    NOT_FOUND = "没有找到这一页", "Page not found";
    NOT_FOUND_HELP = "可能已经移走，或者不在您的查看范围内。",
        "It may have moved, or it is outside what you may see.";
    DENIED = "您没有这项权限", "You lack this right";
    DENIED_NEEDED = "需要的权限：{0}", "Right needed: {0}";
    DENIED_GRANTERS = "可以授权的人：{0}", "People who can grant it: {0}";
    DENIED_NOBODY = "请联系系统管理员。", "Ask the administrator.";
    CONFLICT = "别人刚刚改过这条记录", "Somebody else has just changed this record";
    CONFLICT_HELP = "您的内容没有保存。下面逐项列出两边的值，看清后重新填写要改的项。",
        "Your text was not saved. Both versions stand below, field by field.";
    CONFLICT_BASE = "您打开时", "When you opened it";
    CONFLICT_MINE = "您要改成", "Yours";
    CONFLICT_THEIRS = "现在是", "Now";
    CONFLICT_FIELD = "字段", "Field";
    CONFLICT_NO_FIELD = "改动不在同一字段，或环节已经变化。重新打开后可以再办。",
        "No field clashes, or the state has moved on. Open it again and go on.";
    CONFLICT_RELOAD = "打开最新的记录", "Open the present version";
    TOO_LARGE = "文件太大，最多 {0}", "The file is too large; the limit is {0}";
    TOO_LARGE_HELP = "可以压缩图片、拆成几个文件，再上传。", "Shrink pictures or split the file, then upload again.";
    BODY_TOO_LARGE = "内容太大，最多 {0}", "The text is too large; the limit is {0}";
    FORM_STALE = "页面停留太久，请重新提交", "The form has become stale; send it again";
    FORM_STALE_HELP = "后退、刷新页面再提交，您填的内容还在。",
        "Go back, reload and send it again; your text is kept.";
    FOREIGN = "这个请求来自别的网站，已拒绝", "The request came from another site and was refused";
    INVALID = "有内容需要修改", "Something needs to be corrected";
    THROTTLED = "错误次数太多，请在 {0} 后再试", "Too many failures; try again after {0}";
    TIMEOUT = "这一步用时太长，已停止。编号 {0}", "It took too long and was stopped. Number {0}";
    METHOD = "这个地址不能这样访问", "This address cannot be used that way";
}
