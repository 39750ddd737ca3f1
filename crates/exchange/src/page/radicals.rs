//! Radicals back to characters: some PDF writers map a glyph that a radical and a character share
//! to the radical (`⽉` for `月`), so that searching for the word fails.

/// The characters of U+2F00 … U+2FD5 (Kangxi radicals), by their compatibility decomposition.
const KANGXI: &str = "\
    一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀\
    寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋\
    比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸\
    缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛\
    辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻\
    黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// The characters of U+2E80 … U+2EF3 (CJK radicals supplement), by the equivalences of the
/// Unicode database; radicals without one stand for themselves.
const SUPPLEMENT: &str = "\
    ⺀厂⺂⺃乙亻冂⺇刀刂卜㔾小小兀尣尢⺑巳幺彑彐忄心扌攵⺚旡日月歺母民氵氺灬爫爫丬牛\
    犭王疋目示礻竹糹纟罓罒㓁⺴⺵羊羊羊耂肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝\
    钅長镸长门阜阝雨青韦页风飞食飠飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟";

/// The text with every radical replaced by the character it looks like.
pub(super) fn unify(text: String) -> String {
    if !text.chars().any(|c| ('\u{2e80}'..='\u{2fd5}').contains(&c)) {
        return text;
    }
    text.chars().map(unify_character).collect()
}

fn unify_character(character: char) -> char {
    let code = u32::from(character);
    let (table, first) = match code {
        0x2e80..=0x2ef3 => (SUPPLEMENT, 0x2e80),
        0x2f00..=0x2fd5 => (KANGXI, 0x2f00),
        _ => return character,
    };
    let at = usize::try_from(code - first).unwrap_or(usize::MAX);
    table.chars().nth(at).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::{KANGXI, SUPPLEMENT, unify};

    #[test]
    fn radicals_become_characters() {
        assert_eq!((KANGXI.chars().count(), SUPPLEMENT.chars().count()), (214, 116));
        let cases =
            [("⼈⺠", "人民"), ("5⽉20⽇", "5月20日"), ("⻬⻳⾦", "齐龟金"), ("整改", "整改")];
        for (given, expected) in cases {
            assert_eq!(unify(given.to_owned()), expected);
        }
    }
}
