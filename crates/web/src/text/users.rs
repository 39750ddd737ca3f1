//! Users and grants.

texts! {
    TITLE = "用户与权限", "Users and grants";
    FACTS = "{0} 个用户", "{0} users";
    HEAD_NAME = "姓名", "Name";
    HEAD_LOGIN = "登录名", "Log-in name";
    HEAD_UNIT = "单位", "Unit";
    HEAD_ROLES = "角色", "Roles";
    HEAD_ACTIVE = "状态", "State";
    ACTIVE = "在用", "active";
    DISABLED = "停用", "disabled";
    ADD = "新增用户", "Add a user";
    REGION = "范围", "Region";
    ROLE = "角色", "Role";
    FIRST_PASSWORD = "初始密码", "First password";
    FIRST_PASSWORD_HINT = "只显示这一次，请当面交给本人；第一次登录时必须改掉。",
        "Shown this once; hand it over in person. It must be changed at the first sign-in.";
    GRANT = "授权", "Grant a role";
    GRANTS = "已有权限", "Grants";
    GRANT_LINE = "{0} · {1}", "{0} · {1}";
    REVOKE = "收回", "Revoke";
    RESET = "重设密码", "Reset the password";
    DISABLE = "停用", "Disable";
    ENABLE = "启用", "Enable";
    PLACE = "所在地", "Place";
    PHONE = "联系电话", "Phone";
    PHONE_NONE = "没有登记电话", "No phone is kept";
    PHONE_NEW = "登记或更换电话", "New phone number";
    PHONE_HINT = "加密保存；别人只看到打码的，查看要写原因；留空则删除",
        "Kept sealed and shown masked; whole only with a reason; empty takes it away";
    GRANT_UNIT = "只限本单位的（可不选）", "For one unit only";
}
