//! Days of the calendar, in UTC.

/// Year, month and day, in the order in which they compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    year: i64,
    month: i64,
    day: i64,
}

const SECONDS_A_DAY: i64 = 86_400;

impl Day {
    /// `None` when there is no such day.
    pub(crate) fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let made = Self { year, month, day };
        ((1970..=9999).contains(&year) && of_number(made.number()) == made).then_some(made)
    }

    /// `2026-11-29`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return None };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// What the system's clock says.
    #[expect(clippy::disallowed_methods, reason = "a command asks once, and --date replaces it")]
    pub(crate) fn today() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seconds = now.ok().and_then(|passed| i64::try_from(passed.as_secs()).ok());
        of_number(seconds.unwrap_or_default() / SECONDS_A_DAY)
    }

    /// Since 1970-01-01, by Howard Hinnant's algorithm: years begin in March, eras have 400 of them.
    pub(crate) fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn of_number(number: i64) -> Day {
    let shifted = number + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Day { year, month, day: day_of_year - (153 * month_from_march + 2) / 5 + 1 }
}

/// RFC 3339, of seconds since 1970.
pub(crate) fn time_of(seconds: i64) -> String {
    let day = of_number(seconds.div_euclid(SECONDS_A_DAY));
    let rest = seconds.rem_euclid(SECONDS_A_DAY);
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::{Day, time_of};

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(time_of(0), "1970-01-01T00:00:00Z");
        assert_eq!(time_of(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(time_of(1_795_910_399), "2026-11-28T23:59:59Z");
        assert_eq!(Day::parse("2024-02-29").map(Day::number), Some(19_782));
        for wrong in ["2023-02-29", "2026-13-01", "2026-1-1", "2026-01-00", "tomorrow", "2026-01-01-01"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }
}
