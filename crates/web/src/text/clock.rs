//! The server's clock.

texts! {
    TITLE = "服务器时钟", "The server's clock";
    NOW = "服务器现在的时间是 {0}", "The server says it is {0}";
    BANNER = "服务器时钟跳变，提醒和督办已暂停，请核对时间", "The clock jumped; reminders are on hold. Check the time";
    HELD = "服务器时钟跳变过，提醒、升级督办都已暂停", "The clock jumped; reminders and escalations are on hold";
    HELD_WHAT = "台账照常可以办理，已经登记的日期不受影响。", "Work goes on as usual; recorded dates are not touched.";
    HELD_CHECK = "请核对上面的时间：对，就确认；不对，先在服务器上校正时间。",
        "Compare the time above: if it is right, confirm; if not, set the server's clock first.";
    HELD_ELSE = "确认之后，暂停期间到期的提醒会补上，不会重复。",
        "What fell due meanwhile is made up for, nothing twice.";
    CONFIRM = "确认 {0} 是对的", "{0} is right";
    ASK = "请系统管理员核对并确认。", "The system administrator has to check and confirm it.";
    FINE = "时钟正常", "The clock is fine";
    FINE_HELP = "时钟突然向前或向后跳变时，提醒和督办会自动暂停，等时钟走稳或管理员确认后再继续。",
        "After a jump, reminders wait until the clock runs steadily or somebody confirms it.";
}
