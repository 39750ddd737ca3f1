//! Signing in and the forced change of the first password.

texts! {
    TITLE = "登录", "Sign in";
    LOGIN = "登录名", "Log-in name";
    PASSWORD = "密码", "Password";
    DO = "登录", "Sign in";
    FAILED = "登录名或密码不对", "Name or password is wrong";
    ENDED = "登录已过期，请重新登录，填写的内容会在原页面恢复",
        "The session has ended; sign in again and your text will be back on its page";
    FORGOT = "忘记密码请找本单位的系统管理员重设。", "If you forgot the password, ask your administrator.";
    CHANGE_TITLE = "修改密码", "Change the password";
    CHANGE_FIRST = "这是初始密码，请先改成自己的密码", "This is the first password; choose your own now";
    OLD = "现在的密码", "Present password";
    NEW = "新密码", "New password";
    NEW_HINT = "至少 10 个字符，不要包含登录名和常用词；一句好记的话就很好",
        "At least 10 characters, without your log-in name or common words; a sentence is good";
    AGAIN = "再输一遍新密码", "New password again";
    AGAIN_WRONG = "两次输入的新密码不一样", "The two do not agree";
    OLD_WRONG = "现在的密码不对", "The present password is wrong";
    CHANGED = "密码已修改，请用新密码登录", "The password is changed; sign in with it";
}
