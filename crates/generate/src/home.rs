//! A household and its people: ages, relations, health, labour, schooling and work that hang
//! together.

use crate::day::Day;
use crate::names;
use crate::number::Number;
use crate::place::Village;
use crate::random::Random;
use crate::traits::{Traits, Wish, draw};

/// Ids that one household may give to its records.
pub(crate) const IDS: i64 = 4096;

/// Days and years that all records of a run share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    /// The day of which the data are.
    pub(crate) today: Day,
    /// First September of the school year.
    pub(crate) school_start: Day,
    /// The accounting year that ended last: from the first of October before to its September.
    pub(crate) year: i32,
}

impl Calendar {
    pub(crate) const fn new(today: Day) -> Self {
        let (year, month, _) = today.parts();
        let school = if month >= 9 { year } else { year - 1 };
        let accounting = if month >= 10 { year } else { year - 1 };
        Self { today, school_start: Day::of(school, 9, 1), year: accounting }
    }

    /// First day of the accounting year.
    pub(crate) const fn from(&self) -> Day {
        Day::of(self.year - 1, 10, 1)
    }

    /// Last day of the accounting year.
    pub(crate) const fn until(&self) -> Day {
        Day::of(self.year, 9, 30)
    }
}

/// Work away from home.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// First month.
    pub(crate) start: Day,
    /// Wage of a month, in fen.
    pub(crate) wage: i64,
    /// Where: the province and county by their place in `PLACES`.
    pub(crate) place: usize,
}

/// A public post held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    /// Since when.
    pub(crate) start: Day,
    /// Which kind, by its code.
    pub(crate) kind: &'static str,
    /// Pay of a month, in fen.
    pub(crate) pay: i64,
}

/// One person.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: i64,
    pub(crate) relation: &'static str,
    pub(crate) is_male: bool,
    pub(crate) birth: Day,
    pub(crate) age: i32,
    pub(crate) school_age: i32,
    pub(crate) name: String,
    pub(crate) number: Number,
    pub(crate) health: &'static str,
    pub(crate) disability: Option<(u8, u8)>,
    pub(crate) labour: &'static str,
    pub(crate) education: Option<&'static str>,
    pub(crate) student: Option<&'static str>,
    pub(crate) work: Option<Work>,
    pub(crate) post: Option<Post>,
}

impl Member {
    /// Ordinary or skilled labour.
    pub(crate) fn is_able(&self) -> bool {
        matches!(self.labour, "ordinary" | "skilled")
    }

    /// Some labour, weak or half included.
    pub(crate) fn has_labour(&self) -> bool {
        self.is_able() || self.labour == "weak_or_half"
    }

    pub(crate) fn is_compulsory(&self) -> bool {
        (6..=15).contains(&self.school_age)
    }

    pub(crate) fn is_vocational(&self) -> bool {
        self.student.is_some_and(|s| s.starts_with("sec_voc") || s.starts_with("high_voc"))
    }

    pub(crate) fn is_ill(&self) -> bool {
        matches!(self.health, "chronic" | "serious_illness")
    }
}

/// One household.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    /// Its place among all households, from 0.
    pub(crate) index: u64,
    pub(crate) id: i64,
    pub(crate) region: u64,
    pub(crate) group: u64,
    pub(crate) traits: Traits,
    pub(crate) members: Vec<Member>,
    /// Risk types of its case, the first one first.
    pub(crate) risks: Vec<&'static str>,
    /// When the case was decided.
    pub(crate) decided_on: Day,
    /// When the risk was removed.
    pub(crate) removed_on: Option<Day>,
}

impl Home {
    pub(crate) fn has(&self, traits: Traits) -> bool {
        self.traits.has(traits)
    }

    pub(crate) fn count(&self) -> i64 {
        i64::try_from(self.members.len()).unwrap_or(0)
    }

    pub(crate) fn find(&self, test: impl Fn(&Member) -> bool) -> Option<&Member> {
        self.members.iter().find(|member| test(member))
    }

    pub(crate) fn any(&self, test: impl Fn(&Member) -> bool) -> bool {
        self.members.iter().any(test)
    }
}

/// Makes household number `index` of all, which lies in `village`.
pub(crate) fn make(
    random: &mut Random,
    calendar: &Calendar,
    village: &Village,
    index: u64,
    wish: &Wish,
) -> Home {
    let traits = draw(random, wish);
    let ages = compose(random, traits);
    let mut people = People { random, calendar, village, index, members: Vec::new() };
    people.add_all(&ages);
    let mut members = people.members;
    afflict(random, traits, &mut members);
    members.iter_mut().for_each(|member| ability(random, traits, member));
    let traits = employ(random, calendar, traits, &mut members);
    let local = index - village.first_household;
    let mut home = Home {
        index,
        id: household_id(index),
        region: village.code,
        group: local * village.groups / village.households.max(1),
        traits,
        members,
        risks: Vec::new(),
        decided_on: calendar.today,
        removed_on: None,
    };
    watch(random, calendar, &mut home, wish);
    home
}

/// Relation, sex and age of one person to come.
type Seat = (&'static str, bool, i32);

/// Who lives in the household.
fn compose(random: &mut Random, traits: Traits) -> Vec<Seat> {
    if traits.has(Traits::NO_LABOUR) {
        return old_pair(random, 72, 88);
    }
    if traits.has(Traits::ELDERS) {
        return old_pair(random, 60, 80);
    }
    let young = Traits::PUPIL
        .and(Traits::VOCATIONAL)
        .and(Traits::DISABLED_CHILD)
        .and(Traits::STUDENT)
        .and(Traits::DROPOUT)
        .and(Traits::INFANT);
    let busy = Traits::WORKER
        .and(Traits::POST)
        .and(Traits::LOAN)
        .and(Traits::HANDS)
        .and(Traits::MEMBER)
        .and(Traits::TRAINED)
        .and(Traits::INDUSTRY)
        .and(Traits::RELOCATED);
    if !traits.meets(young.and(busy)) && !traits.has(Traits::LARGE) && random.chance(420) {
        return old_pair(random, 60, 80);
    }
    family(random, traits, traits.meets(young))
}

fn old_pair(random: &mut Random, low: i64, high: i64) -> Vec<Seat> {
    let age = whole(random.range(low, high));
    let is_male = random.chance(700);
    let mut seats = vec![("head", is_male, age)];
    if random.chance(620) {
        let other = (age + whole(random.range(-4, 3))).max(whole(low));
        seats.push(("spouse", !is_male, other));
    }
    seats
}

/// Parents, children and sometimes grandparents.
fn family(random: &mut Random, traits: Traits, has_child: bool) -> Vec<Seat> {
    let first = if traits.meets(Traits::VOCATIONAL.and(Traits::STUDENT)) {
        whole(random.range(16, 17))
    } else if traits.meets(Traits::PUPIL.and(Traits::DISABLED_CHILD).and(Traits::DROPOUT)) {
        whole(random.range(7, 14))
    } else if traits.has(Traits::INFANT) {
        whole(random.range(1, 4))
    } else {
        whole(random.range(0, 30))
    };
    let head = (first + whole(random.near(22, 34))).clamp(24, 58);
    let is_male = random.chance(850);
    let mut seats = vec![("head", is_male, head)];
    if has_child || random.chance(880) {
        let younger = if is_male { random.range(-1, 5) } else { random.range(-5, 1) };
        seats.push(("spouse", !is_male, (head - whole(younger)).clamp(22, 59)));
    }
    let mother = seats.iter().map(|(_, _, age)| *age).min().unwrap_or(head);
    let children =
        random.weighted(&[(10, 0), (38, 1), (42, 2), (10, 3)], 1).max(i32::from(has_child));
    for child in 0..children {
        let age = if child == 0 { first } else { first - whole(random.range(2, 5)) * child };
        if age >= 0 && age <= mother - 18 {
            child_seat(random, &mut seats, age, child == 0);
        }
    }
    if traits.has(Traits::INFANT) && !seats.iter().any(|(_, _, age)| *age < 6) {
        seats.push(("daughter", false, 3));
    }
    grandparents(random, traits, head, &mut seats);
    seats
}

fn child_seat(random: &mut Random, seats: &mut Vec<Seat>, age: i32, is_first: bool) {
    let is_male = random.chance(515);
    seats.push((if is_male { "son" } else { "daughter" }, is_male, age));
    if is_first && is_male && age >= 25 && random.chance(600) {
        seats.push(("daughter_in_law", false, (age - 1).max(22)));
        if random.chance(600) {
            let is_male = random.chance(510);
            let relation = if is_male { "grandson" } else { "granddaughter" };
            seats.push((relation, is_male, (age - 24).clamp(0, 5)));
        }
    }
}

fn grandparents(random: &mut Random, traits: Traits, head: i32, seats: &mut Vec<Seat>) {
    let is_wanted = traits.meets(Traits::OLD.and(Traits::LARGE));
    if head > 56 || !(is_wanted || random.chance(262)) {
        return;
    }
    let age = (head + whole(random.near(22, 30))).clamp(60, 88);
    if is_wanted || random.chance(550) {
        seats.push(("father", true, age));
    }
    if is_wanted || random.chance(700) {
        seats.push(("mother", false, (age - whole(random.range(0, 4))).clamp(60, 88)));
    }
}

/// Id of household number `index`.
pub(crate) fn household_id(index: u64) -> i64 {
    (i64::try_from(index).unwrap_or(0) + 1) * IDS
}

pub(crate) fn whole(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(0)
}

/// Gives seats names, birth dates and numbers.
struct People<'a> {
    random: &'a mut Random,
    calendar: &'a Calendar,
    village: &'a Village,
    index: u64,
    members: Vec<Member>,
}

impl People<'_> {
    fn add_all(&mut self, seats: &[Seat]) {
        let surname = names::surname(self.random);
        for (place, (relation, is_male, age)) in seats.iter().enumerate() {
            let own = matches!(*relation, "spouse" | "mother" | "daughter_in_law");
            let surname = if own { names::surname(self.random) } else { surname };
            self.add(place, relation, *is_male, *age, surname);
        }
    }

    fn add(&mut self, place: usize, relation: &'static str, is_male: bool, age: i32, name: &str) {
        let (birth, number) = self.number(age, is_male);
        let name = names::full_name(self.random, name, is_male);
        self.members.push(Member {
            id: household_id(self.index) + i64::try_from(place).unwrap_or(0) + 1,
            relation,
            is_male,
            birth,
            age: self.calendar.today.age(birth),
            school_age: self.calendar.school_start.age(birth),
            name,
            number,
            health: "healthy",
            disability: None,
            labour: "none",
            education: None,
            student: None,
            work: None,
            post: None,
        });
    }

    /// Birth date and number. Day and sequence are a bijection of the household's place in its
    /// county, so that no two people of one age and sex ever share them.
    fn number(&self, age: i32, is_male: bool) -> (Day, Number) {
        let same = |m: &&Member| m.age == age && m.is_male == is_male;
        let twins = self.members.iter().filter(same).count() as u64;
        let local = self.index - self.village.county_first;
        let spread = ((local % 60_000) * 3 + twins % 3) * 77_773 % 180_000;
        let back = i32::try_from(spread / 500).unwrap_or(0) + 1;
        let (year, month, day) = self.calendar.today.parts();
        let birth = Day::of(year - age, month, day).plus(-back);
        let overflow = local / 60_000;
        let county = if overflow == 0 { self.village.county_code() } else { 970_000 + overflow };
        let county = u32::try_from(county).unwrap_or(990_121);
        let sequence = u32::try_from(spread % 500).unwrap_or(0);
        (birth, Number::person(county, birth, sequence, is_male))
    }
}

/// Gives illness and disability to people who can bear them in the data.
fn afflict(random: &mut Random, traits: Traits, members: &mut [Member]) {
    if traits.has(Traits::DISABLED_CHILD)
        && let Some(child) = members.iter_mut().find(|m| m.is_compulsory())
    {
        child.health = "disabled";
        child.disability = Some((4, 3));
    }
    if traits.has(Traits::ILL)
        && let Some(member) = members.iter_mut().rev().find(|m| m.age >= 18 && m.relation != "head")
    {
        member.health = if random.chance(650) { "chronic" } else { "serious_illness" };
    } else if traits.has(Traits::ILL)
        && let Some(member) = members.first_mut()
    {
        member.health = "chronic";
    }
    if traits.has(Traits::DISABLED) {
        disable(random, traits, members);
    }
    for member in members.iter_mut() {
        if let Some((class, level)) = member.disability {
            member.number = member.number.certificate(class, level);
        }
    }
}

/// Makes somebody disabled: best a healthy grown person who is not the head; a head only lightly.
fn disable(random: &mut Random, traits: Traits, members: &mut [Member]) {
    let class = u8::try_from(random.range(1, 7)).unwrap_or(4);
    let level = u8::try_from(random.range(1, 4)).unwrap_or(3);
    let rest = |m: &Member| m.age >= 18 && m.relation != "head";
    let place = members.iter().rposition(|m| rest(m) && m.health == "healthy");
    if let Some(member) = place.and_then(|place| members.get_mut(place)) {
        member.health = "disabled";
        member.disability = Some((class, level));
    } else if let Some(member) =
        members.first_mut().filter(|head| head.health == "healthy" && !traits.has(Traits::HANDS))
    {
        member.health = "disabled";
        member.disability = Some((class, level.max(3)));
    }
}

/// Labour, schooling and education by age and health.
fn ability(random: &mut Random, traits: Traits, member: &mut Member) {
    member.student = student(random, traits, member);
    if member.student.is_some() {
        member.labour = "none";
        return;
    }
    member.education = Some(education(random, member.age));
    member.labour = if traits.has(Traits::NO_LABOUR) {
        "lost"
    } else if let Some((_, level)) = member.disability {
        if level <= 2 { "lost" } else { "weak_or_half" }
    } else if member.age >= 60 {
        let is_kept = matches!(member.relation, "father" | "mother");
        if is_kept && member.age >= 78 && random.chance(300) { "lost" } else { "weak_or_half" }
    } else if member.health == "healthy" || member.relation == "head" {
        "ordinary"
    } else {
        "weak_or_half"
    };
}

fn student(random: &mut Random, traits: Traits, member: &Member) -> Option<&'static str> {
    let age = member.school_age;
    let vocational =
        traits.has(Traits::VOCATIONAL) || (random.chance(150) && traits.has(Traits::STUDENT));
    let goes_on = traits.meets(Traits::VOCATIONAL.and(Traits::STUDENT)) || random.chance(850);
    Some(match age {
        ..=2 => "preschool_child",
        3..=5 => "preschool",
        6..=11 => "primary_pupil",
        12 => "junior_7",
        13 => "junior_8",
        14 => "junior_9",
        15 if vocational => "sec_voc_1",
        15 => "senior_1",
        16 if vocational => "sec_voc_2",
        17 if vocational => "sec_voc_3",
        16 if goes_on => "senior_2",
        17 if goes_on => "senior_3",
        18..=21 if random.chance(300) && !traits.has(Traits::HANDS) => "bachelor",
        _ => return None,
    })
}

fn education(random: &mut Random, age: i32) -> &'static str {
    match age {
        ..=17 => "junior",
        18..=39 => random.weighted(&[(55, "junior"), (30, "senior"), (15, "primary")], "junior"),
        40..=59 => random.weighted(&[(45, "primary"), (50, "junior"), (5, "senior")], "primary"),
        _ => random.weighted(&[(40, "illiterate"), (55, "primary"), (5, "junior")], "primary"),
    }
}

/// Work and posts for those who can.
fn employ(
    random: &mut Random,
    calendar: &Calendar,
    traits: Traits,
    members: &mut [Member],
) -> Traits {
    let mut traits = traits;
    let mut workers = 0;
    if traits.meets(Traits::WORKER.and(Traits::AWAY)) {
        let wanted = if random.chance(300) { 2 } else { 1 };
        for member in members.iter_mut().filter(|m| m.is_able() && m.age >= 18).take(wanted) {
            workers += 1;
            member.work = Some(Work {
                start: calendar.from().month(whole(random.range(-18, 2))),
                wage: random.range(24, 52) * 10_000,
                place: usize::try_from(random.below(8)).unwrap_or(0),
            });
            if random.chance(120) {
                member.labour = "skilled";
                member.education = Some("college").filter(|_| member.age < 40).or(member.education);
            }
        }
    }
    if workers == 0 {
        traits = traits.without(Traits::WORKER.and(Traits::AWAY));
    }
    if traits.has(Traits::POST) {
        let found = members
            .iter_mut()
            .find(|m| m.work.is_none() && m.has_labour() && (18..66).contains(&m.age));
        if let Some(member) = found {
            let kinds = ["cleaner", "forest_guard", "road_keeper", "water_keeper", "safety_patrol"];
            member.post = Some(Post {
                start: calendar.from().month(whole(random.range(-12, 3))),
                kind: random.pick(&kinds, "cleaner"),
                pay: random.range(5, 9) * 10_000,
            });
        } else {
            traits = traits.without(Traits::POST);
        }
    }
    traits
}

/// Chooses the risks of a case and when it was decided and ended.
fn watch(random: &mut Random, calendar: &Calendar, home: &mut Home, wish: &Wish) {
    if !home.traits.is_watched() {
        return;
    }
    // A wish that the household cannot bear is dropped, and the fault with it.
    let fits = |risk: &&str| match *risk {
        "illness" => home.any(Member::is_ill),
        "disability" => {
            wish.refuses.meets(Traits::DISABLED) || home.any(|m| m.disability.is_some())
        }
        _ => true,
    };
    let wished = wish.risk.filter(fits);
    let mut risks: Vec<&'static str> = wished.into_iter().collect();
    let own = if home.has(Traits::NO_LABOUR) {
        "lack_of_labour"
    } else if home.any(Member::is_ill) {
        "illness"
    } else if home.any(|m| m.disability.is_some()) {
        "disability"
    } else if home.any(Member::is_vocational) {
        "schooling"
    } else if home.any(|m| m.work.is_some()) && random.chance(500) {
        "unstable_employment"
    } else {
        random.pick(&["natural_disaster", "accident", "business_failure"], "accident")
    };
    if wished.is_none() {
        risks.push(own);
        if home.any(|m| m.disability.is_some()) && own != "disability" && random.chance(500) {
            risks.push("disability");
        }
    }
    home.risks = risks;
    let removed = home.has(Traits::REMOVED);
    let back = if removed { random.range(16, 44) } else { random.range(2, 30) };
    let month = calendar.today.month(-whole(back));
    home.decided_on = month.plus(whole(random.range(1, 25)));
    if removed {
        home.removed_on = Some(month.month(whole(random.range(8, back - 2))));
    }
}
