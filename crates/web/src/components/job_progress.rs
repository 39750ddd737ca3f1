//! Progress of a long job.

use super::progress_bar::progress_bar;
use crate::frame::{Frame, grouped};
use crate::text::common as t;
use maud::{Markup, html};

/// A job as shown.
#[derive(Clone, Debug)]
pub struct Job {
    /// What runs.
    pub title: String,
    /// Rows done.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// The progress with words; the page reloads itself by a `Refresh` header while the job runs.
#[must_use]
pub fn job_progress(frame: &Frame, job: &Job) -> Markup {
    let percent = job.done.saturating_mul(100).checked_div(job.total).unwrap_or(0);
    html! {
        div.card {
            div.ch { h2 { (job.title) } span.m { (percent) "%" } }
            div.cb role="status" {
                (progress_bar("w", i64::try_from(percent).unwrap_or(100)))
                p { (frame.with(t::JOB_DONE, &[&grouped(job.done), &grouped(job.total)])) }
                p.muted.small { (frame.t(t::JOB_LEAVE)) }
            }
        }
    }
}
