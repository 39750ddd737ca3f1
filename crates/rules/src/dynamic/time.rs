//! Timestamps and durations, in nanoseconds.

use super::evaluate::Environment;
use super::value::{Evaluated, Value, error, no_overload};
use jiff::civil::DateTime;

const SECOND: i128 = 1_000_000_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z.
const FIRST: i128 = -62_135_596_800 * SECOND;
const LAST: i128 = 253_402_300_800 * SECOND - 1;
/// About 10,000 years, as protobuf has it.
const LONGEST: i128 = 315_576_000_000 * SECOND;

pub(crate) fn timestamp(nanoseconds: i128) -> Evaluated {
    if (FIRST..=LAST).contains(&nanoseconds) {
        Ok(Value::Timestamp(nanoseconds))
    } else {
        error("range")
    }
}

pub(crate) fn duration(nanoseconds: i128) -> Evaluated {
    // Differences of timestamps must fit 64 bits of nanoseconds, as in the other implementations.
    if nanoseconds.abs() <= LONGEST && i64::try_from(nanoseconds).is_ok() {
        Ok(Value::Duration(nanoseconds))
    } else {
        error("range")
    }
}

pub(crate) fn arithmetic(name: &str, left: &Value, right: &Value) -> Evaluated {
    match (name, left, right) {
        ("_+_", Value::Timestamp(time), Value::Duration(length))
        | ("_+_", Value::Duration(length), Value::Timestamp(time)) => timestamp(time + length),
        ("_+_", Value::Duration(left), Value::Duration(right)) => duration(left + right),
        ("_-_", Value::Timestamp(time), Value::Duration(length)) => timestamp(time - length),
        ("_-_", Value::Timestamp(left), Value::Timestamp(right))
        | ("_-_", Value::Duration(left), Value::Duration(right)) => duration(left - right),
        _ => no_overload(),
    }
}

/// RFC 3339 text.
pub(crate) fn parse_timestamp(text: &str) -> Evaluated {
    match instant_of(text) {
        Some(nanoseconds) => timestamp(nanoseconds),
        None => error("invalid timestamp"),
    }
}

fn instant_of(text: &str) -> Option<i128> {
    let zone_at = text.rfind(['Z', 'z', '+', '-']).filter(|at| *at >= 19)?;
    let (civil, zone) = (text.get(..zone_at)?, text.get(zone_at..)?);
    let east = if zone.eq_ignore_ascii_case("z") { 0 } else { offset(zone)? };
    let civil: DateTime = civil.parse().ok()?;
    let time = civil.time();
    let seconds = crate::calendar::day_number(civil.date()) * 86_400
        + i64::from(time.hour()) * 3_600
        + i64::from(time.minute()) * 60
        + i64::from(time.second())
        - east;
    Some(i128::from(seconds) * SECOND + i128::from(time.subsec_nanosecond()))
}

/// Whole seconds with a fraction without needless zeros.
fn seconds_text(seconds: &str, nanoseconds: i128) -> String {
    let fraction = format!("{nanoseconds:09}");
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{seconds}{dot}{fraction}")
}

/// `1h30m`, `-1.5s`, `20ms`.
pub(crate) fn parse_duration(text: &str) -> Evaluated {
    let (sign, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (-1, text.get(1..).unwrap_or("")),
        Some(b'+') => (1, text.get(1..).unwrap_or("")),
        _ => (1, text),
    };
    if rest == "0" {
        return Ok(Value::Duration(0));
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return error("invalid duration");
    }
    while !rest.is_empty() {
        let Some((nanoseconds, after)) = part(rest) else {
            return error("invalid duration");
        };
        total = total.saturating_add(nanoseconds);
        rest = after;
    }
    duration(total * sign)
}

/// A number with its unit, and what follows.
fn part(text: &str) -> Option<(i128, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = (text.get(..digits)?, text.get(digits..)?);
    let units: [(&str, i128); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3_600 * SECOND),
    ];
    let (unit, scale) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: String = format!("{fraction:0<18}").chars().take(18).collect();
    let fraction: i128 = fraction.parse().ok()?;
    let nanoseconds =
        whole.checked_mul(scale)?.checked_add(fraction * scale / 1_000_000_000_000_000_000)?;
    Some((nanoseconds, rest.get(unit.len()..)?))
}

/// The text of a time.
pub(crate) fn text(value: &Value) -> Evaluated {
    match value {
        Value::Timestamp(nanoseconds) => {
            let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or(0);
            let date = crate::calendar::date_of_number(seconds.div_euclid(86_400));
            let rest = seconds.rem_euclid(86_400);
            let (hour, minute) = (rest / 3_600, rest / 60 % 60);
            let clock = seconds_text(&format!("{:02}", rest % 60), nanoseconds.rem_euclid(SECOND));
            Ok(Value::Text(format!("{date}T{hour:02}:{minute:02}:{clock}Z")))
        }
        Value::Duration(nanoseconds) => {
            let sign = if *nanoseconds < 0 { "-" } else { "" };
            let (seconds, rest) = (nanoseconds.abs() / SECOND, nanoseconds.abs() % SECOND);
            Ok(Value::Text(format!("{sign}{}s", seconds_text(&seconds.to_string(), rest))))
        }
        _ => no_overload(),
    }
}

/// `getHours()` and its like; `None` for other names.
pub(crate) fn accessor(
    name: &str,
    values: &[Value],
    environment: &Environment<'_>,
) -> Option<Evaluated> {
    if !name.starts_with("get") {
        return None;
    }
    match values {
        [Value::Duration(nanoseconds)] => Some(of_duration(name, *nanoseconds)),
        [Value::Timestamp(nanoseconds)] => Some(of_timestamp(name, *nanoseconds, 0)),
        [Value::Timestamp(nanoseconds), Value::Text(zone)] => {
            let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or(0);
            let offset = offset(zone).or_else(|| (environment.zones)(zone, seconds));
            Some(match offset {
                Some(offset) => of_timestamp(name, *nanoseconds, offset),
                None => error("unknown time zone"),
            })
        }
        _ => Some(no_overload()),
    }
}

/// `+05:30`, `-02:00`, `02:00`, `UTC`: seconds east.
fn offset(zone: &str) -> Option<i64> {
    if zone == "UTC" {
        return Some(0);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, minutes) = digits.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60))
}

fn of_duration(name: &str, nanoseconds: i128) -> Evaluated {
    let number = match name {
        "getHours" => nanoseconds / (3_600 * SECOND),
        "getMinutes" => nanoseconds / (60 * SECOND),
        "getSeconds" => nanoseconds / SECOND,
        "getMilliseconds" => nanoseconds % SECOND / 1_000_000,
        _ => return no_overload(),
    };
    super::evaluate::whole(i64::try_from(number).ok())
}

fn of_timestamp(name: &str, nanoseconds: i128, offset: i64) -> Evaluated {
    let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or(0);
    let rest = nanoseconds.rem_euclid(SECOND);
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let span = jiff::Span::new().try_seconds(seconds.saturating_add(offset));
    let Some(time) = span.ok().and_then(|span| epoch.checked_add(span).ok()) else {
        return error("range");
    };
    let milliseconds = i64::try_from(rest / 1_000_000).unwrap_or(0);
    part_of_time(name, time, milliseconds)
}

fn part_of_time(name: &str, time: DateTime, milliseconds: i64) -> Evaluated {
    let number = match name {
        "getFullYear" => i64::from(time.year()),
        "getMonth" => i64::from(time.month()) - 1,
        "getDate" => i64::from(time.day()),
        "getDayOfMonth" => i64::from(time.day()) - 1,
        "getDayOfWeek" => i64::from(time.weekday().to_sunday_zero_offset()),
        "getDayOfYear" => i64::from(time.day_of_year()) - 1,
        "getHours" => i64::from(time.hour()),
        "getMinutes" => i64::from(time.minute()),
        "getSeconds" => i64::from(time.second()),
        "getMilliseconds" => milliseconds,
        _ => return no_overload(),
    };
    Ok(Value::Integer(number))
}
