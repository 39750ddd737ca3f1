//! Claimed numbers of aspects, problems, tasks and statuses against what the document holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::Draft;
use super::blocks::{clause, finding_at, has, lead, part, same, says};
use crate::anatomy::Anatomy;
use crate::model::{CheckKind, CheckPart, CheckResult, Figure, Number, Section, StatusValue};
use crate::source::{Source, Span};
use crate::text::wordset::WordSet;

/// Words in a sentence that speaks about the document's own findings.
static ABOUT_FINDINGS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "反馈 指出 提出 存在 发现 涉及 对照 梳理 合计 共 检查 \
         审计 巡察 查出 列出 移交 交办 问题清单 对标",
        &[],
    )
});
/// Words that say so beyond doubt: only then is a number that does not fit called wrong.
static FED_BACK: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "反馈 指出 提出 合计 共计 梳理 移交 交办 存在 涉及 查出 \
         对照 认领",
        &[],
    )
});
/// Words of other problems, found or settled in the course of the work.
static OTHER_PROBLEMS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "解决 化解 自查 排查 督查发现 督导发现 暗访 处理 办理 \
         受理 协调",
        &[],
    )
});
/// Nouns for a problem behind the measure word.
const PROBLEM: &[&str] = &[
    "问题",
    "的问题",
    "方面问题",
    "方面的问题",
    "具体问题",
    "突出问题",
    "反馈问题",
    "整改问题",
    "共性问题",
    "个性问题",
    "主要问题",
    "大类问题",
    "事项",
    "问题事项",
    "整改事项",
    "大方面问题",
    "类问题",
];
/// Nouns for a problem before the numeral (个性问题3个).
const PROBLEM_BEFORE: &[&str] = &["问题", "问题共", "问题共计", "问题合计", "问题总数", "整改事项"];
/// Nouns for a task.
const TASK: &[&str] = &["重点任务", "任务", "工作任务", "具体任务", "主要任务"];

/// Words that tell common problems from a place's own, in a claim and in a heading.
const KINDS: [&str; 2] = ["共性", "个性"];

/// What a figure claims to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Aspects,
    Problems,
    Tasks,
    Status(StatusValue),
}

/// All counts of the document.
pub fn find(source: &Source, anatomy: &Anatomy, figures: &[Figure], out: &mut Vec<Draft>) {
    if anatomy.findings.is_empty() && anatomy.tasks.is_empty() {
        return;
    }
    let counts = Counts::of(anatomy);
    let mut last_problem: Option<usize> = None;
    for figure in figures.iter().filter(|f| !f.optional) {
        let Some(claim) = claim(source, figure) else { continue };
        let draft = match claim {
            Claim::Problems | Claim::Tasks => {
                let draft = counts.problems(source, anatomy, figure, claim);
                if draft.is_some() {
                    last_problem = Some(figure.span.end);
                }
                draft
            }
            Claim::Aspects => counts.aspects(source, anatomy, figure),
            Claim::Status(value) => {
                let near =
                    last_problem.is_some_and(|end| figure.span.start.saturating_sub(end) < 160);
                counts.status(anatomy, figure, value).filter(|_| near)
            }
        };
        out.extend(draft);
    }
}

/// What `figure` claims, judged by the words next to it.
fn claim(source: &Source, figure: &Figure) -> Option<Claim> {
    if !matches!(figure.unit.as_str(), "个" | "类" | "条" | "项" | "件" | "户")
        || figure.value.0 < 1.0
    {
        return None;
    }
    let end = figure.span.end;
    let follows = |words: &[&str]| words.iter().any(|word| source.starts_with(end, word));
    if follows(PROBLEM) {
        return Some(Claim::Problems);
    }
    if follows(&["方面", "大方面", "大类"]) {
        return Some(Claim::Aspects);
    }
    if follows(TASK) {
        return Some(Claim::Tasks);
    }
    let before = clause(source, figure.span.start, 12);
    if let Some(value) = status_word(source, before) {
        return Some(Claim::Status(value));
    }
    let noun = PROBLEM_BEFORE
        .iter()
        .any(|word| crate::figures::ends_with(source, figure.span.start, word));
    noun.then_some(Claim::Problems)
}

/// The status that the words before a figure name.
fn status_word(source: &Source, words: Span) -> Option<StatusValue> {
    let names = |list: &[&str]| has(source, words, list);
    if names(&["基本完成", "阶段性完成", "部分完成"]) {
        Some(StatusValue::Partial)
    } else if names(&["未完成", "未启动", "未整改", "尚未"]) {
        Some(StatusValue::NotStarted)
    } else if names(&["正在", "推进", "持续整改", "整改中", "持续推进"]) {
        Some(StatusValue::InProgress)
    } else if names(&["长期坚持", "长期整改"]) {
        Some(StatusValue::Ongoing)
    } else if names(&["完成", "已整改", "整改到位", "销号", "办结", "整改完毕"]) {
        Some(StatusValue::Completed)
    } else {
        None
    }
}

/// Whether the sentence before a claim speaks of the problems that the document answers.
fn is_fed_back(source: &Source, figure: &Figure) -> bool {
    let sentence = lead(source, figure.span.start, 80);
    says(source, sentence, &FED_BACK)
        && !says(source, clause(source, figure.span.start, 16), &OTHER_PROBLEMS)
}

/// How many of each thing the document holds.
struct Counts {
    findings: usize,
    problems: usize,
    tasks: usize,
    /// Numbers that aspects may be: headings above the findings, top headings, categories.
    aspects: BTreeSet<usize>,
    /// The likeliest number of aspects.
    main_aspects: usize,
    /// Findings in each status, by its place in [`StatusValue`].
    by_status: [usize; 5],
    with_status: usize,
    /// For each section, the offset at which what stands below it ends.
    section_ends: Vec<usize>,
    /// The first section whose title names common problems, and the first that names a place's own.
    of_kind: [Option<usize>; 2],
}

impl Counts {
    fn of(anatomy: &Anatomy) -> Self {
        let mut by_status = [0; 5];
        let mut with_status = 0;
        for status in anatomy.findings.iter().filter_map(|f| f.status.as_ref()) {
            with_status += 1;
            if let Some(slot) = by_status.get_mut(status.value as usize) {
                *slot += 1;
            }
        }
        let category = distinct(anatomy.findings.iter().filter_map(|f| f.category.as_ref()));
        let [top, second] = headings_above(anatomy);
        let main_aspects = [second, top, category].into_iter().find(|n| *n > 0).unwrap_or(0);
        let mut aspects = BTreeSet::from([second, top, category]);
        aspects.insert(anatomy.findings.len());
        aspects.remove(&0);
        Self {
            findings: anatomy.findings.len(),
            problems: enumerated_problems(anatomy),
            tasks: anatomy.tasks.len(),
            aspects,
            main_aspects,
            by_status,
            with_status,
            section_ends: section_ends(&anatomy.sections),
            of_kind: KINDS
                .map(|word| anatomy.sections.iter().position(|s| s.title.text.contains(word))),
        }
    }

    /// A claimed number of problems or tasks.
    fn problems(
        &self,
        source: &Source,
        anatomy: &Anatomy,
        figure: &Figure,
        claim: Claim,
    ) -> Option<Draft> {
        let sentence = lead(source, figure.span.start, 80);
        let claimed = figure.value.0;
        if claim == Claim::Tasks {
            let plain = self.tasks > 0 && finding_at(anatomy, figure.span.start).is_none();
            let fits = same(claimed, number(self.tasks));
            return (plain && fits).then(|| count(figure, "tasks", self.tasks, false));
        }
        if self.findings == 0 || !says(source, sentence, &ABOUT_FINDINGS) {
            return None;
        }
        let inside = finding_at(anatomy, figure.span.start).is_some();
        if let Some((name, here)) = self.scope(source, anatomy, figure) {
            let wrong = here == self.findings || !same(claimed, number(self.findings));
            let wrong = wrong && !inside && is_fed_back(source, figure);
            if same(claimed, number(here)) || wrong {
                return Some(count(figure, &name, here, far(claimed, here)));
            }
        }
        if same(claimed, number(self.findings)) {
            return Some(count(figure, "findings", self.findings, false));
        }
        if inside {
            return None;
        }
        if same(claimed, number(self.problems)) {
            return Some(count(figure, "problems", self.problems, false));
        }
        if !is_fed_back(source, figure) {
            return None;
        }
        let aspects = source.starts_with(figure.span.end, "方面") || figure.unit == "类";
        if aspects && let Some(n) = self.aspects.iter().find(|n| same(claimed, number(**n))) {
            return Some(count(figure, "aspects", *n, false));
        }
        Some(count(figure, "findings", self.findings, far(claimed, self.findings)))
    }

    /// A claimed number of aspects.
    fn aspects(&self, source: &Source, anatomy: &Anatomy, figure: &Figure) -> Option<Draft> {
        let claimed = figure.value.0;
        let next = Span::new(figure.span.end, (figure.span.end + 8).min(source.len()));
        let problems_follow = has(source, next, &["问题", "个", "项", "条"]);
        if self.main_aspects == 0
            || !says(source, lead(source, figure.span.start, 80), &ABOUT_FINDINGS)
        {
            return None;
        }
        let measures = has(source, next, &["措施"]);
        if measures || !problems_follow {
            return None;
        }
        if let Some(n) = self.aspects.iter().find(|n| same(claimed, number(**n))) {
            return Some(count(figure, "aspects", *n, false));
        }
        let inside = finding_at(anatomy, figure.span.start).is_some();
        let n = self.main_aspects;
        (!inside && is_fed_back(source, figure))
            .then(|| count(figure, "aspects", n, far(claimed, n)))
    }

    /// A claimed number of findings in a status.
    fn status(&self, anatomy: &Anatomy, figure: &Figure, value: StatusValue) -> Option<Draft> {
        if self.with_status * 2 < self.findings || self.with_status == 0 {
            return None;
        }
        if finding_at(anatomy, figure.span.start).is_some() {
            return None;
        }
        let name = match value {
            StatusValue::Completed => "status=completed",
            StatusValue::InProgress => "status=in_progress",
            StatusValue::Partial => "status=partial",
            StatusValue::NotStarted => "status=not_started",
            StatusValue::Ongoing => "status=ongoing",
        };
        let found = *self.by_status.get(value as usize)?;
        Some(count(figure, name, found, false))
    }

    /// The findings under the section in which the claim stands, or under the section whose title
    /// shares 共性 or 个性 with the claim; with the section's name.
    fn scope(
        &self,
        source: &Source,
        anatomy: &Anatomy,
        figure: &Figure,
    ) -> Option<(String, usize)> {
        let around =
            Span::new(figure.span.start.saturating_sub(8), (figure.span.end + 6).min(source.len()));
        let kind = KINDS.iter().position(|word| has(source, around, &[word]));
        let section = kind.and_then(|kind| self.of_kind.get(kind).copied().flatten());
        let index = section.or_else(|| section_index(anatomy, figure.span.start))?;
        let section = anatomy.sections.get(index)?;
        let end = self.section_ends.get(index).copied()?;
        let first = anatomy.findings.partition_point(|f| f.span.start <= section.start);
        let last = anatomy.findings.partition_point(|f| f.span.start < end);
        let count = last.saturating_sub(first);
        (count > 0).then(|| (format!("findings under {}", section.path), count))
    }
}

/// How many headings of level 1 and of level 2 have findings below them.
fn headings_above(anatomy: &Anatomy) -> [usize; 2] {
    let index: BTreeMap<&str, &Section> =
        anatomy.sections.iter().map(|section| (section.id.as_str(), section)).collect();
    let mut above: [BTreeSet<usize>; 2] = [BTreeSet::new(), BTreeSet::new()];
    for finding in &anatomy.findings {
        let own = finding.section.as_deref().and_then(|id| index.get(id));
        let mut node = match own {
            Some(own) => own.parent.as_deref().and_then(|id| index.get(id)).copied(),
            None => section_index(anatomy, finding.span.start)
                .and_then(|index| anatomy.sections.get(index)),
        };
        while let Some(section) = node {
            if let Some(set) = section.level.checked_sub(1).and_then(|level| above.get_mut(level)) {
                set.insert(section.start);
            }
            node = section.parent.as_deref().and_then(|id| index.get(id)).copied();
        }
    }
    above.map(|set| set.len())
}

/// Number of problems if some finding enumerates its problems, else 0: only enumerated problems
/// are ever counted by a document.
fn enumerated_problems(anatomy: &Anatomy) -> usize {
    let problems = || anatomy.findings.iter().flat_map(|f| &f.problems);
    if problems().any(|p| p.ordinal.is_some()) { problems().count() } else { 0 }
}

/// Number of distinct places among the pieces; a heading is one place however often it is named.
fn distinct<'a>(pieces: impl Iterator<Item = &'a crate::model::Piece>) -> usize {
    let texts: BTreeSet<&str> = pieces.map(|piece| piece.text.as_str()).collect();
    texts.len()
}

/// A claim so far from what is found that the document plainly details only some (rule C2).
fn far(claimed: f64, found: usize) -> bool {
    let found = number(found);
    claimed > 1.6 * found || claimed < 0.6 * found
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of items in one document")]
fn number(count: usize) -> f64 {
    count as f64
}

/// Index of the section in whose own text `at` stands; sections stand in text order.
fn section_index(anatomy: &Anatomy, at: usize) -> Option<usize> {
    anatomy.sections.partition_point(|section| section.start <= at).checked_sub(1)
}

/// For each section, the start of the next one that is not below it.
fn section_ends(sections: &[Section]) -> Vec<usize> {
    let mut ends = vec![usize::MAX; sections.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        while let Some((above, _)) = open.pop_if(|(_, level)| *level >= section.level) {
            if let Some(end) = ends.get_mut(above) {
                *end = section.start;
            }
        }
        open.push((index, section.level));
    }
    ends
}

/// A count check.
fn count(figure: &Figure, name: &str, found: usize, optional: bool) -> Draft {
    let found = number(found);
    let holds = same(figure.value.0, found);
    Draft {
        kind: CheckKind::Count,
        holds,
        result: CheckResult::Part(part(figure)),
        operands: vec![CheckPart::Count { count_of: name.to_owned(), value: Number(found) }],
        computed: found,
        note: format!("{} claimed, {found} found", figure.value.0),
        optional: optional && !holds,
    }
}
