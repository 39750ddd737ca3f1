//! Views and columns that a reader keeps for himself.

texts! {
    VIEWS = "我的视图", "My views";
    VIEWS_NONE = "还没有，筛选后可以存下来", "none yet; filter and keep it";
    SAVE_VIEW = "存为视图", "Keep this view";
    MANAGE = "管理视图", "This view";
    NAME = "视图名称", "Name of the view";
    NAME_HINT = "只有您自己看得到；同名的会被替换", "Only you see it; the same name replaces the old one";
    FORGET = "删除视图“{0}”", "Remove the view \"{0}\"";
    COLUMNS = "列设置", "Columns";
    COLUMNS_HINT = "数字小的排在左边", "The smaller the number, the further to the left";
    COLUMN_PLACE = "“{0}”排第几", "Place of \"{0}\"";
    COLUMNS_SHOWN = "显示哪些列（灯号、编号、问题总在）", "Columns shown; light, number and problem always are";
}
