//! Settings, feedback, accessibility.

texts! {
    TITLE = "我的设置", "My settings";
    KEYS = "单键快捷键", "Single-letter keys";
    KEYS_ON = "打开", "On";
    KEYS_OFF = "关闭", "Off";
    PASSWORD = "修改密码", "Change the password";
    ACCESS_TITLE = "无障碍说明", "Accessibility";
    ACCESS_1 = "所有页面不用鼠标也能操作，不开脚本也能填写和提交。",
        "Every page can be used by keyboard and without scripts.";
    ACCESS_2 = "字号有三档；长者模式字更大、按钮更大、内容更少。",
        "Three text sizes; elder mode has larger text and targets and fewer columns.";
    ACCESS_3 = "灯号同时用形状、颜色和文字表示。", "Lights are told by shape, colour and words together.";
    ACCESS_4 = "目标：WCAG 2.1 AA 和 GB/T 37668-2019。", "Aim: WCAG 2.1 AA and GB/T 37668-2019.";
    ACCESS_5 = "遇到障碍请在“意见反馈”里告诉我们。", "Tell us of barriers on the feedback page.";
}
