//! `/import/template`: empty workbooks, one for each kind of list that can be imported.

use super::export::XLSX;
use super::import::start_view;
use crate::app::{Answer, AppState, Visit, WebError, attachment};
use crate::frame::Frame;
use crate::text::import as t;
use axum::extract::{Query, State};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// Links to empty workbooks, one for each kind of list.
pub(super) fn templates(frame: &Frame, layouts: &[(String, String)]) -> Markup {
    html! {
        details.card {
            summary.ch { h2 { (frame.t(t::TEMPLATE)) } }
            div.cb {
                ul.lst {
                    @for (name, words) in layouts {
                        li {
                            a href={ "/import/template?layout=" (name) } download="" { (words) }
                        }
                    }
                }
            }
        }
    }
}

/// The workbook of a layout or ledger; of the first one where none is named.
pub(super) async fn template(
    State(state): State<AppState>,
    visit: Visit,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer {
    let content = start_view(&state, &visit).await?;
    let mut layouts = content.layouts.into_iter();
    let layout = layouts.find(|(name, _)| asked.get("layout").is_none_or(|asked| asked == name));
    let (layout, words) = layout.ok_or(WebError::NotFound)?;
    let caller = visit.caller;
    let (name, book) = state
        .run(move |service| {
            let book = service.import_template(&caller, &layout)?;
            Ok((format!("{words}.xlsx"), book))
        })
        .await?;
    Ok(attachment(&name, XLSX, book))
}
