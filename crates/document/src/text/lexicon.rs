//! The words of the genre: labels and column heads, each with the field it stands for.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::wordset::WordSet;

/// What a label or column head stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// 牵头单位.
    Lead,
    /// 责任单位.
    Units,
    /// 责任领导.
    Leaders,
    /// 责任人.
    Persons,
    /// 整改时限.
    Deadline,
    /// 完成情况.
    Status,
    /// 整改措施, 整改情况: the response.
    Response,
    /// 整改成效, 进展情况: a response if no other stands before it.
    Progress,
    /// 存在问题: the statement goes on.
    Problem,
    /// A second problem column that details the first.
    Detail,
    /// 工作任务, 工作内容: the task.
    Task,
    /// 排查情况: whether the problem exists.
    Situation,
    /// 序号.
    Serial,
    /// 问题类别.
    Category,
    /// 目标任务: counts as a field of a task.
    Target,
    /// 督导单位, 整改目标, 备注: read over.
    Other,
}

impl Field {
    /// The key of the schema, for the fields that can be missing or empty.
    pub(crate) fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::Lead => "lead_units",
            Self::Units => "responsible_units",
            Self::Leaders => "responsible_leaders",
            Self::Persons => "responsible_persons",
            Self::Deadline => "deadline",
            Self::Status => "status",
            Self::Response => "measures",
            Self::Situation => "situation",
            Self::Target => "targets",
            Self::Progress
            | Self::Problem
            | Self::Detail
            | Self::Task
            | Self::Serial
            | Self::Category
            | Self::Other => return None,
        })
    }

    /// Whether the field is one line of names or a date rather than free text.
    pub(crate) fn is_short(self) -> bool {
        matches!(
            self,
            Self::Lead
                | Self::Units
                | Self::Leaders
                | Self::Persons
                | Self::Deadline
                | Self::Serial
                | Self::Category
        )
    }
}

/// Exact labels, without spaces, folded.
const LABELS: &[(Field, &str)] = &[
    (
        Field::Lead,
        "牵头单位 牵头部门 主办单位 主办部门 主责单位 主责部门 牵头科室 牵头责任单位 \
         牵头责任部门 牵头股室 总牵头单位",
    ),
    (
        Field::Units,
        "责任单位 责任部门 责任科室 责任股室 责任处室 责任主体 责任站所 责任办公室 配合单位 \
         配合部门 配合科室 协办单位 协办部门 协同单位 协同部门 协作单位 参与单位 承办单位 \
         落实单位 整改单位 配合责任单位 责任村 责任村居 责任乡镇 实施单位 责任单位(部门) \
         责任部门(单位) 责任单位及责任人 责任单位和责任人 责任单位(人) 责任单位/部门",
    ),
    (
        Field::Leaders,
        "责任领导 牵头领导 分管领导 包抓领导 主管领导 包案领导 包保领导 挂点领导 挂钩领导 \
         联系领导 牵头责任领导 责任县领导 牵头县领导 分管县领导 县级责任领导 责任班子成员 \
         分管责任领导 县级领导",
    ),
    (
        Field::Persons,
        "责任人 责任人员 具体责任人 直接责任人 第一责任人 主要责任人 整改责任人 责任干部 \
         责任者 责任人及职务 责任人(职务) 具体负责人 负责人 承办人 经办人 办理人 \
         整改负责人 包保责任人 具体承办人",
    ),
    (
        Field::Deadline,
        "整改时限 完成时限 完成期限 完成时间 整改期限 整改时间 整改完成时限 整改完成时间 \
         整改完成期限 办结时限 时限要求 时限 完成日期 计划完成时间 预计完成时间 拟完成时间 \
         时间节点 时间要求 完成时间节点 完成时间要求 整改到位时间 限期 整改限期 时间安排 期限 \
         完成时限要求 整改时限要求 落实时限 推进时限 销号时限 完成节点 办理时限 办理期限 \
         办结期限 办结时间 处置时限 处置期限 整改截止时间 截止时间 截止日期",
    ),
    (
        Field::Status,
        "完成情况 整改状态 整改结果 整改进度 完成状态 当前状态 整改完成情况 状态 销号情况 \
         进展状态 是否完成 是否整改 是否销号 办理状态 目前状态 是否完成整改 整改状况 \
         整改销号情况 办理结果 处理结果 销号结果 落实结果 是否整改到位 完成进度 办结情况 是否办结 工作状态 是否整改完成 整改结论",
    ),
    (
        Field::Response,
        "整改措施 整改情况 整改进展 整改进展情况 整改落实情况 整改举措 具体措施 主要措施 \
         工作措施 措施 落实情况 采取措施 采取的措施 已采取措施 已采取的措施 整改落实 \
         整改工作情况 具体整改措施 整改方法 整改办法 具体举措 主要举措 工作举措 主要做法 \
         具体做法 整改过程 整改经过 办理措施 办理过程 处置措施 处置情况 整改措施及成效 整改措施和成效 整改措施及完成情况 整改措施及进展 \
         整改措施及进展情况 整改措施和进展情况 整改情况及成效 整改实施情况 处理情况 办理情况 \
         落实措施 解决措施 整改具体措施 整改主要措施 整改工作措施 整改工作进展 \
         整改工作进展情况 整改落实措施 整改具体情况 具体整改情况 目前整改情况 整改进展及成效 \
         整改措施落实情况 措施及成效 措施及进展 整改对策 整改方案 针对性措施 应对措施 \
         整改建议 整改意见 处理意见 处理建议 审计建议 整改措施(举措) 整改内容 整改做法 整改措施或整改情况",
    ),
    (
        Field::Progress,
        "整改成效 进展情况 工作进展 目前进展 目前进展情况 整改效果 取得成效 工作成效 进展成效 \
         工作进展情况 整改完成进展 成效 下一步措施 下步措施 下一步整改措施 下一步打算 \
         下一步工作 下一步计划 下步打算 下步工作 整改进展成效 进展",
    ),
    (
        Field::Problem,
        "存在问题 存在的问题 主要问题 具体问题 反馈问题 问题 问题描述 问题表现 具体表现 \
         主要表现 问题内容 反馈意见 巡察反馈问题 巡视反馈问题 问题具体表现 审计发现问题 \
         发现问题 发现的问题 反馈的问题 问题简述 问题摘要 存在的主要问题 存在主要问题 \
         问题事实 审计查出问题 查出问题 问题情况 问题及表现 问题详情 检查发现问题 问题名称 \
         整改问题 问题清单 反馈问题内容 督查发现问题 考核反馈问题 问题具体描述 存在问题描述 \
         整改事项 反馈具体问题 问题表述 具体问题描述 审计发现的问题 巡察发现问题 \
         发现的具体问题 问题点 检视问题 查摆问题 剖析问题 问题隐患 存在隐患 隐患描述 \
         隐患内容 隐患问题 安全隐患 反映问题 信访问题 信访事项 诉求内容 群众诉求 \
         群众反映 投诉内容 举报内容 反映内容 交办问题 扣分原因 失分原因 失分情况 扣分事项 失分事项 \
         扣分问题 失分问题 扣分点 失分点",
    ),
    (
        Field::Task,
        "工作任务 重点任务 主要任务 任务 任务内容 工作内容 主要内容 具体任务 任务名称 \
         工作事项 重点工作 具体内容 任务要求 工作要求 任务事项 整改任务 任务分解 重点工作任务 \
         具体工作 重点工作内容 工作任务内容",
    ),
    (
        Field::Situation,
        "排查情况 自查情况 存在情况 是否存在 自查结果 排查结果 自查自纠情况 问题是否存在 \
         是否存在此类问题 是否存在该问题 对照检查情况",
    ),
    (
        Field::Serial,
        "序号 编号 问题编号 问题序号 任务编号 任务序号 号 交办编号 工单号 工单编号 登记编号 受理编号 \
         案件编号",
    ),
    (
        Field::Category,
        "问题类别 类别 问题类型 问题分类 类型 方面 问题所属类别 所属类别 所属领域 问题领域 \
         领域 分类 问题方面 反馈方面 大类 项目 任务类别 工作类别 问题大类 板块 专项 问题性质 考核指标 \
         指标名称 一级指标",
    ),
    (
        Field::Target,
        "目标任务 工作目标 整改目标 目标 任务目标 年度目标 预期目标 目标要求 预期成效 \
         整改目标要求 绩效目标 具体目标",
    ),
    (
        Field::Other,
        "整改要求 督导单位 督办单位 验收单位 督导领导 验收标准 销号标准 整改标准 原因分析 \
         问题原因 产生原因 存在原因 成因分析 原因 备注 联系人 联系电话 监督电话 督办领导 \
         验收人 督导部门 督办部门 验收部门 佐证资料 佐证材料 监督单位 监督部门 问题来源 \
         反馈时间 督查单位 督办人 督导人 监管单位 长效机制 责任追究 问责情况 指导单位 \
         反馈单位 邮政信箱 电子邮箱 联系方式 存在问题原因 问题成因 问题产生原因 整改难点 来源 \
         销号时间 验收结果 验收情况 验收时间 核查单位 核查人 审核人 填表人 主管单位 主管部门 \
         整改依据 工作依据 政策依据 反馈日期 整改类型 发现时间 发现来源 检查单位 追责问责情况 \
         监督人 监督责任人 督导责任人 包村领导 涉及金额 涉及单位 存在困难 困难问题 典型案例 \
         联络员 责任类型 整改难度 审批人 审核单位 牵头人 回头看结果 回头看情况 检查日期 检查时间 \
         排查日期 排查时间 督查时间 检查人 检查人员 暗访时间 核实情况 调查情况 调查核实 \
         核查情况 调查核实情况 调查结果 扣分 扣分值 失分 分值 得分 标准分 权重 群众评价 是否满意 \
         满意度 回访情况 反映人 信访人 诉求人 来电时间 受理时间 交办时间 交办日期",
    ),
];

/// Words that may stand before a label without changing it.
const PREFIXES: &str = "整改 问题 县级 市级 区级 镇级 乡级 乡镇 村级 街道 第一 直接 主要 具体 工作 局 镇 县 \
     市 区 乡 村 党委 班子 本级 整改工作";

/// Who finds problems: before the name of a problem field they do not change it.
const BODIES: &str =
    "环保督察 督察 督查 督导 巡察 巡视 审计 考核 检查 评估 暗访 省级 上级 专项检查";

/// Longest label in characters, spaces not counted.
pub(crate) const LABEL_LENGTH_MAX: usize = 12;

/// The field of a label, exact or behind one prefix; spaces and colon already taken away.
pub(crate) fn field_of(name: &str) -> Option<Field> {
    if name.is_empty() || name.chars().count() > LABEL_LENGTH_MAX {
        return None;
    }
    known(name).or_else(|| {
        name.chars().any(|c| simplified(c).is_some()).then_some(())?;
        let other: String = name.chars().map(|c| simplified(c).unwrap_or(c)).collect();
        known(&other)
    })
}

fn known(name: &str) -> Option<Field> {
    exact(name)
        .or_else(|| {
            name.chars().last().filter(|c| may_end(*c))?;
            PREFIX_LIST
                .iter()
                .filter_map(|p| name.strip_prefix(p))
                .find_map(|rest| exact(rest).filter(|_| rest.chars().count() >= 3))
        })
        .or_else(|| {
            // 督察反馈问题, 考核发现问题: whoever found it.
            name.ends_with("问题").then_some(())?;
            BODIES
                .split(' ')
                .filter_map(|body| name.strip_prefix(body))
                .find_map(|rest| exact(rest).filter(|f| *f == Field::Problem))
        })
        .or_else(|| {
            // 督导发现：…, 检查发现：…
            let body = name.strip_suffix("发现")?;
            BODIES.split(' ').any(|known| known == body).then_some(Field::Problem)
        })
        .or_else(|| {
            // 责任单位(责任人), 责任单位及时限: the first part names the field.
            let (first, _) = name.split_once(['(', '及', '和', '与', '/'])?;
            exact(first).filter(|f| f.is_short() && first.chars().count() >= 3)
        })
        .or_else(|| {
            // 整改措施1, 整改措施二
            let base = without_number(name)?;
            exact(base).filter(|f| *f == Field::Response)
        })
}

/// A label in front of its number: 整改措施 of 整改措施1.
pub(crate) fn without_number(name: &str) -> Option<&str> {
    let base =
        name.trim_end_matches(|c: char| c.is_ascii_digit() || super::glyph::is_han_numeral(c));
    (base.len() < name.len() && !base.is_empty()).then_some(base)
}

/// A character of a label in its simplified form.
fn simplified(c: char) -> Option<char> {
    Some(match c {
        '責' => '责',
        '單' => '单',
        '牽' => '牵',
        '頭' => '头',
        '時' => '时',
        '領' => '领',
        '導' => '导',
        '問' => '问',
        '題' => '题',
        '現' => '现',
        '實' => '实',
        '際' => '际',
        '況' => '况',
        '進' => '进',
        '結' => '结',
        '項' => '项',
        '務' => '务',
        '類' => '类',
        '別' => '别',
        '編' => '编',
        '號' => '号',
        '門' => '门',
        '處' => '处',
        '體' => '体',
        '標' => '标',
        '辦' => '办',
        '協' => '协',
        '員' => '员',
        '參' => '参',
        '與' => '与',
        '達' => '达',
        '長' => '长',
        '狀' => '状',
        '態' => '态',
        '銷' => '销',
        '個' => '个',
        '組' => '组',
        '級' => '级',
        '縣' => '县',
        '鄉' => '乡',
        '鎮' => '镇',
        '間' => '间',
        '計' => '计',
        '劃' => '划',
        '備' => '备',
        '註' => '注',
        _ => return None,
    })
}

/// Whether a character ends some label: most names are dismissed by it.
fn may_end(c: char) -> bool {
    static LAST: LazyLock<WordSet> = LazyLock::new(|| {
        let names = LABELS.iter().flat_map(|(_, names)| names.split_whitespace());
        let last: Vec<String> = names.filter_map(|n| n.chars().last()).map(String::from).collect();
        WordSet::of(last.iter().map(|c| (c.as_str(), ())))
    });
    LAST.starts(&[c])
}

fn exact(name: &str) -> Option<Field> {
    if !name.chars().last().is_some_and(may_end) {
        return None;
    }
    static TABLE: LazyLock<HashMap<&'static str, Field>> = LazyLock::new(|| {
        LABELS
            .iter()
            .flat_map(|(field, names)| names.split_whitespace().map(|n| (n, *field)))
            .collect()
    });
    TABLE.get(name).copied()
}

static PREFIX_LIST: LazyLock<Vec<&str>> = LazyLock::new(|| PREFIXES.split_whitespace().collect());

/// Words of a shortcoming: a title or sentence that holds one states a problem.
const SHORTCOMINGS: &str = "不到位 不够 不足 不严 不实 不力 不准 不全 不规范 不完善 不及时 不高 不深 不清 不明 \
     不符 不强 不大 不彻底 不扎实 不健全 不完整 不平衡 不精准 不合理 不落实 不细 不好 \
     不畅 不一致 不主动 不紧 不经常 不充分 不科学 不通 不能 不善 不重视 未 没有 缺 滞后 \
     薄弱 较弱 弱化 差距 缓慢 拖延 超标 违规 违反 短板 漏 偏差 偏低 偏弱 形式主义 问题 \
     现象 风险 较慢 较低 较差 较短 过高 过大 依赖 闲置 挪用 松懈 虚 不佳 不得力 松散 混乱 \
     粗放 单一 不多 畏难 流于形式 敷衍 走过场 脱节 浪费 空泛 涂改 错误 遗漏 超期 逾期 \
     拖欠 滞留 截留 挤占 虚报 冒领 套取 多计 少计 不齐 不熟 不广 不匹配 难度大 欠缺 缺失 \
     不当 不妥 偏少 偏高 不牢 不稳 不透 无法 随意 不顺 不严肃 不敢 不愿 不积极 不均 \
     仅为 仅占 仅有 仅完成 不统一 不相符 重复 差异 不优 不硬 隐患 失真 失职 空转 等靠要 宽松软 打折扣 推诿 扯皮";

/// Words that only the response uses, at the head of a clause.
const ACTIONS: &str = "已 召开 制定 修订 组织 开展 建立 加强 加大 完善 健全 印发 督促 对照 严格 强化 落实 \
     补齐 补缴 清退 追缴 收回 约谈 明确 举一反三 推进 协调 安排 积极 全面 进一步 持续 \
     成立 规范 重新 立即 通过 拆除 补办 补发 退还 出台 提请 举办 坚持 提高 压实 优化 深化 \
     聚焦 立足 责成 改变 动员 整合 深入 引导 发挥 关注 认真 及时 定期 精简 压减 压缩 取消 \
     整治 清理 排查 核查 培训 调整 选派 选聘 开通 设立 编制 委托 投入 争取 增加 新建 修复 \
     更新 更换 补录 完成 实行 推行 推动 建成 退回 追回 收缴 整理 制作 邀请 协助 帮助 指导 \
     走访 处理 处分 通报 督查 督导 核实 复核 核减 扣减 上缴 拨付 兑付 兑现 发放 联合 依托 \
     结合 按照 根据 围绕 利用 采取 探索 统筹 配备 增设 购置 搭建 打造 培育 引进 集中 逐户 \
     逐一 逐村 逐项 重点 严肃 严控 严把 确保 做好 做实 抓好 抓实 加快 签订 制订 细化 补充 \
     补签 补正 更正 纠正 撤销 注销 盘活 实施 发布 公开 公示 提醒 批评 同步 分类 倒排";

/// Headings under which no findings stand.
const GENERAL: &str = "指导思想 总体要求 总体目标 工作目标 工作要求 整改要求 保障措施 组织领导 组织保障 \
     工作原则 基本原则 下一步 下步 基本情况 总体情况 工作步骤 实施步骤 时间安排 方法步骤 \
     有关要求 相关要求 几点体会 经验做法 附件 存在困难 意见建议 工作打算 组织实施 \
     主体责任情况 整改工作组织 工作开展情况 整改总体 主要做法 目标任务 整改目标 提高认识 \
     提高思想 提高政治 总体安排 步骤 高度重视 加强领导";

/// Words that tell a report on measures from a statement of a problem, anywhere in it.
const DONE: &str = "已完成 已整改 予以 已于 责令 督促 补齐 清退 收回 约谈 截至目前 目前已 举一反三 立即 专题研究 确保 \
     进一步 切实 已全部 补缴 追回 退回 上缴 开展了 召开了 制定了";

/// Words that alone do not make a title the statement of a problem.
const VAGUE: [&str; 5] = ["问题", "现象", "风险", "虚", "漏"];

/// Whether a title belongs to the general part of a document.
pub(crate) fn is_general(title: &[char]) -> bool {
    static SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(GENERAL, &[]));
    // 基层党组织领导班子 is a field of findings, 组织领导 a closing section.
    const BODY: [char; 5] = ['党', '组', '织', '领', '导'];
    match title.windows(BODY.len()).position(|w| w == BODY) {
        Some(at) => {
            let (head, tail) = title.split_at_checked(at).unwrap_or_default();
            SET.found_in(head) || SET.found_in(tail.get(BODY.len()..).unwrap_or_default())
        }
        None => SET.found_in(title),
    }
}

/// Whether a text states a shortcoming.
pub(crate) fn is_shortcoming(text: &[char]) -> bool {
    static SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(SHORTCOMINGS, &[]));
    SET.found_in(text)
}

/// Whether a title itself states a shortcoming, not only the word 问题.
pub(crate) fn is_problem(text: &[char]) -> bool {
    static SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(SHORTCOMINGS, &VAGUE));
    // 未脱贫户 is a group of households, not a shortcoming.
    const GROUP: [char; 3] = ['未', '脱', '贫'];
    if text.contains(&'贫') && text.windows(GROUP.len()).any(|w| w == GROUP) {
        let text = String::from_iter(text).replace("未脱贫", "");
        return SET.found_in(&text.chars().collect::<Vec<char>>());
    }
    SET.found_in(text)
}

/// Whether a clause begins like a response.
pub(crate) fn begins_action(text: &[char]) -> bool {
    static SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(ACTIONS, &[]));
    SET.starts(text)
}

/// Whether a text speaks of what was done.
pub(crate) fn tells_of_action(text: &[char]) -> bool {
    static SET: LazyLock<WordSet> = LazyLock::new(|| WordSet::new(DONE, &[]));
    SET.found_in(text)
}

/// Last characters of names of organs.
const ORGANS: &str = "政府 委员会 党委 局 办公室 办 领导小组 支部 党组 党工委 中心 村委会 居委会 院 公司 厅 会 组 部 校 学校 站 \
     大队 镇 乡 县委 市委 区委 街道 所 室 处 工委 党总支 各村 各乡镇 各单位 各部门 监委 纪委 支队 银行 分行 支行 \
     科 股 队 协会 联社 合作社 各科室 各股室 园区 管委会 执法局 团委 工会 妇联 残联 村 社区";

/// Whether a short text names an organ.
pub(crate) fn is_organ(text: &str) -> bool {
    static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| ORGANS.split_whitespace().collect());
    (2..=40).contains(&text.chars().count())
        && ENDINGS.iter().any(|word| text.ends_with(word))
        && !text.chars().any(|c| matches!(c, '。' | '；' | ';' | '，' | ',' | '：' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_their_variants_name_fields() {
        for (name, field) in [
            ("责任人", Some(Field::Persons)),
            ("整改责任单位", Some(Field::Units)),
            ("县级牵头单位", Some(Field::Lead)),
            ("整改时限", Some(Field::Deadline)),
            ("督导单位", Some(Field::Other)),
            ("今天", None),
        ] {
            assert_eq!(field_of(name), field, "{name}");
        }
    }

    #[test]
    fn no_label_stands_for_two_fields() {
        let mut seen = std::collections::HashMap::new();
        for (field, names) in LABELS {
            for name in names.split_whitespace() {
                assert!(seen.insert(name, *field).is_none(), "{name} stands twice");
                assert!(name.chars().count() <= LABEL_LENGTH_MAX, "{name} is too long");
            }
        }
    }
}
