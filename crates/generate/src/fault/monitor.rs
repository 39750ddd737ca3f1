//! Faults in the watch over households at risk.

use super::person::out_of_school;
use super::{Fault, Found, UNWATCHED};
use crate::emit::case::MEASURES;
use crate::home::Member;
use crate::record::{Cell, Record, id};
use crate::traits::{Traits, Wish};
use crate::tree::Tree;

pub(super) const FAULTS: &[Fault] = &[
    Fault::new("MON-001", UNWATCHED.refuses(Traits::LIFTED), |tree, found| {
        household(tree, found, "unsafe_house", true);
    }),
    Fault::new("MON-002", UNWATCHED.refuses(Traits::LIFTED), |tree, found| {
        household(tree, found, "safe_water", false);
    }),
    Fault::new("MON-003", UNWATCHED.with(Traits::LIFTED.and(Traits::ILL)), |tree, found| {
        let Some(member) = tree.who(Member::is_ill) else { return };
        if let Some(person) = tree.person(member.id) {
            person.set("critical_illness_insurance", false);
            found.own("household", tree.home.id);
            found.also("PER-015", "person", member.id);
        }
    }),
    Fault::new("MON-004", UNWATCHED.with(Traits::LIFTED.and(Traits::PUPIL)), |tree, found| {
        let Some(child) = out_of_school(tree) else { return };
        found.own("household", tree.home.id);
        found.also("MON-006", "household", tree.home.id);
        found.also("PER-010", "person", child);
        found.also("PER-022", "person", child);
    }),
    Fault::new("MON-005", UNWATCHED.with(Traits::LIFTED), |tree, found| {
        household(tree, found, "net_income_per_capita", 800_000);
    }),
    Fault::new("MON-006", ACTIVE, |tree, found| {
        household(tree, found, "unsafe_house", true);
    }),
    Fault::new("MON-007", ACTIVE, |tree, found| {
        case(tree, found, |case| {
            case.set("risk_types", Cell::Missing);
            &["MON-008"]
        });
    }),
    Fault::new("MON-008", ACTIVE, |tree, found| {
        plain(tree, found, "operating_expense", Cell::Missing);
    }),
    Fault::new("MON-009", REMOVED, |tree, found| {
        plain(tree, found, "after_claim_income", Cell::Missing);
    }),
    Fault::new("MON-010", REMOVED, |tree, found| {
        plain(tree, found, "after_house_damaged", true);
    }),
    Fault::new("MON-011", REMOVED.risk("other"), |tree, found| {
        case(tree, found, |case| {
            clear(case, &ALL);
            &[]
        });
    }),
    Fault::new(
        "MON-012",
        ACTIVE
            .risk("other")
            .with(Traits::HANDS)
            .refuses(SUPPORTED.and(Traits::VOCATIONAL).and(Traits::STUDENT)),
        |tree, found| {
            early(tree, found);
            case(tree, found, |case| {
                clear(case, &ALL);
                &["MON-029"]
            });
        },
    ),
    Fault::new(
        "MON-013",
        ACTIVE.risk("disability").refuses(Traits::DISABLED.and(Traits::DISABLED_CHILD)),
        |tree, found| case(tree, found, |_| &[]),
    ),
    Fault::new("MON-014", REMOVED, |tree, found| {
        let month = tree.home.removed_on.map(|day| day.month(-3));
        plain(tree, found, "identified_month", month);
    }),
    Fault::new("MON-015", ACTIVE.risk("other"), |tree, found| {
        plain(tree, found, "risk_note", Cell::Missing);
    }),
    Fault::new(
        "MON-016",
        ACTIVE
            .risk("unstable_employment")
            .with(Traits::POST.and(Traits::HANDS))
            .refuses(Traits::WORKER.and(Traits::RELOCATED)),
        |tree, found| {
            if tree.home.any(|m| m.post.is_some()) {
                case(tree, found, |_| &[]);
            }
        },
    ),
    Fault::new("MON-017", ACTIVE.with(Traits::ILL).risk("illness"), |tree, found| {
        plain(tree, found, "eligible_self_pay", 0);
    }),
    Fault::new("MON-018", ACTIVE.risk("lack_of_labour").with(Traits::HANDS), |tree, found| {
        let able = tree.home.members.iter().filter(|m| m.is_able()).count();
        if able * 4 > tree.home.members.len() {
            plain(tree, found, "measure_social", vec!["mutual_aid"]);
        } else {
            tree.set("monitoring_case", "risk_types", vec!["accident"]);
            tree.set("monitoring_case", "measure_social", vec!["mutual_aid"]);
        }
    }),
    Fault::new("MON-019", ACTIVE, |tree, found| {
        tree.set("household", "safe_water", false);
        found.also("MON-006", "household", tree.home.id);
        case(tree, found, |_| &[]);
    }),
    Fault::new("MON-020", ACTIVE, |tree, found| {
        tree.set("household", "has_school_dropout", true);
        found.also("MON-006", "household", tree.home.id);
        plain(tree, found, "measure_compulsory_edu", vec!["return"]);
    }),
    Fault::new("MON-021", REMOVED, |tree, found| {
        plain(tree, found, "after_net_income_per_capita", 590_000);
    }),
    Fault::new(
        "MON-022",
        REMOVED.risk("accident").with(Traits::ELDERS).refuses(BUSY),
        |tree, found| {
            for person in tree.of_mut("person") {
                person.set("labour_skill", "lost");
            }
            found.also("LOW-009", "household", tree.home.id);
            case(tree, found, |_| &[]);
        },
    ),
    Fault::new("MON-023", REMOVED.with(Traits::HANDS), |tree, found| {
        plain(tree, found, "after_operating_income", 0);
    }),
    Fault::new(
        "MON-024",
        ACTIVE.risk("accident").refuses(Traits::WORKER.and(Traits::POST).and(Traits::RELOCATED)),
        |tree, found| plain(tree, found, "measure_employment", vec!["start_up"]),
    ),
    Fault::new("MON-025", ACTIVE.refuses(SUPPORTED), |tree, found| {
        plain(tree, found, "measure_comprehensive", vec!["minimum_living"]);
    }),
    Fault::new("MON-026", ACTIVE.with(Traits::HANDS), |tree, found| {
        plain(tree, found, "dev_help_status", "not_yet");
    }),
    Fault::new(
        "MON-027",
        ACTIVE
            .risk("accident")
            .with(Traits::HANDS.and(Traits::AID))
            .refuses(Traits::VOCATIONAL.and(Traits::STUDENT).and(Traits::NO_LABOUR)),
        |tree, found| {
            early(tree, found);
            case(tree, found, |case| {
                clear(case, &ALL);
                case.set("measure_comprehensive", vec!["minimum_living"]);
                &["MON-029"]
            });
        },
    ),
    Fault::new("MON-028", ACTIVE.with(Traits::NO_LABOUR), |tree, found| {
        tree.set("household", "no_labour_safety_net", false);
        case(tree, found, |_| &[]);
    }),
    Fault::new("MON-029", ACTIVE.risk("accident").with(Traits::HANDS), |tree, found| {
        case(tree, found, |case| {
            clear(case, &DEVELOPMENT);
            &[]
        });
    }),
    Fault::new("MON-030", ACTIVE.risk("accident"), |tree, found| {
        case(tree, found, |case| {
            clear(case, &DEVELOPMENT);
            case.set("measure_industry", vec!["other"]);
            &[]
        });
    }),
    Fault::new("MON-031", ACTIVE.with(Traits::ILL).risk("illness"), |tree, found| {
        early(tree, found);
        case(tree, found, |case| {
            clear(case, &["measure_health", "measure_social"]);
            &[]
        });
    }),
    Fault::new(
        "MON-032",
        ACTIVE
            .with(Traits::PUPIL)
            .risk("schooling")
            .refuses(Traits::VOCATIONAL.and(Traits::STUDENT)),
        |tree, found| {
            if tree.home.any(Member::is_vocational) {
                return;
            }
            case(tree, found, |case| {
                clear(case, &["measure_compulsory_edu", "measure_education", "measure_social"]);
                &[]
            });
        },
    ),
    Fault::new(
        "MON-033",
        ACTIVE.with(Traits::DISABLED).risk("disability").refuses(SUPPORTED),
        |tree, found| {
            case(tree, found, |case| {
                clear(case, &["measure_comprehensive", "measure_social"]);
                &[]
            });
        },
    ),
    Fault::new("MON-034", ACTIVE.risk("unsafe_housing"), |tree, found| {
        plain(tree, found, "measure_housing", Cell::Missing);
    }),
    Fault::new("MON-035", ACTIVE, |tree, found| {
        tree.set("household", "has_school_dropout", true);
        found.also("MON-006", "household", tree.home.id);
        case(tree, found, |case| {
            case.set("measure_compulsory_edu", Cell::Missing);
            &["MON-020"]
        });
    }),
    Fault::new("MON-036", ACTIVE.risk("unsafe_water"), |tree, found| {
        plain(tree, found, "measure_water", Cell::Missing);
    }),
    Fault::new("MON-037", ACTIVE.risk("other"), |tree, found| {
        tree.set("household", "has_uninsured_member", true);
        early(tree, found);
        case(tree, found, |case| {
            clear(case, &["measure_health", "measure_social"]);
            &[]
        });
    }),
    Fault::new("MON-038", ACTIVE.risk("accident").refuses(SUPPORTED), |tree, found| {
        case(tree, found, |case| {
            clear(case, &["measure_social", "measure_comprehensive", "measure_conditions"]);
            &[]
        });
    }),
    Fault::new("MON-039", ACTIVE.with(Traits::SUDDEN), |tree, found| {
        let month = tree.calendar.today.month(-3);
        case(tree, found, |case| {
            case.set("identified_month", month);
            case.set("net_income_per_capita", 2_150_000);
            &[]
        });
    }),
    Fault::new("MON-040", ACTIVE, |tree, found| {
        plain(tree, found, "measure_relocation", vec!["concentrated"]);
    }),
    Fault::new("MON-041", ACTIVE, |tree, found| {
        let month = tree.calendar.today.month(-14);
        case(tree, found, |case| {
            case.set("identified_month", month);
            case.set("measure_health", vec!["family_doctor"]);
            &[]
        });
    }),
    Fault::new("MON-042", ACTIVE.with(Traits::VOCATIONAL), |tree, found| {
        if tree.home.any(Member::is_vocational) {
            plain(tree, found, "measure_education", vec!["student_grant"]);
        }
    }),
    Fault::new(
        "MON-043",
        ACTIVE.refuses(Traits::VOCATIONAL.and(Traits::STUDENT)),
        |tree, found| {
            plain(tree, found, "measure_education", vec!["voc_grant"]);
        },
    ),
    Fault::new("MON-044", ACTIVE.with(Traits::AID), |tree, found| {
        plain(tree, found, "measure_comprehensive", vec!["temporary_aid"]);
    }),
    Fault::new("MON-045", ACTIVE.with(Traits::PUPIL), |tree, found| {
        let Some(child) = tree.who(|m| m.labour == "none") else { return };
        let Some(case) = tree.first("monitoring_case").map(|case| case.id) else { return };
        let decided = tree.home.decided_on;
        let row = tree
            .about("help_measure", &child)
            .with("monitoring_case", id(case))
            .with("measure_class", "employment")
            .with("measure_form", "job")
            .with("content", "推荐就业")
            .with("is_one_off", false)
            .with("planned_on", decided.plus(6))
            .with("started_on", decided.plus(9));
        found.own("help_measure", row.id);
        tree.push(row);
    }),
    Fault::new("MON-046", ACTIVE, |tree, found| {
        let day = tree.home.decided_on.plus(-20);
        plain(tree, found, "clue_on", day);
    }),
    Fault::new("MON-047", ACTIVE, |tree, found| {
        let day = tree.home.decided_on.plus(-5);
        plain(tree, found, "notice_until_on", day);
    }),
    Fault::new("MON-048", ACTIVE, |tree, found| {
        let day = tree.home.decided_on.plus(-12);
        plain(tree, found, "matched_on", day);
    }),
    Fault::new("MON-049", ACTIVE, |tree, found| {
        let day = tree.home.decided_on.plus(15);
        plain(tree, found, "planned_on", day);
    }),
    Fault::new("MON-050", ACTIVE.with(Traits::LIFTED).refuses(Traits::SUDDEN), |tree, found| {
        plain(tree, found, "monitor_category", "marginal");
    }),
    Fault::new("MON-051", ACTIVE, |tree, found| {
        for row in tree.of_mut("help_measure") {
            row.set("measure_form", "cash");
            row.set("is_one_off", true);
        }
        case(tree, found, |_| &[]);
    }),
    Fault::new("MON-052", ACTIVE, |tree, found| {
        tree.set("helper_pairing", "helper_unit", Cell::Missing);
        case(tree, found, |_| &[]);
    }),
    Fault::new("MON-053", REMOVED, |tree, found| {
        let Some(removed) = tree.home.removed_on else { return };
        let received = removed.plus(31);
        let row = tree
            .record("clue")
            .with("clue_channel", "department")
            .with("clue_sender", "medical")
            .with("content", "医保部门推送大额自付")
            .with("received_on", received)
            .with("verified_on", received.plus(25))
            .with("has_photo", true)
            .with("has_signature", true)
            .with("conclusion", "helped")
            .with("conclusion_reason", "已落实帮扶")
            .with("closed_on", received.plus(26))
            .with("is_open", false);
        tree.push(row);
        case(tree, found, |_| &[]);
    }),
    Fault::new("MON-054", UNWATCHED, |tree, found| {
        let received = tree.calendar.today.plus(-60);
        let row = tree
            .record("clue")
            .with("clue_channel", "cadre")
            .with("content", "干部走访了解到家庭困难")
            .with("received_on", received)
            .with("verified_on", received.plus(3))
            .with("has_photo", false)
            .with("has_signature", true)
            .with("conclusion", "no_risk")
            .with("conclusion_reason", "收入稳定")
            .with("closed_on", received.plus(5))
            .with("is_open", false);
        found.own("clue", row.id);
        tree.push(row);
    }),
    Fault::new("MON-055", ACTIVE, |tree, found| {
        case(tree, found, |case| {
            case.set("warning_level", "green");
            case.set("help_level", "emergency");
            &[]
        });
    }),
];

const ACTIVE: Wish = Wish::wants(Traits::ACTIVE);
const REMOVED: Wish = Wish::wants(Traits::REMOVED);
/// Traits of households that draw support.
const SUPPORTED: Traits = Traits::AID.and(Traits::NO_LABOUR);
/// Traits that need people of working age or children.
const BUSY: Traits = Traits::WORKER
    .and(Traits::POST)
    .and(Traits::LOAN)
    .and(Traits::RELOCATED)
    .and(Traits::TRAINED)
    .and(Traits::INDUSTRY)
    .and(Traits::MEMBER)
    .and(Traits::PUPIL);

const ALL: [&str; 14] = {
    let mut fields = [""; 14];
    let mut place = 0;
    while place < 14 {
        #[expect(clippy::indexing_slicing, reason = "both have fourteen, at compile time")]
        {
            fields[place] = MEASURES[place].0;
        }
        place += 1;
    }
    fields
};
const DEVELOPMENT: [&str; 4] =
    ["measure_industry", "measure_employment", "measure_finance", "measure_post"];

fn clear(case: &mut Record, fields: &[&'static str]) {
    fields.iter().for_each(|field| case.set(field, Cell::Missing));
}

/// Sets a field of the household, which is then found.
fn household(tree: &mut Tree, found: &mut Found<'_>, field: &'static str, value: impl Into<Cell>) {
    if let Some(household) = tree.set("household", field, value) {
        found.own("household", household);
    }
}

/// Sets a field of the case, which is then found.
fn plain(tree: &mut Tree, found: &mut Found<'_>, field: &'static str, value: impl Into<Cell>) {
    let value = value.into();
    case(tree, found, |case| {
        case.set(field, value);
        &[]
    });
}

/// Changes the case, which is then found; gives the other rules that find it too.
fn case(
    tree: &mut Tree,
    found: &mut Found<'_>,
    change_it: impl FnOnce(&mut Record) -> &'static [&'static str],
) {
    if let Some(case) = tree.first("monitoring_case") {
        let others = change_it(case);
        let case = case.id;
        found.own("monitoring_case", case);
        others.iter().for_each(|rule| found.also(rule, "monitoring_case", case));
    }
}

/// A case of before this year's contribution loses that measure with the others.
fn early(tree: &mut Tree, found: &mut Found<'_>) {
    let cut = crate::day::Day::of(tree.calendar.today.year(), 2, 1);
    if let Some(case) = tree.first("monitoring_case")
        && case.day("identified_month").is_some_and(|month| month < cut)
    {
        found.also("MON-041", "monitoring_case", case.id);
    }
}
