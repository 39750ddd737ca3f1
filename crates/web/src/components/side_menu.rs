//! Side menu with counts; on phones a bar of five at the bottom.

use super::icon::icon;
use super::layout::Menu;
use crate::frame::{Frame, Viewer, grouped};
use crate::text::Text;
use crate::text::frame as t;
use maud::{Markup, html};

struct Entry {
    menu: Menu,
    words: Text,
    address: &'static str,
    count: Option<u64>,
    is_shown: bool,
}

const fn entry(menu: Menu, words: Text, address: &'static str, is_shown: bool) -> Entry {
    Entry { menu, words, address, count: None, is_shown }
}

fn groups(viewer: &Viewer) -> [(Text, Vec<Entry>); 4] {
    let (counts, rights) = (viewer.counts, viewer.rights);
    [
        (
            t::GROUP_WORK,
            vec![
                Entry {
                    count: counts.queue,
                    ..entry(Menu::Queue, t::MENU_QUEUE, "/", rights.findings)
                },
                Entry {
                    count: counts.issues,
                    ..entry(Menu::Issues, t::MENU_ISSUES, "/issues", rights.findings)
                },
                Entry {
                    count: counts.letters,
                    ..entry(Menu::Letters, t::MENU_LETTERS, "/letters/new", rights.letters)
                },
                entry(Menu::Inspections, t::MENU_INSPECTIONS, "/inspections", rights.findings),
            ],
        ),
        (t::GROUP_HOUSEHOLDS, household_entries(viewer)),
        (
            t::GROUP_SUMMARY,
            vec![
                entry(Menu::Reports, t::MENU_REPORTS, "/reports", rights.findings),
                entry(Menu::Export, t::MENU_EXPORT, "/export", rights.export),
            ],
        ),
        (
            t::GROUP_MANAGE,
            vec![
                entry(Menu::Import, t::MENU_IMPORT, "/import", rights.import),
                entry(Menu::Org, t::MENU_ORG, "/org", true),
                entry(Menu::Users, t::MENU_USERS, "/users", rights.users),
                entry(Menu::Codes, t::MENU_CODES, "/codes", true),
                entry(Menu::Audit, t::MENU_AUDIT, "/audit", rights.audit),
                entry(Menu::Feedback, t::MENU_FEEDBACK, "/feedback/list", rights.feedback),
                entry(Menu::Clock, t::MENU_CLOCK, "/clock", rights.clock),
            ],
        ),
    ]
}

fn household_entries(viewer: &Viewer) -> Vec<Entry> {
    let rights = viewer.rights;
    vec![
        entry(Menu::Households, t::MENU_HOUSEHOLDS, "/households", rights.households),
        entry(Menu::Doubts, t::MENU_DOUBTS, "/doubts", rights.doubts),
        entry(Menu::Agreement, t::MENU_AGREEMENT, "/agreement", rights.households),
        entry(Menu::Rules, t::MENU_RULES, "/rules", rights.doubts),
        entry(Menu::Runs, t::MENU_RUNS, "/runs", rights.runs),
        entry(Menu::Proposals, t::MENU_PROPOSALS, "/proposals", rights.proposals),
        entry(Menu::Cleared, t::MENU_CLEARED, "/cleared", rights.doubts),
    ]
}

/// Groups that show at least one entry.
fn shown_groups(viewer: &Viewer) -> impl Iterator<Item = (Text, Vec<Entry>)> {
    let is_any_shown = |(_, entries): &(Text, Vec<Entry>)| entries.iter().any(|one| one.is_shown);
    groups(viewer).into_iter().filter(is_any_shown)
}

/// The first page of somebody who may not read findings, and so has no queue.
pub(crate) fn first_page(viewer: &Viewer) -> Option<&'static str> {
    let [.., (_, entries)] = groups(viewer);
    let shown = |menu: Menu| entries.iter().find(|entry| entry.menu == menu && entry.is_shown);
    let first = shown(Menu::Users).or_else(|| shown(Menu::Audit)).or_else(|| shown(Menu::Org));
    first.map(|entry| entry.address)
}

/// The menu at the left.
#[must_use]
pub fn side_menu(frame: &Frame, viewer: &Viewer, current: Menu) -> Markup {
    html! {
        nav.nav aria-label=(frame.t(t::MAIN_NAV)) {
            @for (title, entries) in shown_groups(viewer) {
                p.g { (frame.t(title)) }
                ul {
                    @for entry in entries.iter().filter(|entry| entry.is_shown) {
                        li {
                            a href=(entry.address)
                                aria-current=[(entry.menu == current).then_some("page")] {
                                (frame.t(entry.words))
                                @if let Some(count) = entry.count { span { (grouped(count)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Everything of the menu as links, for phones, whose bar holds five.
pub(crate) fn all_entries(frame: &Frame, viewer: &Viewer) -> Markup {
    html! {
        @for (title, entries) in shown_groups(viewer) {
            section.card.only-m {
                div.ch { h2 { (frame.t(title)) } }
                div.cb.row {
                    @for entry in entries.iter().filter(|entry| entry.is_shown) {
                        a.btn href=(entry.address) { (frame.t(entry.words)) }
                    }
                }
            }
        }
    }
}

/// The bar of five on phones.
#[must_use]
pub fn bottom_bar(frame: &Frame, viewer: &Viewer, current: Menu) -> Markup {
    let letters = if viewer.rights.letters {
        (Menu::Letters, t::TAB_LETTERS, "/letters/new", "upload")
    } else {
        (Menu::Inspections, t::TAB_LETTERS, "/inspections", "archive")
    };
    let mine = (Menu::Settings, t::TAB_MINE, "/settings", "user");
    let entries = if viewer.rights.findings {
        vec![
            (Menu::Queue, t::TAB_QUEUE, "/", "checklist"),
            (Menu::Issues, t::TAB_ISSUES, "/issues", "table"),
            letters,
            (Menu::Reports, t::TAB_REPORTS, "/reports", "report"),
            mine,
        ]
    } else {
        let users = (Menu::Users, t::MENU_USERS, "/users", "users");
        let audit = (Menu::Audit, t::MENU_AUDIT, "/audit", "history");
        let feedback = (Menu::Feedback, t::MENU_FEEDBACK, "/feedback/list", "message");
        let mut entries = vec![(Menu::Org, t::MENU_ORG, "/org", "building")];
        entries.extend(viewer.rights.feedback.then_some(feedback));
        entries.push(mine);
        entries.splice(..0, viewer.rights.audit.then_some(audit));
        entries.splice(..0, viewer.rights.users.then_some(users));
        entries
    };
    html! {
        nav.tabbar aria-label=(frame.t(t::PHONE_NAV)) {
            @for (menu, words, address, image) in entries {
                a href=(address) aria-current=[(menu == current).then_some("page")] {
                    (icon(image)) (frame.t(words))
                }
            }
        }
    }
}
