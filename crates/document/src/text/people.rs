//! How people are named: surnames, and the titles that stand beside a name.

use super::glyph::{is_blank, is_ideograph};

/// Single surnames that are common in documents of the field. 和 is left out: between two groups of
/// households it is a word far more often than a name.
pub(crate) const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于\
    蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶\
    黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳\
    甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤\
    阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣";

/// Double surnames.
pub(crate) const DOUBLE_SURNAMES: [&str; 10] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容"];

/// Last words of titles and posts.
const TITLES: [&str; 40] = [
    "书记",
    "主任",
    "局长",
    "镇长",
    "乡长",
    "县长",
    "区长",
    "市长",
    "科长",
    "股长",
    "所长",
    "站长",
    "队长",
    "院长",
    "校长",
    "委员",
    "主席",
    "部长",
    "组长",
    "秘书长",
    "常委",
    "会计",
    "文书",
    "经理",
    "专干",
    "助理",
    "干事",
    "科员",
    "职员",
    "专员",
    "负责人",
    "网格员",
    "信息员",
    "检察长",
    "处长",
    "厅长",
    "村长",
    "园长",
    "支委",
    "组织员",
];

/// Whether a text is a title or ends with one: 乡党委书记, 分管副镇长.
pub(crate) fn ends_with_title(text: &[char]) -> bool {
    TITLES.iter().any(|title| {
        let length = title.chars().count();
        let tail = text.len().checked_sub(length).and_then(|at| text.get(at..));
        tail.is_some_and(|tail| tail.iter().copied().eq(title.chars()))
    })
}

/// Whether a text can be the full name of a person: a surname and one or two characters, blanks
/// inside allowed (张 三).
pub(crate) fn is_name(text: &[char]) -> bool {
    let letters: Vec<char> = text.iter().copied().filter(|c| !is_blank(*c)).collect();
    let Some(first) = letters.first() else { return false };
    let double =
        DOUBLE_SURNAMES.iter().any(|name| name.chars().eq(letters.iter().take(2).copied()));
    let surname = if double { 2 } else { 1 };
    (double || SURNAMES.contains(*first))
        && (surname + 1..=surname + 2).contains(&letters.len())
        && letters.iter().all(|c| is_ideograph(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_are_told_apart() {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        for name in ["赵文涛", "李安", "欧阳小满", "张 三"] {
            assert!(is_name(&chars(name)) && !ends_with_title(&chars(name)), "{name}");
        }
        for title in ["乡党委书记", "分管副镇长", "村委会主任"] {
            assert!(ends_with_title(&chars(title)) && !is_name(&chars(title)), "{title}");
        }
        for other in ["县财政局", "和", "各村", "赵", "包村干部"] {
            assert!(!is_name(&chars(other)) && !ends_with_title(&chars(other)), "{other}");
        }
    }
}
