use std::time::Duration;

use cascadeflow::ports::{Clock, EntryFilter};
use cascadeflow::telemetry::parse_moment;
use cascadeflow::{Error, Result, SystemClock};
use clap::Args;

/// Which entries count.
#[derive(Debug, Args)]
pub(super) struct FilterArguments {
    /// Only what this person spent.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only what was spent on this model.
    #[arg(long, value_name = "ID")]
    model: Option<String>,
    /// Only what was spent at this provider.
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Only what was spent under this tier.
    #[arg(long, value_name = "NAME")]
    tier: Option<String>,
    /// Only from this moment on: a date such as `2026-11-21`, a date and time, or an age such as
    /// `7d` or `12h`. UTC unless it names an offset.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only before this moment, written as for `--since`.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl FilterArguments {
    /// The filter.
    ///
    /// # Errors
    /// A validation error when a moment is none, or the end comes before the beginning.
    pub(super) fn filter(&self) -> Result<EntryFilter> {
        let now = SystemClock::default().since_epoch();
        let moment = |field: &str, text: &Option<String>| {
            text.as_deref().map(|text| moment(field, text, now)).transpose()
        };
        let (from, until) = (moment("since", &self.since)?, moment("until", &self.until)?);
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(Error::validation(
                "until",
                "the end lies before the beginning",
                "give an `--until` that is later than `--since`",
            ));
        }
        Ok(EntryFilter {
            user_id: self.user.clone(),
            model: self.model.clone(),
            provider: self.provider.clone(),
            tier: self.tier.clone(),
            from,
            until,
            ..EntryFilter::default()
        })
    }

    /// The person asked for.
    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

fn moment(field: &str, text: &str, now: Duration) -> Result<Duration> {
    let text = text.trim();
    age(text).map(|age| now.saturating_sub(age)).or_else(|| parse_moment(text)).ok_or_else(|| {
        Error::validation(
            field,
            format!("not a moment: `{text}`"),
            "give a date such as `2026-11-21`, a date and time, or an age such as `7d` or `12h`",
        )
    })
}

/// An age such as `90m`, `12h`, `7d` or `2w`.
fn age(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_times_and_ages() {
        let now = Duration::from_hours(498_672);
        let at = |text: &str| moment("since", text, now).map(|moment| moment.as_secs());
        assert_eq!(at("2026-11-20").unwrap(), now.as_secs() - 86_400);
        assert_eq!(at("2026-11-20T01:00:00+01:00").unwrap(), now.as_secs() - 86_400);
        assert_eq!(at(" 2d ").unwrap(), now.as_secs() - 2 * 86_400);
        assert_eq!(at("90m").unwrap(), now.as_secs() - 5_400);
        for nonsense in ["", "d", "-1d", "soon", "2026-13-01"] {
            assert_eq!(at(nonsense).unwrap_err().field(), Some("since"), "{nonsense}");
        }
    }
}
