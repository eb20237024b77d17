//! When windows begin and end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cascade_core::ports::Clock;
use cascade_core::{BudgetWindow, Error, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use parking_lot::Mutex;

/// Beginning and end of one window, since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// When it began; zero for a lifetime.
    pub(crate) starts_at: Duration,
    /// When it ends; `None` for a lifetime.
    pub(crate) ends_at: Option<Duration>,
}

impl Span {
    const LIFETIME: Self = Self { starts_at: Duration::ZERO, ends_at: None };

    fn contains(&self, time: Duration) -> bool {
        self.starts_at <= time && self.ends_at.is_none_or(|end| time < end)
    }
}

/// The windows that one moment lies in, in the order of [`BudgetWindow::ALL`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spans([Span; 6]);

impl Spans {
    pub(crate) const fn of(&self, window: BudgetWindow) -> Span {
        self.0[window as usize]
    }
}

/// The present as windows see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Time that windows follow, since the Unix epoch. Never goes back.
    pub(crate) time: Duration,
    /// The windows it lies in.
    pub(crate) spans: Spans,
    /// How often a window had ended before it.
    turns: u64,
}

/// The windows of a time zone's calendar, with those of the present at hand.
///
/// A wall clock that is put forward takes the windows with it. One that is put back would lead into
/// windows that were used before: instead the ledger's time goes on at half speed until the clock
/// has caught up, so that a window is entered once, and none is stuck.
pub(crate) struct Windows {
    zone: TimeZone,
    clock: Arc<dyn Clock>,
    /// Wall-clock and monotonic time when the ledger began.
    began: (Duration, Duration),
    present: Mutex<Present>,
    turns: AtomicU64,
}

struct Present {
    time: Duration,
    /// Monotonic time of `time` while the wall clock lies behind it.
    behind_since: Option<Duration>,
    spans: Spans,
}

impl Windows {
    /// The calendar of the IANA time zone `name`.
    ///
    /// # Errors
    /// A config error on `time_zone` when there is no such zone.
    pub(crate) fn new(name: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let zone = TimeZone::get(name).map_err(|error| {
            Error::config(
                "time_zone",
                format!("unknown time zone: `{name}`"),
                "give an IANA name such as `Europe/Berlin`, or `UTC`",
            )
            .with_source(error)
        })?;
        let (time, monotonic) = (clock.since_epoch(), clock.monotonic());
        let spans = spans_at(&zone, time);
        let began = (time, monotonic);
        let present = Mutex::new(Present { time, behind_since: None, spans });
        Ok(Self { zone, clock, began, present, turns: AtomicU64::new(0) })
    }

    /// The present.
    pub(crate) fn now(&self) -> Moment {
        let wall = self.clock.since_epoch();
        let mut present = self.present.lock();
        if wall >= present.time {
            present.time = wall;
            present.behind_since = None;
        } else {
            let monotonic = self.clock.monotonic();
            let passed = monotonic.saturating_sub(present.behind_since.unwrap_or(monotonic));
            present.time += passed / 2;
            present.behind_since = Some(monotonic);
        }
        let time = present.time;
        for window in BudgetWindow::ALL {
            if !present.spans.of(window).contains(time) {
                present.spans.0[window as usize] = span_at(&self.zone, window, time);
                self.turns.fetch_add(1, Ordering::Release);
            }
        }
        Moment { time, spans: present.spans, turns: self.turns.load(Ordering::Acquire) }
    }

    /// Whether a window has ended since `moment`.
    pub(crate) fn have_turned(&self, moment: &Moment) -> bool {
        self.turns.load(Ordering::Acquire) != moment.turns
    }

    /// Time since about the Unix epoch that does not jump with the wall clock.
    pub(crate) fn steady(&self) -> Duration {
        self.began.0 + self.clock.monotonic().saturating_sub(self.began.1)
    }

    /// The windows of any moment, since the Unix epoch.
    pub(crate) fn at(&self, time: Duration) -> Spans {
        spans_at(&self.zone, time)
    }

    /// Wall-clock time since the Unix epoch.
    pub(crate) fn wall_clock(&self) -> Duration {
        self.clock.since_epoch()
    }
}

fn spans_at(zone: &TimeZone, time: Duration) -> Spans {
    Spans(BudgetWindow::ALL.map(|window| span_at(zone, window, time)))
}

fn span_at(zone: &TimeZone, window: BudgetWindow, time: Duration) -> Span {
    match window {
        BudgetWindow::Lifetime => Span::LIFETIME,
        BudgetWindow::Minute => fixed(time, 60),
        _ => calendar(zone, window, time).unwrap_or_else(|| match window {
            BudgetWindow::Hour => fixed(time, 3_600),
            BudgetWindow::Day => fixed(time, 86_400),
            BudgetWindow::Week => fixed(time, 7 * 86_400),
            // Beyond what calendars know, where only a broken clock gets.
            _ => Span::LIFETIME,
        }),
    }
}

fn fixed(time: Duration, seconds: u64) -> Span {
    let starts_at = Duration::from_secs(time.as_secs() / seconds * seconds);
    Span { starts_at, ends_at: Some(starts_at.saturating_add(Duration::from_secs(seconds))) }
}

/// `None` beyond the years 1970 to 9999.
fn calendar(zone: &TimeZone, window: BudgetWindow, time: Duration) -> Option<Span> {
    let timestamp = Timestamp::from_second(i64::try_from(time.as_secs()).ok()?).ok()?;
    let now = timestamp.to_zoned(zone.clone());
    let (start, end) = match window {
        BudgetWindow::Hour => hour(zone, &now)?,
        BudgetWindow::Day => days(zone, now.date(), now.date().tomorrow().ok()?)?,
        BudgetWindow::Week => {
            let since_monday = i64::from(now.weekday().to_monday_zero_offset());
            let monday = now.date().checked_sub(since_monday.days()).ok()?;
            days(zone, monday, monday.checked_add(7.days()).ok()?)?
        }
        _ => {
            let first = now.date().first_of_month();
            days(zone, first, first.checked_add(1.month()).ok()?)?
        }
    };
    Some(Span { starts_at: since_epoch(start), ends_at: Some(since_epoch(end)) })
}

/// From the beginning of one day to that of another.
fn days(zone: &TimeZone, from: Date, to: Date) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).ok();
    Some((start(from)?, start(to)?))
}

/// The hour by the zone's clocks; a change of the clocks ends it.
fn hour(zone: &TimeZone, now: &Zoned) -> Option<(Timestamp, Timestamp)> {
    let past = i64::from(now.minute()) * 60 + i64::from(now.second());
    let begins = now.timestamp().as_second() - past;
    let mut start = Timestamp::from_second(begins).ok()?;
    let mut end = Timestamp::from_second(begins + 3_600).ok()?;
    let offset = now.offset();
    if zone.to_offset(start) != offset
        && let Some(change) = zone.preceding(now.timestamp() + 1.second()).next()
    {
        start = change.timestamp();
    }
    if zone.to_offset(end - 1.second()) != offset
        && let Some(change) = zone.following(now.timestamp()).next()
    {
        end = change.timestamp();
    }
    Some((start, end))
}

fn since_epoch(timestamp: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(timestamp.as_second()).unwrap_or(0))
}
