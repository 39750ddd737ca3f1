//! What is so about a household, as a set of traits: drawn by chance, or wished for by a fault.

use crate::random::Random;

/// A set of traits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits(pub u64);

macro_rules! traits {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        impl Traits {
            $($(#[$doc])* pub(crate) const $name: Self = Self(1 << $bit);)*
        }
    };
}

traits! {
    /// Once poor, now lifted; otherwise an ordinary household.
    LIFTED = 0;
    /// Watched, and the risk is not removed.
    ACTIVE = 1;
    /// Watched once, the risk is removed.
    REMOVED = 2;
    /// A pupil of compulsory-school age.
    PUPIL = 3;
    /// A student at a vocational school.
    VOCATIONAL = 4;
    /// Somebody with a chronic or serious illness.
    ILL = 5;
    /// Somebody disabled.
    DISABLED = 6;
    /// Somebody who works away.
    WORKER = 7;
    /// Somebody who holds a public post.
    POST = 8;
    /// Draws minimum living.
    AID = 9;
    /// Nobody can work.
    NO_LABOUR = 10;
    /// Has a microloan.
    LOAN = 11;
    /// Was relocated.
    RELOCATED = 12;
    /// Had its house renovated.
    RENOVATED = 13;
    /// Draws a dividend of a cooperative.
    MEMBER = 14;
    /// Lives in a rented house or with relatives.
    RENTED = 15;
    /// Four people or more.
    LARGE = 16;
    /// Somebody of sixty or more.
    OLD = 17;
    /// Somebody was trained.
    TRAINED = 18;
    /// A disabled child of school age.
    DISABLED_CHILD = 19;
    /// Somebody was in hospital.
    HOSPITAL = 20;
    /// Has an industry asset or a project of its own.
    INDUSTRY = 21;
    /// Watched as a case of sudden hardship.
    SUDDEN = 22;
    /// A child below school age.
    INFANT = 24;
    /// A student of a senior, vocational or high school.
    STUDENT = 25;
    /// All away from home.
    AWAY = 26;
    /// Two grown people able to work at least.
    HANDS = 27;
    /// A child who is taught at home after a suspected dropout.
    DROPOUT = 28;
    /// Only people of sixty and more.
    ELDERS = 29;
    /// Has points at the village's shop.
    POINTS = 30;
}

impl Traits {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Watched now or once.
    pub(crate) const fn is_watched(self) -> bool {
        self.meets(Self::ACTIVE.and(Self::REMOVED))
    }

    /// Lifted or watched.
    pub(crate) const fn is_registered(self) -> bool {
        self.has(Self::LIFTED) || self.is_watched()
    }
}

/// What a fault needs of the household in which it is planted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Must be so.
    pub(crate) wants: Traits,
    /// Must not be so.
    pub(crate) refuses: Traits,
    /// The risk of its case, by its code.
    pub(crate) risk: Option<&'static str>,
}

impl Wish {
    pub(crate) const fn wants(wants: Traits) -> Self {
        Self { wants, refuses: Traits::NONE, risk: None }
    }

    /// Anything will do.
    pub(crate) const ANY: Self = Self::wants(Traits::NONE);

    pub(crate) const fn refuses(self, refuses: Traits) -> Self {
        Self { refuses: self.refuses.and(refuses), ..self }
    }

    pub(crate) const fn with(self, wants: Traits) -> Self {
        Self { wants: self.wants.and(wants), ..self }
    }

    pub(crate) const fn risk(self, risk: &'static str) -> Self {
        Self { risk: Some(risk), ..self }
    }
}

/// Chances of a thousand households. What depends on something else is drawn in `draw`.
const CHANCES: [(Traits, u64); 17] = [
    (Traits::LIFTED, 300),
    (Traits::PUPIL, 330),
    (Traits::VOCATIONAL, 25),
    (Traits::ILL, 110),
    (Traits::DISABLED, 60),
    (Traits::WORKER, 560),
    (Traits::POST, 30),
    (Traits::LOAN, 60),
    (Traits::RELOCATED, 60),
    (Traits::RENOVATED, 70),
    (Traits::MEMBER, 120),
    (Traits::RENTED, 20),
    (Traits::TRAINED, 60),
    (Traits::HOSPITAL, 60),
    (Traits::INDUSTRY, 80),
    (Traits::AWAY, 40),
    (Traits::DISABLED_CHILD, 5),
];

/// Draws the traits of a household so that they go together, and as wished.
pub(crate) fn draw(random: &mut Random, wish: &Wish) -> Traits {
    let mut traits = wish.wants;
    for (which, chance) in CHANCES {
        let drawn = random.chance(chance);
        if drawn && !wish.refuses.meets(which) {
            traits = traits.and(which);
        }
    }
    let watch = random.below(1000);
    let watch = if watch < 70 {
        Traits::ACTIVE
    } else if watch < 107 {
        Traits::REMOVED
    } else {
        Traits::NONE
    };
    if !traits.is_watched() && !wish.refuses.meets(watch) {
        traits = traits.and(watch);
    }
    let aid = random.chance(450) && traits.has(Traits::ACTIVE);
    let sudden = random.chance(200) && traits.is_watched();
    if aid && !wish.refuses.meets(Traits::AID) && !traits.has(Traits::SUDDEN) {
        traits = traits.and(Traits::AID);
    }
    if sudden && !wish.refuses.meets(Traits::SUDDEN) && !traits.has(Traits::AID) {
        traits = traits.and(Traits::SUDDEN);
    }
    settle(random, traits, wish)
}

/// Takes out what does not go together with what is there.
fn settle(random: &mut Random, mut traits: Traits, wish: &Wish) -> Traits {
    let wants = wish.wants;
    if random.chance(150)
        && traits.has(Traits::AID)
        && !wants.meets(Traits::WORKER.and(Traits::POST).and(Traits::HANDS).and(Traits::PUPIL))
        && !wish.refuses.meets(Traits::NO_LABOUR)
    {
        traits = traits.and(Traits::NO_LABOUR);
    }
    if traits.has(Traits::NO_LABOUR) {
        // Support and work exclude each other; without labour there is neither post nor loan.
        let none = Traits::WORKER
            .and(Traits::POST)
            .and(Traits::LOAN)
            .and(Traits::TRAINED)
            .and(Traits::AWAY)
            .and(Traits::MEMBER)
            .and(Traits::INDUSTRY)
            .and(Traits::VOCATIONAL)
            .and(Traits::PUPIL)
            .and(Traits::DISABLED_CHILD)
            .and(Traits::RELOCATED)
            .and(Traits::SUDDEN);
        traits = traits.without(none.without(wants)).and(Traits::AID).and(Traits::ACTIVE);
    }
    if traits.has(Traits::AID) || traits.has(Traits::ACTIVE) {
        traits = traits.without(Traits::AWAY.without(wants));
    }
    if !traits.is_registered() {
        let helped = Traits::LOAN.and(Traits::RELOCATED).and(Traits::POST).and(Traits::INDUSTRY);
        traits = traits.without(helped.without(wants));
    }
    if traits.has(Traits::RELOCATED) {
        let other = Traits::RENOVATED.and(Traits::RENTED).without(wants);
        traits = traits.without(other).and(Traits::HANDS).and(Traits::WORKER);
    }
    if traits.has(Traits::RENOVATED) {
        traits = traits.without(Traits::RENTED.without(wants));
    }
    let mut refused = wish.refuses;
    if refused.meets(Traits::WORKER) {
        refused = refused.and(Traits::AWAY).and(Traits::RELOCATED);
    }
    traits.without(refused.without(wants))
}
