//! Invented names of people: common surnames with given names put together at random.

use crate::random::Random;

const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
];
const MALE: [&str; 24] = [
    "国强", "建军", "志明", "文斌", "永福", "德贵", "光荣", "世平", "天佑", "长生", "明辉", "家旺",
    "正兴", "春生", "有才", "立新", "海涛", "学文", "大勇", "成林", "金山", "宝田", "小虎", "俊杰",
];
const FEMALE: [&str; 24] = [
    "秀英", "桂兰", "玉梅", "春花", "凤仙", "素珍", "美玲", "丽华", "小燕", "红霞", "翠萍", "金凤",
    "月娥", "彩云", "淑芬", "慧敏", "雪莲", "菊香", "婷婷", "佳怡", "思雨", "晓丽", "兰芝", "巧玲",
];

/// A surname.
pub(crate) fn surname(random: &mut Random) -> &'static str {
    random.pick(&SURNAMES, "王")
}

/// A name with this surname.
pub(crate) fn full_name(random: &mut Random, surname: &str, is_male: bool) -> String {
    let given = if is_male { random.pick(&MALE, "国强") } else { random.pick(&FEMALE, "秀英") };
    format!("{surname}{given}")
}

/// A name of anybody.
pub(crate) fn any_name(random: &mut Random) -> String {
    let surname = surname(random);
    let is_male = random.chance(500);
    full_name(random, surname, is_male)
}

/// A phone number of an invented series that ends in the given number, another one each time.
pub(crate) fn phone(number: u64) -> String {
    format!("1{:02}{:08}", 30 + number / 100_000_000 % 70, number % 100_000_000)
}
