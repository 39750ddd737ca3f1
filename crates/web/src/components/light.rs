//! Light (灯号): shape, colour and words together.

use super::icon::sprite;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// What a row's clock says. Days count as the row's deadline says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// Days after the due day, at least 1.
    Overdue(i64),
    /// Days left within the warning span; 0 is today.
    Soon(i64),
    /// Days left beyond it.
    Normal(i64),
    /// Struck off.
    Closed,
    /// Goes on with stage goals.
    LongTerm,
    /// Nothing set yet.
    NoDate,
    /// Does not exist here.
    Void,
}

impl Light {
    /// The light of a day count: negative is late; `soon` is the warning span in days.
    #[must_use]
    pub const fn of_days(left: i64, soon: i64) -> Self {
        if left < 0 {
            Self::Overdue(-left)
        } else if left <= soon {
            Self::Soon(left)
        } else {
            Self::Normal(left)
        }
    }

    /// Style class: `r`, `y`, `g` or `d`.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Overdue(_) => "r",
            Self::Soon(_) => "y",
            Self::Normal(_) | Self::LongTerm => "g",
            Self::Closed | Self::NoDate | Self::Void => "d",
        }
    }

    const fn shape(self) -> &'static str {
        match self {
            Self::Overdue(_) => "overdue",
            Self::Soon(_) => "soon",
            Self::Normal(_) | Self::LongTerm => "normal",
            Self::Closed | Self::NoDate | Self::Void => "closed",
        }
    }
}

impl From<taizhang_flow::Light> for Light {
    fn from(light: taizhang_flow::Light) -> Self {
        use taizhang_flow::LightKind;
        match (light.kind, light.days) {
            (LightKind::Overdue, Some(days)) => Self::Overdue(-days),
            (LightKind::Near, Some(days)) => Self::Soon(days),
            (LightKind::Normal, Some(days)) => Self::Normal(days),
            (LightKind::Overdue | LightKind::Near | LightKind::Normal, None) => Self::NoDate,
            (LightKind::LongTerm, _) => Self::LongTerm,
            (LightKind::Closed, _) => Self::Closed,
            (LightKind::Void, _) => Self::Void,
        }
    }
}

/// The light with its words.
#[must_use]
pub fn light(frame: &Frame, light: Light) -> Markup {
    let words = match light {
        Light::Overdue(1) => frame.t(t::LIGHT_OVERDUE_ONE).to_owned(),
        Light::Soon(1) | Light::Normal(1) => frame.t(t::LIGHT_LEFT_ONE).to_owned(),
        Light::Overdue(days) => frame.with(t::LIGHT_OVERDUE, &[&days]),
        Light::Soon(0) => frame.t(t::LIGHT_TODAY).to_owned(),
        Light::Soon(days) | Light::Normal(days) => frame.with(t::LIGHT_LEFT, &[&days]),
        Light::Closed => frame.t(t::LIGHT_CLOSED).to_owned(),
        Light::LongTerm => frame.t(t::LIGHT_LONG_TERM).to_owned(),
        Light::NoDate => frame.t(t::LIGHT_NO_DATE).to_owned(),
        Light::Void => frame.t(t::LIGHT_VOID).to_owned(),
    };
    shaped(light, &words)
}

/// A light with other words, for tabs.
pub(crate) fn shaped(light: Light, words: &str) -> Markup {
    html! {
        span class={ "lt " (light.class()) } {
            svg aria-hidden="true" { use href=(sprite(light.shape())) {} }
            (words)
        }
    }
}

/// Class of a table row by its light: late rows and rows due today get a mark at the left.
#[must_use]
pub const fn row_class(light: Light) -> &'static str {
    match light {
        Light::Overdue(_) => "od",
        Light::Soon(0) => "so1",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::Light;

    #[test]
    fn days_left_choose_the_light() {
        let cases = [
            (-3, Light::Overdue(3)),
            (0, Light::Soon(0)),
            (7, Light::Soon(7)),
            (8, Light::Normal(8)),
        ];
        for (left, expected) in cases {
            assert_eq!(Light::of_days(left, 7), expected);
        }
    }
}
