//! Invented words: townships, villages, people, offices, and a grammar of problems and measures.

use super::phrase::Phrase;
use super::random::Random;

/// Invented counties.
pub const COUNTIES: &[&str] = &["云汀县", "青砚县", "临岚县", "柏川县", "南麓县"];
/// Invented townships.
pub const TOWNS: &[&str] =
    &["栖霞岭镇", "石磨湾镇", "柳津乡", "望禾镇", "梨树垭乡", "九渡镇", "白芷乡", "松烟镇"];
/// Invented villages.
pub const VILLAGES: &[&str] = &[
    "柳湾村",
    "石碾村",
    "高坪村",
    "大塘村",
    "瓦窑村",
    "杏花村",
    "桐子村",
    "罗盘村",
    "长滩村",
    "岩口村",
];
/// Invented people.
pub const PEOPLE: &[&str] =
    &["赵明川", "钱秀兰", "孙立群", "李望秋", "周怀瑾", "吴采薇", "郑同舟", "王砚北", "冯知夏"];
/// Titles of leaders.
pub const LEADERS: &[&str] =
    &["镇党委副书记", "分管副镇长", "镇纪委书记", "镇人大主席", "镇党委组织委员", "镇长"];
/// Offices of a township.
pub const OFFICES: &[&str] = &[
    "镇农业农村办",
    "镇民政办",
    "镇财政所",
    "镇党建办",
    "镇水利站",
    "镇项目办",
    "镇纪委",
    "镇社会事务办",
    "镇综治中心",
    "镇经济发展办",
    "镇卫生院",
    "镇中心学校",
    "各村（社区）",
    "镇人社所",
];
/// Offices of a county.
pub const BUREAUS: &[&str] = &[
    "县农业农村局",
    "县民政局",
    "县财政局",
    "县教育局",
    "县水利局",
    "县住建局",
    "县人社局",
    "县医保局",
    "县交通运输局",
    "县林业局",
    "县审计局",
    "各乡镇党委、政府",
    "县金融办",
    "县卫健局",
];
/// Aspects under which findings are grouped.
pub const ASPECTS: &[&str] = &[
    "责任落实方面",
    "政策落实方面",
    "工作落实方面",
    "项目管理方面",
    "资金使用方面",
    "基层党建方面",
    "作风建设方面",
    "巩固成果方面",
];
/// What findings are about.
const SUBJECTS: &[&str] = &[
    "村级档案管理",
    "防返贫监测预警",
    "低保动态调整",
    "饮水工程管护",
    "项目库建设",
    "公益性岗位管理",
    "产业奖补资金拨付",
    "小额信贷贷后管理",
    "危房改造验收",
    "扶贫资产登记",
    "医保参保动员",
    "雨露计划补助发放",
    "驻村工作队管理",
    "人居环境整治",
    "合作社规范运行",
    "务工就业台账",
    "学前教育资助",
    "临时救助审批",
    "村级财务公开",
    "监测对象帮扶",
];
/// What is wrong with them.
const FAULTS: &[&str] = &[
    "不规范",
    "不到位",
    "不及时",
    "滞后",
    "有差距",
    "流于形式",
    "不够精准",
    "缺乏长效机制",
    "力度不够",
    "把关不严",
];
/// Who or what falls short in a statement.
const SCOPES: &[&str] = &["少数村", "部分帮扶干部", "个别农户", "有的项目", "部分村组", "少数单位"];
/// How they fall short.
const LAPSES: &[&str] = &[
    "对政策要求掌握不清，入户走访次数偏少",
    "资料填写前后不一致，存在漏填错填现象",
    "没有建立工作台账，底数不清",
    "只重前期建设，后期管护无人负责",
    "公示时间不足，群众知晓率低",
    "未按规定程序研究，会议记录缺失",
    "重申报轻管理，发挥效益不明显",
    "督促检查不经常，问题反复出现",
];
/// Measures without figures.
const ACTIONS: &[&str] = &[
    "组织干部对照文件逐条学习，统一工作标准",
    "对全镇台账进行全面清理，补齐缺失资料",
    "建立部门联席会议制度，定期通报工作进展",
    "修订完善管理办法，明确管护主体和责任",
    "加大督查力度，对工作不力的进行约谈提醒",
    "利用村广播、公开栏开展政策宣传，提高群众知晓率",
    "由村干部逐户核实情况，做到底数清楚、数据准确",
    "严格资金审批程序，做到专款专用、公开透明",
    "强化结果运用，将整改成效纳入年度考核",
    "对存在的问题举一反三，防止类似情况再次发生",
    "落实一户一策，因户制定帮扶措施",
    "严格执行“四不摘”要求，保持队伍总体稳定",
];

/// A title of a finding; some hold a figure.
pub fn title(random: &mut Random, figures: bool) -> Phrase {
    let subject = random.word(SUBJECTS);
    match random.between(0, 9) {
        0 if figures => Phrase::of("往来款项长期未清理").money(random.between(500, 30_000)),
        1 if figures => {
            Phrase::of("有").count(random.between(2, 9), "个").say("村").say(subject).say("不到位")
        }
        2 => Phrase::of("“三会一课”记录").say(random.word(FAULTS)),
        _ => Phrase::of(subject).say(random.word(FAULTS)),
    }
}

/// A title like 产业发展方面.
pub fn area(random: &mut Random) -> String {
    let areas = &[
        "饮水安全",
        "住房安全",
        "义务教育",
        "基本医疗",
        "产业发展",
        "就业服务",
        "兜底保障",
        "驻村帮扶",
    ];
    format!("{}方面", random.word(areas))
}

/// A statement of what was found, without its final stop.
pub fn statement(random: &mut Random) -> Phrase {
    let village = random.word(VILLAGES);
    match random.between(0, 6) {
        0 => Phrase::of("抽查发现").count(random.between(2, 40), "户").say("信息登记表没有签字"),
        1 => Phrase::of(village)
            .say("有")
            .count(random.between(2, 9), "户")
            .say("监测户未按时走访，")
            .count(random.between(3, 30), "人")
            .say("未参加培训"),
        2 => Phrase::of("涉及")
            .count(random.between(2, 9), "个")
            .say("村的")
            .money(random.between(120, 9900))
            .say("资金滞留超过6个月"),
        3 => Phrase::of(village).say("蓄水池损坏后长期无人维修，影响群众用水"),
        _ => Phrase::of(random.word(SCOPES)).say(random.word(LAPSES)),
    }
}

/// A measure, without its final stop.
pub fn measure(random: &mut Random, nested: bool) -> Phrase {
    if nested && random.chance(30) {
        return Phrase::of("规范工作流程：（1）制定实施细则，明确时间节点；（2）发放明白卡")
            .count(random.between(20, 300), "份")
            .say("；（3）开展满意度回访");
    }
    match random.between(0, 9) {
        0 => Phrase::of("举办培训班")
            .count(random.between(2, 9), "期")
            .say("，培训")
            .count(random.between(30, 400), "人次")
            .say("，提升干部业务能力"),
        1 => Phrase::of("每月召开").amount("一次", 1.0, "次").say("工作例会，研究解决具体困难"),
        2 => Phrase::of("对")
            .count(random.between(2, 9), "名")
            .say("履职不力的村干部进行约谈，限期7天内改正"),
        3 => Phrase::of("按照《")
            .say(random.word(TOWNS))
            .say("项目资产管理办法》（镇政发〔2021〕12号）要求，整理档案")
            .count(random.between(20, 300), "份"),
        4 => Phrase::of("争取资金")
            .money(random.between(500, 20_000))
            .say("，新建蓄水池")
            .count(random.between(2, 12), "座")
            .say("、更换管道")
            .amount("3.5公里", 3.5, "公里"),
        _ => Phrase::of(random.word(ACTIONS)),
    }
}

/// A sentence whose figures stand in a relation, true or false.
pub fn relation(random: &mut Random, holds: bool) -> Phrase {
    let slip = if holds { 0 } else { random.between(1, 2) };
    let (a, b, c) = (random.between(12, 80), random.between(5, 60), random.between(3, 20));
    match random.between(0, 6) {
        0 => Phrase::of("全镇共排查农户")
            .count(a + b + c + slip, "户")
            .say("，其中脱贫户")
            .count(a, "户")
            .say("、监测户")
            .count(b, "户")
            .say("、一般户")
            .count(c, "户")
            .relate("sum", holds, 0, &[1, 2, 3]),
        1 => Phrase::of("柳湾村补发")
            .count(a, "人")
            .say("、高坪村补发")
            .count(b, "人")
            .say("、大塘村补发")
            .count(c, "人")
            .say("，共计补发")
            .count(a + b + c + slip, "人")
            .relate("sum", holds, 3, &[0, 1, 2]),
        2 => money_split(random, holds),
        3 => share(random, holds),
        4 => Phrase::of("务工人数由年初的")
            .count(a + 100, "人")
            .say("增加到")
            .count(a + b + 100, "人")
            .say("，增加")
            .count(b + slip, "人")
            .relate("difference", holds, 2, &[1, 0]),
        5 => pairs(random, holds),
        _ => Phrase::of("列入计划的小区")
            .count(a + b, "个")
            .say("，现已完工")
            .count(a, "个")
            .say("，其余")
            .count(b + slip, "个")
            .say("正在施工")
            .relate("sum", holds, 0, &[1, 2]),
    }
}

/// Money recovered and not yet recovered.
fn money_split(random: &mut Random, holds: bool) -> Phrase {
    let (done, open) = (random.between(2_000, 90_000), random.between(300, 9_000));
    let total = done + open + if holds { 0 } else { 100 };
    Phrase::of("涉及资金")
        .money(total)
        .say("，已收回")
        .money(done)
        .say("，尚未收回")
        .money(open)
        .relate("sum", holds, 0, &[1, 2])
}

/// A share of two counts with two decimals.
fn share(random: &mut Random, holds: bool) -> Phrase {
    let whole = random.between(40, 900);
    let part = random.between(whole / 3, whole - 1);
    // Hundredths of a percent, rounded half up.
    let exact = (part * 10_000 + whole / 2) / whole;
    let shown = if holds { exact } else { exact.saturating_sub(random.between(120, 400)) };
    let raw = format!("{}.{:02}%", shown / 100, shown % 100);
    let value = f64::from(shown) / 100.0;
    let phrase = if random.chance(50) {
        Phrase::of("已完成改造").count(part, "户").say("，占应改造").count(whole, "户").say("的")
    } else {
        Phrase::of("应核查").count(whole, "户").say("，已核查").count(part, "户").say("，完成率")
    };
    let operands = if phrase.plain().starts_with('已') { [0, 1] } else { [1, 0] };
    phrase.amount(&raw, value, "%").relate("percentage", holds, 2, &operands)
}

/// Households and persons, both split.
fn pairs(random: &mut Random, holds: bool) -> Phrase {
    let (a, b) = (random.between(20, 90), random.between(3, 19));
    let (p, q) = (a * 3 + 1, b * 2 + 1);
    let slip = u32::from(!holds);
    Phrase::of("全村建档立卡户")
        .count(a + b, "户")
        .count(p + q + slip, "人")
        .say("（已脱贫")
        .count(a, "户")
        .count(p, "人")
        .say("，未脱贫")
        .count(b, "户")
        .count(q, "人")
        .say("）")
        .relate("sum", true, 0, &[2, 4])
        .relate("sum", holds, 1, &[3, 5])
}

/// A general requirement: heading and body.
pub fn requirement(random: &mut Random) -> (&'static str, &'static str) {
    let all = &[
        ("提高思想认识", "各村各部门要充分认识整改工作的重要性，主要负责人亲自抓、负总责"),
        ("压实工作责任", "实行清单管理，整改一个、销号一个，确保按时完成"),
        ("强化督促检查", "镇纪委定期开展督查，对敷衍整改的严肃追责问责"),
        ("建立长效机制", "坚持当下改与长久立相结合，巩固整改成果"),
    ];
    all.get(random.index(all.len())).copied().unwrap_or_default()
}

/// A heading of a task.
pub fn task_title(random: &mut Random) -> String {
    let verbs = &["加强", "抓好", "规范", "推进", "完善", "强化"];
    format!("{}{}", random.word(verbs), random.word(SUBJECTS))
}
