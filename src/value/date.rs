//! Dates, to the millisecond.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};

/// An instant: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

impl Date {
    /// 0001-01-01 and 9999-12-31: the years that both databases and ISO 8601 write with four digits.
    const MIN: i64 = -62_135_596_800_000;
    const MAX: i64 = 253_402_300_799_999;
    /// The milliseconds of a day.
    const DAY: i64 = 86_400_000;

    /// The instant so many milliseconds after 1970, if its year has four digits.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis < Self::MIN || millis > Self::MAX { None } else { Some(Self(millis)) }
    }

    /// An ISO 8601 date with a time and a zone, such as `2020-02-29T12:00:00.000Z` or `2020-02-29T12:00+01:00`, or a day,
    /// month or year in UTC, such as `2020-02-29`. 24:00 is the end of a day. Digits beyond the millisecond are cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let millis = match text.split_once(['T', 't', ' ']) {
            Some((day, time)) => Self::instant(day, time)?,
            None => Self::beginning(text)?,
        };
        Self::from_millis(millis)
    }

    /// The milliseconds of a day and a time with its zone.
    fn instant(day: &str, time: &str) -> Option<i64> {
        let (time, zone) = time.split_at_checked(time.find(['Z', 'z', '+', '-'])?)?;
        // Seconds may be left out, and `chrono` has no 24 o'clock.
        let seconds = if time.len() == "12:00".len() { ":00" } else { "" };
        let end_of_day = time.strip_prefix("24:00").filter(|rest| rest.chars().all(|sign| "0:.".contains(sign)));
        let late = if end_of_day.is_some() { Self::DAY } else { 0 };
        let time = end_of_day.map_or_else(|| time.to_owned(), |rest| format!("00:00{rest}"));
        let date = DateTime::parse_from_rfc3339(&format!("{day}T{time}{seconds}{zone}")).ok()?;
        date.timestamp_millis().checked_add(late)
    }

    /// The milliseconds at which a day, a month or a year begins.
    fn beginning(text: &str) -> Option<i64> {
        if !text.chars().next()?.is_ascii_digit() {
            return None;
        }
        let day = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            10 => text.to_owned(),
            _ => return None,
        };
        let day = NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant so much later, if its year has four digits.
    pub fn plus(self, length: Duration) -> Option<Self> {
        i64::try_from(length.as_millis()).ok().and_then(|length| self.0.checked_add(length)).and_then(Self::from_millis)
    }

    /// The instant so much earlier, if its year has four digits.
    pub fn minus(self, length: Duration) -> Option<Self> {
        i64::try_from(length.as_millis()).ok().and_then(|length| self.0.checked_sub(length)).and_then(Self::from_millis)
    }

    /// The same instant for the database driver.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Date {
    fn from(date: DateTime<Utc>) -> Self {
        Self(date.timestamp_millis().clamp(Self::MIN, Self::MAX))
    }
}

/// `2020-02-29T12:00:00.000Z`, always in UTC and with milliseconds.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_keep_their_milliseconds_and_need_a_zone() {
        let cases = [
            ("2020-02-29T12:00:00.000Z", Some("2020-02-29T12:00:00.000Z")),
            ("2020-02-29T12:00:00Z", Some("2020-02-29T12:00:00.000Z")),
            ("2020-02-29T12:00:00.1239Z", Some("2020-02-29T12:00:00.123Z")),
            ("2020-02-29T14:30:00+02:30", Some("2020-02-29T12:00:00.000Z")),
            ("1890-01-01T00:00:00.001Z", Some("1890-01-01T00:00:00.001Z")),
            ("2020-02-30T12:00:00Z", None),
            ("2020-02-29T12:00:00", None),
            ("2020-02-29", Some("2020-02-29T00:00:00.000Z")),
            ("2020-02-30", None),
            ("2020-02", Some("2020-02-01T00:00:00.000Z")),
            ("2020", Some("2020-01-01T00:00:00.000Z")),
            ("2020-13", None),
            ("20200", None),
            ("+202", None),
            ("2020-02-29T12:00Z", Some("2020-02-29T12:00:00.000Z")),
            ("2020-02-29T12:00+01:00", Some("2020-02-29T11:00:00.000Z")),
            ("2020-02-29T12:00", None),
            ("2020-02-29T24:00Z", Some("2020-03-01T00:00:00.000Z")),
            ("2020-02-29T24:00:00Z", Some("2020-03-01T00:00:00.000Z")),
            ("2020-02-29T24:00:00.000Z", Some("2020-03-01T00:00:00.000Z")),
            ("2020-02-29T24:00:01Z", None),
            ("2020-02-29T24:01Z", None),
            ("2020-02-29T25:00Z", None),
            ("9999-12-31T24:00Z", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let shown = Date::parse(text).map(|date| date.to_string());
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }
}
