//! Fixed pages (PDF, OFD): from pieces of text at positions back to paragraphs and tables.

mod cmap;
mod font;
mod grid;
mod layout;
pub(crate) mod ofd;
pub(crate) mod pdf;
mod radicals;
mod true_type;

/// A piece of text at a position. Points, origin at the top left, y at the baseline.
#[derive(Clone, Debug)]
struct Run {
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    text: String,
}

impl Run {
    fn end(&self) -> f64 {
        self.x + self.width
    }
}

/// A drawn straight line, horizontal or vertical; thin boxes count as lines.
#[derive(Clone, Copy, Debug)]
struct Rule {
    x0: f64,
    y0: f64,
    x1: f64,
    y1: f64,
}

/// What one page shows.
#[derive(Clone, Debug, Default)]
struct Page {
    width: f64,
    height: f64,
    runs: Vec<Run>,
    rules: Vec<Rule>,
}

/// True for characters as wide as a Chinese one.
fn is_wide(character: char) -> bool {
    u32::from(character) >= 0x2e80
}

/// Joins pieces of one line, sorted from left to right, with spaces where the page shows them.
fn join_runs<'r>(runs: impl Iterator<Item = &'r Run>) -> String {
    let mut text = String::new();
    let mut before: Option<&Run> = None;
    for run in runs {
        if let Some(left) = before {
            let em = left.size.max(run.size).max(1.0);
            let gap = run.x - left.end();
            let doubled = run.text == left.text && (run.x - left.x).abs() < 0.3 * em;
            if doubled {
                // Bold is sometimes drawn twice.
                continue;
            }
            let last = text.chars().next_back().unwrap_or(' ');
            let first = run.text.chars().next().unwrap_or(' ');
            let limit = if is_wide(last) || is_wide(first) { 0.6 } else { 0.18 };
            if gap > limit * em && !last.is_whitespace() && !first.is_whitespace() {
                text.push(' ');
            }
        }
        text.push_str(&run.text);
        before = Some(run);
    }
    text
}

/// Sorts pieces into lines from top to bottom, each from left to right.
fn lines_of(mut runs: Vec<Run>) -> Vec<Vec<Run>> {
    runs.retain(|run| run.x.is_finite() && run.y.is_finite() && run.width.is_finite());
    runs.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut lines: Vec<Vec<Run>> = Vec::new();
    let mut level = f64::NEG_INFINITY;
    let mut size = 0.0_f64;
    for run in runs {
        let reach = 0.5 * size.max(run.size);
        match lines.last_mut() {
            Some(line) if run.y - level < reach => {
                if run.size > size {
                    level = run.y;
                    size = run.size;
                }
                line.push(run);
            }
            _ => {
                level = run.y;
                size = run.size;
                lines.push(vec![run]);
            }
        }
    }
    for line in &mut lines {
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    lines
}

/// True when `text` starts like a numbered heading or item.
fn starts_numbered(text: &str) -> bool {
    let text = text.trim_start();
    let numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百".contains(c);
    let inner = text.strip_prefix(['（', '(', '第']).unwrap_or(text);
    let rest = inner.trim_start_matches(numeral);
    let numbered = rest.len() < inner.len() && inner.len() - rest.len() <= 12;
    let ends = if inner.len() < text.len() {
        ['）', ')', '条', '章']
    } else {
        ['、', '.', '．', '是']
    };
    let circled = text.chars().next().is_some_and(|c| ('①'..='⒛').contains(&c));
    // `2.5万元` is a figure, `2.培训` an item.
    let figure = rest.starts_with('.') && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    circled || (numbered && rest.starts_with(ends) && !figure)
}
