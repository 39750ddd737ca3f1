//! `taizhang rule`: the rules of a codebook, one rule in words, and a condition tried on a
//! snapshot.

use super::asked::{Named, engine_fault, unknown, without_data};
use super::replay::ReplayRule;
use super::rule_blank::{Blank, Blanks, blanks};
use super::snapshot::{BLIND_ADVICE, Source, blind_rules};
use crate::exit::Exit;
use crate::output::Output;
use crate::place::Place;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use taizhang_codebook::{Citation, Codebook, FieldType, RuleKind, RuleSource};
use taizhang_diagnostics::{Language, columns_of, padded};
use taizhang_engine::error::EngineError;
use taizhang_engine::output::each_doubt;
use taizhang_engine::run::{DoubtChunk, DoubtSink, Options, Report, RuleSummary, goes_by_row, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::Program;
use taizhang_rules::{Rule, explain, kind_label, severity_label, trial};
use taizhang_service::ServiceError;
use taizhang_values::Date;

/// Acts on rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// 列出规则 (list the rules)
    List(List),
    /// 说明一条规则：读什么、依据什么参数、从何日起 (one rule in words)
    #[command(after_help = "示例 Examples:\n  taizhang rule explain ARC-003\n  taizhang rule \
                            explain --program person")]
    Explain(Explain),
    /// 在快照上试一个条件，看有多少记录、前几条是哪些 (try a condition on a snapshot)
    #[command(after_help = "示例 Examples:\n  taizhang rule try \"size(vehicles) > 0\" --ledger \
                            household --snapshot 快照目录\n  taizhang rule try \
                            \"age(birth_date) > 100\" --ledger person --data /srv/taizhang")]
    Try(Try),
    /// 用往期快照回放试行的规则：会标出谁、何时、多少 (replay an edition in trial over snapshots)
    #[command(after_help = "示例 Examples:\n  taizhang rule replay ARC-003 --snapshots \
                            /srv/taizhang/snapshots --codebook /srv/taizhang/codebook\n  taizhang \
                            rule replay ARC-003.md --snapshots 快照目录")]
    Replay(ReplayRule),
}

/// Which codebook.
#[derive(Debug, Args)]
pub(super) struct Book {
    /// 码本目录，不填则用自带的 (codebook, or overrides of the shipped one)
    #[arg(long, value_name = "DIR")]
    pub(super) codebook: Option<PathBuf>,
    /// 哪一天，不填为今天 (day, today if not given)
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

/// Options of the list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// 只列这个台账的 (only rules of this ledger)
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    #[command(flatten)]
    book: Book,
}

/// Which rule.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// 规则代码 (code of the rule)
    #[arg(required_unless_present = "program")]
    code: Option<String>,
    /// 加上引擎怎么算；写台账名则说明该台账全部规则共用的步骤 (with the steps of the engine; of a
    /// ledger: the steps that its rules share)
    #[arg(long, value_name = "LEDGER", num_args = 0..=1)]
    program: Option<Option<String>>,
    #[command(flatten)]
    book: Book,
}

/// What to try.
#[derive(Debug, Args)]
pub(crate) struct Try {
    /// 条件，写法见 docs/rules.md (condition)
    expression: String,
    /// 台账 (ledger)
    #[arg(long, value_name = "LEDGER")]
    ledger: String,
    /// 快照目录；不填用数据目录 --data 的当前状态，都不填只检查写法 (snapshot, else the present state of
    /// the store of --data; without both only the text is checked)
    #[arg(long, value_name = "DIR")]
    snapshot: Option<PathBuf>,
    /// 显示前几条 (how many records to show)
    #[arg(long, default_value_t = 10)]
    rows: usize,
    #[command(flatten)]
    book: Book,
}

impl RuleCommand {
    pub(crate) fn run(self, place: &Place, output: &Output) -> Result<Exit, ServiceError> {
        let book = match &self {
            Self::List(list) => &list.book,
            Self::Explain(explain) => &explain.book,
            Self::Try(trial) => &trial.book,
            Self::Replay(replay) => &replay.book,
        };
        let Some(on) = super::book::day(book.as_of.as_ref()) else {
            output.note(output.pick("日期写成 2026-11-30", "write the date as 2026-11-30"));
            return Ok(Exit::Faults);
        };
        if let Self::Replay(replay) = &self {
            return replay.run(on, output);
        }
        if let Self::Try(trial) = &self
            && trial.snapshot.is_none()
            && place.is_named()
            && let Some(exit) = without_data(None, place, output)
        {
            return Ok(exit);
        }
        let source = match &self {
            Self::Try(trial) => trial.source(place, on, output)?,
            _ => None,
        };
        let codebook = match &source {
            Some(source) => source.codebook_or(book.codebook.as_ref())?,
            None => super::book::codebook(book.codebook.as_ref())?,
        };
        let codebook = match codebook {
            Ok(codebook) => codebook,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        match self {
            Self::List(list) => list.run(&codebook, on, output),
            Self::Explain(explain) => explain.run(&codebook, on, output),
            Self::Try(trial) => trial.run(&codebook, on, source.as_ref(), output),
            Self::Replay(replay) => replay.run(on, output),
        }
    }
}

/// A line of the list.
#[derive(Serialize)]
struct Line<'a> {
    code: &'a str,
    title: String,
    name: &'a str,
    ledger: &'a str,
    kind: &'a str,
    severity: &'a str,
    since: String,
    until: Option<String>,
    is_in_force: bool,
    source: &'a str,
    /// The same in words.
    sources: Vec<String>,
    #[serde(skip)]
    rule: &'a Rule,
}

impl List {
    fn run(&self, codebook: &Codebook, on: Date, output: &Output) -> Result<Exit, ServiceError> {
        if let Some(name) = self.ledger.as_deref().filter(|name| codebook.ledger(name).is_none()) {
            unknown(Named::Ledger, name, ledger_names(codebook), output);
            return Ok(Exit::NotFound);
        }
        let (rules, faults) = taizhang_rules::check(codebook);
        let wanted = |rule: &&Rule| self.ledger.as_ref().is_none_or(|name| *name == rule.ledger);
        let lines: Vec<Line<'_>> = rules
            .iter()
            .filter(wanted)
            .filter_map(|rule| {
                let source = codebook.rules.get(&rule.code)?;
                Some(Line::new(codebook, source, rule, on, output.language()))
            })
            .collect();
        if output.is_json() {
            output.value(&lines)?;
        } else {
            Self::show(codebook, &lines, output);
        }
        if faults.is_empty() {
            return Ok(Exit::Success);
        }
        output.diagnostics(&faults);
        Ok(Exit::Faults)
    }

    /// A line a rule, with its sources by their short words; the words once, at the end.
    fn show<'a>(codebook: &'a Codebook, lines: &[Line<'a>], output: &Output) {
        let language = output.language();
        let mut named: BTreeMap<&str, String> = BTreeMap::new();
        let mut kinds: BTreeMap<RuleKind, usize> = BTreeMap::new();
        let words = |line: &Line<'a>| {
            let severity = severity_label(codebook, line.rule.severity, language);
            [severity, kind_label(codebook, line.rule.kind, language)]
        };
        let mut widths = [0; 2];
        for line in lines {
            for (width, words) in widths.iter_mut().zip(words(line)) {
                *width = columns_of(words).max(*width);
            }
        }
        let [severity_width, kind_width] = widths;
        for line in lines {
            *kinds.entry(line.rule.kind).or_default() += 1;
            let cited = codebook.citations(line.source);
            let ids: Vec<&str> =
                cited.iter().filter_map(|one| Some(one.source?.id.as_str())).collect();
            for source in cited.iter().filter_map(|one| one.source) {
                let whole = Citation { source: Some(source), passage: "" };
                named.entry(&source.id).or_insert_with(|| whole.text(language));
            }
            let mark = if line.is_in_force { ' ' } else { '-' };
            let [severity, kind] = words(line);
            output.line(&format!(
                "{mark} {:<9} {} {} {:<20} {:<9} {}",
                line.code,
                padded(severity, severity_width),
                padded(kind, kind_width),
                line.ledger,
                ids.join(" "),
                line.title
            ));
        }
        let kinds: Vec<String> = kinds
            .into_iter()
            .map(|(kind, count)| format!("{} {count}", kind_label(codebook, kind, language)))
            .collect();
        let zh = format!("{} 条规则：{}", lines.len(), kinds.join("、"));
        let en = format!("{} rules: {}", lines.len(), kinds.join(", "));
        output.note(output.pick(&zh, &en));
        if !named.is_empty() {
            output.note(output.pick("来源：", "sources:"));
        }
        for (id, words) in named {
            output.note(&format!("  {id:<3} {words}"));
        }
    }
}

impl<'a> Line<'a> {
    fn new(
        codebook: &Codebook,
        source: &'a RuleSource,
        rule: &'a Rule,
        on: Date,
        language: Language,
    ) -> Self {
        let cited = codebook.citations(&source.source);
        Self {
            code: &rule.code,
            title: source.title(language),
            name: &rule.name,
            ledger: &rule.ledger,
            kind: rule.kind.word(),
            severity: rule.severity.word(),
            since: rule.since.to_string(),
            until: rule.until.map(|day| day.to_string()),
            is_in_force: rule.is_in_force(on),
            source: &source.source,
            sources: cited.iter().map(|one| one.text(language)).collect(),
            rule,
        }
    }
}

impl Explain {
    fn run(&self, codebook: &Codebook, on: Date, output: &Output) -> Result<Exit, ServiceError> {
        // `--program ARC-003` means the same as `ARC-003 --program`.
        let named = self.program.as_ref().and_then(Option::as_deref);
        match (self.code.as_deref(), named) {
            (None, Some(ledger)) if codebook.ledger(ledger).is_some() => {
                Self::ledger(codebook, ledger, on, output)
            }
            (None, Some(ledger)) if ledger.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {
                unknown(Named::Ledger, ledger, ledger_names(codebook), output);
                Ok(Exit::NotFound)
            }
            (Some(code), _) | (None, Some(code)) => {
                self.rule(codebook, &code.to_ascii_uppercase(), on, output)
            }
            (None, None) => Err(ServiceError::NotFound),
        }
    }

    /// The steps that a ledger's rules share, as part of the program of all rules.
    fn ledger(
        codebook: &Codebook,
        ledger: &str,
        on: Date,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        let compiled = |source| taizhang_rules::compile(codebook, source).ok();
        let rules: Vec<Rule> = codebook.rules.values().filter_map(compiled).collect();
        let (program, left_out) = taizhang_program::compile(codebook, &rules, on);
        if output.is_json() {
            output.value(&program)?;
            return Ok(Exit::Success);
        }
        let text = program.explain_shared(ledger, &|step| goes_by_row(&program, step));
        output.line(text.trim_end());
        for left in left_out {
            let is_own = |rule: &Rule| rule.code == left.rule && rule.ledger == ledger;
            if rules.iter().any(is_own) {
                let (rule, reason) = (&left.rule, &left.reason);
                let zh = format!("规则`{rule}`不在程序里，由解释器核对：{reason}");
                let en = format!("rule `{rule}` is judged by the interpreter alone: {reason}");
                output.note(output.pick(&zh, &en));
            }
        }
        Ok(Exit::Success)
    }

    fn rule(
        &self,
        codebook: &Codebook,
        code: &str,
        on: Date,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        let Some(source) = codebook.rules.get(code) else {
            unknown(Named::Rule, code, codebook.rules.keys().map(String::as_str), output);
            return Ok(Exit::NotFound);
        };
        let rule = match taizhang_rules::compile(codebook, source) {
            Ok(rule) => rule,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        if output.is_json() {
            output.value(&rule)?;
            return Ok(Exit::Success);
        }
        output.line(&explain(codebook, source, &rule, on, output.language()));
        if self.program.is_some() {
            let (program, _) = taizhang_program::compile(codebook, &[rule], on);
            output.line(&program.explain(None));
        } else {
            output.line(&source.text(output.language()));
        }
        Ok(Exit::Success)
    }
}

fn ledger_names(codebook: &Codebook) -> impl Iterator<Item = &str> {
    codebook.ledgers.values().map(|ledger| ledger.name.as_str())
}

/// True for fields that hold text, which may name people: a terminal shows none of it. Also true
/// for references, which it could only show as numbers, and for what is no field.
fn is_text(codebook: &Codebook, ledger: &str, way: &str) -> bool {
    let mut at = ledger;
    let mut names = way.split('.').peekable();
    while let Some(name) = names.next() {
        let Some(field) = codebook.field(at, name) else {
            // What is known of a sealed field, such as `has(id_number)`, and built-in columns.
            return !way.contains('(') && !matches!(name, "region" | "state");
        };
        match (names.peek(), field.ledger.as_deref()) {
            (Some(_), Some(next)) => at = next,
            (Some(_), None) => return true,
            (None, _) => {
                let kind = field.field_type;
                return matches!(
                    kind,
                    FieldType::Text | FieldType::LongText | FieldType::Texts | FieldType::Reference
                );
            }
        }
    }
    true
}

/// Keeps the first doubts.
struct First {
    rows: usize,
    lines: Vec<[String; 3]>,
}

impl DoubtSink for First {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        if self.lines.len() >= self.rows {
            return Ok(());
        }
        each_doubt(program, &doubts, |[_, _, record, region, _, _, values]| {
            if self.lines.len() < self.rows {
                self.lines.push([record, region, values].map(str::to_owned));
            }
            Ok(())
        })
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        self.lines.clear();
        Ok(())
    }
}

impl Try {
    /// The data to try it on: the snapshot that was named, else that of the store if one was named.
    fn source(
        &self,
        place: &Place,
        on: Date,
        output: &Output,
    ) -> Result<Option<Source>, ServiceError> {
        if self.snapshot.is_none() && !place.is_named() {
            return Ok(None);
        }
        let day = self.book.as_of.as_ref().map(|_| on);
        Source::find(self.snapshot.as_ref(), day, place, output).map(Some)
    }

    fn run(
        &self,
        codebook: &Codebook,
        on: Date,
        source: Option<&Source>,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        let rule = match trial(codebook, &self.ledger, &self.expression) {
            Ok(rule) => rule,
            Err(faults) => {
                output.diagnostics(&faults);
                return Ok(Exit::Faults);
            }
        };
        let Some(source) = source else {
            let zh = format!("写法没有错误；一条记录最多 {} 步", rule.cost);
            let en = format!("no faults; a record takes {} steps at most", rule.cost);
            output.note(output.pick(&zh, &en));
            return Ok(Exit::Success);
        };
        let directory = &source.directory;
        let rules = [rule];
        if !blind_rules(directory, codebook, &rules).is_empty() {
            let [zh, en] = BLIND_ADVICE;
            output.note(output.pick(zh, en));
            return Ok(Exit::Faults);
        }
        let (mut program, left_out) = taizhang_program::compile(codebook, &rules, on);
        for answer in &mut program.answers {
            answer.shown.retain(|(way, _)| !is_text(codebook, &self.ledger, way));
        }
        if let Some(left) = left_out.first() {
            output.note(&left.reason);
            return Ok(Exit::Faults);
        }
        let mut first = First { rows: self.rows, lines: Vec::new() };
        let stop = AtomicBool::new(false);
        let options = Options::default();
        let tried = Snapshot::open(directory).and_then(|snapshot| {
            let report = run(&program, &snapshot, &options, &mut first, &stop, &|_, _| {})?;
            let is_told = report.rules.first().is_none_or(|counts| counts.undecided == 0);
            let [rule] = &rules;
            let blank = match is_told {
                true => Blanks::default(),
                false => blanks(codebook, &snapshot, rule, &self.expression, on)?,
            };
            Ok((report, blank))
        });
        match tried {
            Ok((report, blank)) => self.show(&report, &first, &blank, output),
            Err(error) => Ok(engine_fault(&error, output)),
        }
    }

    /// True if the condition asks for the least, the greatest or the mean.
    fn asks_extremes(&self) -> bool {
        ["min(", "max(", "average(", "median("].iter().any(|name| self.expression.contains(name))
    }

    fn show(
        &self,
        report: &Report,
        first: &First,
        blank: &Blanks,
        output: &Output,
    ) -> Result<Exit, ServiceError> {
        if output.is_json() {
            output.value(&serde_json::json!({
                "counts": report.rules.first(),
                "first": first.lines,
                "blank": blank.fields.iter().map(|blank| serde_json::json!({
                    "field": blank.way,
                    "records": blank.records,
                })).collect::<Vec<_>>(),
                "absent": report.absences.iter().map(|absence| serde_json::json!({
                    "ledger": absence.ledger,
                    "column": absence.column,
                })).collect::<Vec<_>>(),
            }))?;
            return Ok(Exit::Success);
        }
        if let Some(counts) = report.rules.first() {
            let (rows, yes, no, undecided, error) =
                (counts.rows, counts.violates, counts.passes, counts.undecided, counts.error);
            output.line(&match output.language() {
                Language::Zh => {
                    format!(
                        "{rows} 行：成立 {yes}，不成立 {no}，无法判断 {undecided}（出错 {error}）"
                    )
                }
                Language::En => {
                    format!(
                        "{rows} rows: true {yes}, false {no}, undecided {undecided} \
                         (errors {error})"
                    )
                }
            });
        }
        for Blank { way, records } in &blank.fields {
            let zh = format!("无法判断的记录里，`{way}` 空着的有 {records} 条");
            let en = format!("of the undecided, {records} have a blank `{way}`");
            output.note(output.pick(&zh, &en));
        }
        let is_untold = |counts: &RuleSummary| counts.undecided > counts.error;
        let is_none_blank = blank.fields.is_empty() && !blank.is_partial;
        if is_none_blank && report.rules.first().is_some_and(is_untold) && self.asks_extremes() {
            output.note(output.pick(
                "没有空着的字段：`min`、`max`、`average`、`median` 没有行时无法判断，\
                 先用 `size(…) > 0 &&`",
                "no field is blank: `min`, `max`, `average` and `median` of no rows are \
                 undecided: ask for `size(…) > 0 &&` first",
            ));
        }
        for [record, region, values] in &first.lines {
            output.line(&format!("{record}  {region}  {values}"));
        }
        for absence in &report.absences {
            let column = absence.column.as_deref().unwrap_or("*");
            let zh = format!("快照缺 {}.{column}", absence.ledger);
            let en = format!("the snapshot lacks {}.{column}", absence.ledger);
            output.note(output.pick(&zh, &en));
        }
        Ok(Exit::Success)
    }
}
