//! What a household earns, is paid and spends, so that the sums agree with the other ledgers.

use crate::home::{Calendar, Home, Member, Post, Work};
use crate::random::Random;
use crate::traits::Traits;

/// The income block of one accounting year, in fen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Income {
    pub(crate) wage: i64,
    pub(crate) operating: i64,
    pub(crate) expense: i64,
    pub(crate) property: i64,
    pub(crate) transfer: i64,
}

impl Income {
    pub(crate) const fn net(&self) -> i64 {
        self.wage + self.operating + self.property + self.transfer - self.expense
    }

    /// Net income by head, rounded down to a fen.
    pub(crate) fn per_head(&self, population: i64) -> i64 {
        self.net() / population.max(1)
    }

    /// Another year's block: every part changed by so many thousandths.
    pub(crate) const fn scaled(&self, thousandths: i64) -> Self {
        Self {
            wage: self.wage * thousandths / 1000,
            operating: self.operating * thousandths / 1000,
            expense: self.expense * thousandths / 1000,
            property: self.property * thousandths / 1000,
            transfer: self.transfer * thousandths / 1000,
        }
    }
}

/// What public hands pay a household in the accounting year, in fen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Benefits {
    pub(crate) farm: i64,
    pub(crate) pension: i64,
    pub(crate) aid_month: i64,
    pub(crate) disability: i64,
}

impl Benefits {
    pub(crate) const fn year(&self) -> i64 {
        self.farm + self.pension + self.aid_month * 12 + self.disability
    }
}

/// Pension of a month for people of sixty and more.
const PENSION: i64 = 9_500;
/// Minimum living of a month and person.
const AID: i64 = 6_000;
/// Subsidies for severely disabled people, of a month.
const DISABILITY: i64 = 4_000;

pub(crate) fn benefits(random: &mut Random, home: &Home) -> Benefits {
    let old = home.members.iter().filter(|m| m.age >= 60).count();
    let severe = home.members.iter().filter(|m| is_severe(m)).count();
    let count = |people: usize| i64::try_from(people).unwrap_or(0);
    // A few yuan more or less keep neighbours' sums apart, whatever their numbers.
    let apart = i64::try_from(home.index % 97).unwrap_or(0) * 25;
    let farm = if home.has(Traits::AID) { random.range(10, 20) } else { random.range(20, 60) };
    Benefits {
        farm: farm * 1000,
        pension: count(old) * PENSION * 12,
        aid_month: if home.has(Traits::AID) { home.count() * AID + apart } else { 0 },
        disability: count(severe) * DISABILITY * 12,
    }
}

pub(crate) fn is_severe(member: &Member) -> bool {
    member.disability.is_some_and(|(_, level)| level <= 2)
}

/// Months of the accounting year from a first month on.
pub(crate) fn months(calendar: &Calendar, start: crate::day::Day) -> i64 {
    let first = start.max(calendar.from());
    let (year, month, _) = first.parts();
    let (last_year, last_month, _) = calendar.until().parts();
    i64::from(((last_year - year) * 12 + last_month - month + 1).clamp(0, 12))
}

/// Lowers the wages of a watched household so that it stays below the line.
pub(crate) fn temper(home: &mut Home) {
    if !home.has(Traits::ACTIVE) || home.has(Traits::SUDDEN) {
        return;
    }
    let share = if home.has(Traits::AID) { 120_000 } else { 300_000 };
    let limit = home.count() * share / 12;
    let mut is_first = true;
    for member in &mut home.members {
        if let Some(work) = &mut member.work {
            if is_first {
                *work = Work { wage: (limit / 1000 * 1000).max(6_000), ..*work };
                is_first = false;
            } else {
                member.work = None;
                if member.labour == "skilled" {
                    member.labour = "ordinary";
                    member.education = Some("junior");
                }
            }
        }
        if let Some(post) = &mut member.post {
            *post = Post { pay: (limit / 3 / 1000 * 1000).clamp(5_000, 50_000), ..*post };
        }
    }
}

/// The block of the accounting year that ended last.
pub(crate) fn income(
    random: &mut Random,
    calendar: &Calendar,
    home: &Home,
    benefits: &Benefits,
) -> Income {
    let wage: i64 = home
        .members
        .iter()
        .map(|member| {
            let work = member.work.map_or(0, |w| w.wage * months(calendar, w.start));
            work + member.post.map_or(0, |p| p.pay * months(calendar, p.start))
        })
        .sum();
    let per_head = if home.has(Traits::AID) {
        random.range(440_000, 520_000)
    } else if home.has(Traits::ACTIVE) && !home.has(Traits::SUDDEN) {
        random.range(600_000, 790_000)
    } else if home.traits.is_watched() {
        random.range(1_050_000, 1_700_000)
    } else if home.has(Traits::LIFTED) {
        random.near(1_050_000, 2_100_000)
    } else {
        random.near(1_100_000, 3_300_000)
    };
    let transfer = benefits.year();
    let property = if home.has(Traits::AID) { 10_000 } else { random.range(2, 9) * 10_000 };
    // Policy income stays below half of all.
    let total = (per_head * home.count())
        .max(transfer * 202 / 100)
        .max(wage + transfer + property + 60_000);
    let own = total - wage - transfer - property;
    let expense = own * random.range(150, 350) / 1000;
    Income { wage, operating: own + expense, expense, property, transfer }
}
