use std::time::Duration;

use cascade_core::{BudgetWindow, Usd};
use serde::Serialize;

use super::rates::{RateDecision, RateLimits, RateMeasure, RateRefusal, length};
use super::sliding_window::SlidingWindow;
use super::token_bucket::TokenBucket;

const WINDOWS: [BudgetWindow; 3] = [BudgetWindow::Minute, BudgetWindow::Hour, BudgetWindow::Day];
const DAY: Duration = Duration::from_hours(24);

/// What one person used of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RateUsage {
    /// Requests in the last minute.
    pub requests_last_minute: u64,
    /// Requests in the last hour.
    pub requests_last_hour: u64,
    /// Requests in the last 24 hours.
    pub requests_last_day: u64,
    /// Tokens in the last minute; zero without a limit of them.
    pub tokens_last_minute: u64,
    /// Tokens in the last hour; zero without a limit of them.
    pub tokens_last_hour: u64,
    /// Tokens in the last 24 hours; zero without a limit of them.
    pub tokens_last_day: u64,
    /// USD since the present 24 hours began.
    pub daily_cost: Usd,
}

/// One person's counters.
#[derive(Debug, Clone)]
pub(super) struct Counters {
    requests: [SlidingWindow; 3],
    tokens: [SlidingWindow; 3],
    bucket: Option<TokenBucket>,
    cost: Usd,
    cost_since: Duration,
    pub(super) touched: Duration,
}

impl Counters {
    pub(super) fn new(now: Duration) -> Self {
        let windows = || WINDOWS.map(|window| SlidingWindow::new(length(window)));
        Self {
            requests: windows(),
            tokens: windows(),
            bucket: None,
            cost: Usd::ZERO,
            cost_since: now,
            touched: now,
        }
    }

    pub(super) fn usage(&mut self, now: Duration) -> RateUsage {
        let [minute, hour, day] = &mut self.requests;
        let (minute, hour, day) = (minute.used(now), hour.used(now), day.used(now));
        let [tokens_minute, tokens_hour, tokens_day] = &mut self.tokens;
        RateUsage {
            requests_last_minute: minute,
            requests_last_hour: hour,
            requests_last_day: day,
            tokens_last_minute: tokens_minute.used(now),
            tokens_last_hour: tokens_hour.used(now),
            tokens_last_day: tokens_day.used(now),
            daily_cost: self.daily_cost(now),
        }
    }

    /// Whether nothing counts any more.
    pub(super) fn is_idle(&mut self, now: Duration) -> bool {
        let windows = self.requests.iter_mut().chain(&mut self.tokens);
        for window in windows {
            window.used(now);
            if !window.is_empty() {
                return false;
            }
        }
        self.daily_cost(now).is_zero()
    }

    pub(super) fn check(
        &mut self,
        limits: &RateLimits,
        cost: Usd,
        tokens: u64,
        now: Duration,
    ) -> RateDecision {
        let request_limits =
            [limits.requests_per_minute, limits.requests_per_hour, limits.requests_per_day];
        let token_limits = token_limits(limits);
        let mut worst: Option<RateRefusal> = None;
        for position in 0..WINDOWS.len() {
            let found = window_refusal(
                &mut self.requests[position],
                (RateMeasure::Requests, WINDOWS[position]),
                request_limits[position],
                1,
                now,
            );
            worst = longer(worst, found);
            let found = window_refusal(
                &mut self.tokens[position],
                (RateMeasure::Tokens, WINDOWS[position]),
                token_limits[position],
                tokens,
                now,
            );
            worst = longer(worst, found);
        }
        worst = longer(worst, self.budget_refusal(limits.daily_budget, cost, now));
        worst = longer(worst, self.burst_refusal(limits, now));
        worst.map_or(RateDecision::Allowed, RateDecision::Refused)
    }

    pub(super) fn record(&mut self, limits: &RateLimits, cost: Usd, tokens: u64, now: Duration) {
        self.touched = now;
        for window in &mut self.requests {
            window.add(now, 1);
        }
        self.add_tokens(limits, tokens, now);
        self.daily_cost(now);
        self.cost += cost;
        if let (Some(size), Some(rate)) = (limits.burst, limits.shortest_request_limit()) {
            self.bucket.get_or_insert_with(|| TokenBucket::full(size, now)).take(size, rate, now);
        }
    }

    /// Adds what became known only after the request was recorded.
    pub(super) fn correct(&mut self, limits: &RateLimits, cost: Usd, tokens: u64, now: Duration) {
        self.add_tokens(limits, tokens, now);
        self.daily_cost(now);
        self.cost += cost;
    }

    /// Only where there is a limit: what nobody asks for costs no memory.
    fn add_tokens(&mut self, limits: &RateLimits, tokens: u64, now: Duration) {
        for (window, limit) in self.tokens.iter_mut().zip(token_limits(limits)) {
            if limit.is_some() {
                window.add(now, tokens);
            }
        }
    }

    fn daily_cost(&mut self, now: Duration) -> Usd {
        if self.cost.is_zero() || now >= self.cost_since.saturating_add(DAY) {
            self.cost = Usd::ZERO;
            self.cost_since = now;
        }
        self.cost
    }

    fn budget_refusal(
        &mut self,
        limit: Option<Usd>,
        cost: Usd,
        now: Duration,
    ) -> Option<RateRefusal> {
        let (limit, used) = (limit?, self.daily_cost(now));
        if used + cost <= limit {
            return None;
        }
        let never = cost > limit;
        let wait = self.cost_since.saturating_add(DAY).saturating_sub(now);
        let left = if used < limit { limit - used } else { Usd::ZERO };
        Some(RateRefusal {
            measure: RateMeasure::Cost,
            window: BudgetWindow::Day,
            limit,
            used,
            retry_after_ms: (!never).then(|| whole_milliseconds(wait)),
            message: format!("daily budget exceeded (${limit}/day), remaining: ${left}"),
        })
    }

    fn burst_refusal(&mut self, limits: &RateLimits, now: Duration) -> Option<RateRefusal> {
        let (size, rate) = (limits.burst?, limits.shortest_request_limit()?);
        let wait = self.bucket.as_mut()?.wait(size, rate, now);
        if wait.is_zero() {
            return None;
        }
        let wait_ms = whole_milliseconds(wait);
        Some(RateRefusal {
            measure: RateMeasure::Burst,
            window: BudgetWindow::Minute,
            limit: count(size),
            used: count(size),
            retry_after_ms: Some(wait_ms),
            message: format!("burst limit exceeded ({size} requests at once), {}", retry(wait_ms)),
        })
    }
}

const fn token_limits(limits: &RateLimits) -> [Option<u64>; 3] {
    [limits.tokens_per_minute, limits.tokens_per_hour, limits.tokens_per_day]
}

fn window_refusal(
    counter: &mut SlidingWindow,
    (measure, window): (RateMeasure, BudgetWindow),
    limit: Option<u64>,
    more: u64,
    now: Duration,
) -> Option<RateRefusal> {
    let (limit, used) = (limit?, counter.used(now));
    if used.saturating_add(more) <= limit {
        return None;
    }
    let wait = (more <= limit)
        .then(|| whole_milliseconds(counter.wait_until(now, limit.saturating_sub(more))));
    let (name, unit) = match window {
        BudgetWindow::Minute => ("per-minute", "min"),
        BudgetWindow::Hour => ("hourly", "hour"),
        _ => ("daily", "day"),
    };
    let what = match measure {
        RateMeasure::Tokens => ("token", "tokens"),
        _ => ("rate", "req"),
    };
    let after = wait.map_or_else(|| "this request alone needs more".to_owned(), retry);
    Some(RateRefusal {
        measure,
        window,
        limit: count(limit),
        used: count(used),
        retry_after_ms: wait,
        message: format!("{name} {} limit exceeded ({limit} {}/{unit}), {after}", what.0, what.1),
    })
}

/// The refusal that holds longer; one that holds for ever beats all.
fn longer(first: Option<RateRefusal>, second: Option<RateRefusal>) -> Option<RateRefusal> {
    match (first, second) {
        (Some(first), Some(second)) => {
            let wait = |refusal: &RateRefusal| refusal.retry_after_ms.unwrap_or(u64::MAX);
            Some(if wait(&second) > wait(&first) { second } else { first })
        }
        (first, second) => first.or(second),
    }
}

fn retry(wait_ms: u64) -> String {
    format!("retry after {} s", wait_ms.div_ceil(1_000))
}

fn count(value: u64) -> Usd {
    Usd::from_decimal(value.into())
}

/// Rounded up, so that waiting that long is enough.
fn whole_milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
