//! Units and regions.

texts! {
    TITLE = "单位与区划", "Units and regions";
    FACTS = "{0} 个单位", "{0} units";
    HEAD_NAME = "单位", "Unit";
    HEAD_SHORT = "简称", "Short name";
    HEAD_KIND = "类别", "Kind";
    HEAD_REGION = "所在地", "Place";
    HEAD_ALIASES = "别名（文件里的其他叫法，每行一个）", "Other names in letters, one a line";
    HEAD_ACTIVE = "在用", "In use";
    UNIT = "单位：{0}", "Unit: {0}";
    ACTIVE_HINT = "停用的单位不再供选择，已有的记录不变。",
        "A unit out of use is offered no more; what names it stays as it is.";
    ADD = "新增单位", "Add a unit";
    REGIONS = "区划", "Regions";
    REGION_CODE = "代码", "Code";
    REGION_NAME = "名称", "Name";
    REGION_SYSTEM = "编码体系", "Code system";
    REGION_EDITION = "版本", "Edition";
}
