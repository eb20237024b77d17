//! Makes series of daily spending of a known kind: trend, weekly season, noise, in every second one a
//! level that drifts, and spikes whose days are known. The same seed makes the same series everywhere.

use cascade_telemetry::{DailySeries, Day};

/// Seeds that methods were developed on.
pub(crate) const DEVELOPMENT_SEEDS: std::ops::Range<u64> = 1_000..1_060;
/// Seeds that figures are reported on, none of which was looked at in development.
pub(crate) const REPORT_SEEDS: std::ops::Range<u64> = 9_000..9_060;

/// A made series.
pub(crate) struct Spend {
    /// What is known when the forecast is made.
    pub(crate) history: DailySeries,
    /// The week after it.
    pub(crate) week: [f64; 7],
    /// What the week would be without noise and further drift: the best that any forecast could say.
    pub(crate) truth: [f64; 7],
    /// Positions of the spikes in the history.
    pub(crate) spikes: Vec<usize>,
}

/// What the seeds differ in.
struct Kind {
    days: usize,
    level: f64,
    /// Growth of a day in parts of the level.
    growth: f64,
    compound: bool,
    season: [f64; 7],
    multiplicative: bool,
    noise: f64,
    /// Standard deviation of a day's lasting change of level, as a fraction.
    drift: f64,
}

impl Kind {
    fn of(random: &mut fastrand::Rng) -> Self {
        let weekend = 0.35 + 0.65 * random.f64();
        let mut season = [0.0; 7];
        for (weekday, factor) in season.iter_mut().enumerate() {
            let base = if weekday >= 5 { weekend } else { 1.0 };
            *factor = base * (0.9 + 0.2 * random.f64());
        }
        let mean = season.iter().sum::<f64>() / 7.0;
        season = season.map(|factor| factor / mean);
        Self {
            days: random.usize(56..=240),
            level: 10.0_f64.powf(-1.0 + 4.0 * random.f64()),
            growth: -0.002 + 0.010 * random.f64(),
            compound: random.bool(),
            season,
            multiplicative: random.f64() < 0.7,
            noise: 0.03 + 0.07 * random.f64(),
            drift: if random.bool() { 0.01 * random.f64() } else { 0.0 },
        }
    }

    fn mean(&self, at: usize, weekday: usize) -> f64 {
        let days = at as f64;
        let level = if self.compound {
            self.level * (self.growth * days).exp()
        } else {
            self.level * (1.0 + self.growth * days).max(0.2)
        };
        if self.multiplicative {
            level * self.season[weekday]
        } else {
            level + self.level * (self.season[weekday] - 1.0) * 0.6
        }
    }
}

/// The series of a seed, with `spikes` of its days multiplied by 1.4 to 4, at random and at least three
/// days apart.
pub(crate) fn spend(seed: u64, spikes: usize) -> Spend {
    let mut random = fastrand::Rng::with_seed(seed);
    let kind = Kind::of(&mut random);
    let first_day = Day::new(20_454 + i64::from(random.u8(0..7)));
    let weekday = |at: usize| (first_day.weekday() + at) % 7;
    let truth = |at: usize| kind.mean(at, weekday(at)).max(0.05 * kind.level);
    let mut drifted = 0.0;
    let mut known = 0.0;
    let mut totals: Vec<f64> = (0..kind.days + 7)
        .map(|at| {
            drifted += kind.drift * normal(&mut random);
            if at < kind.days {
                known = drifted;
            }
            truth(at) * (drifted + kind.noise * normal(&mut random)).exp()
        })
        .collect();
    let week = std::array::from_fn(|ahead| totals[kind.days + ahead]);
    totals.truncate(kind.days);
    let mut at = Vec::new();
    while at.len() < spikes {
        let day = random.usize(0..kind.days);
        if at.iter().all(|other: &usize| other.abs_diff(day) >= 3) {
            totals[day] *= 1.4 + 2.6 * random.f64();
            at.push(day);
        }
    }
    at.sort_unstable();
    Spend {
        history: DailySeries::new(first_day, totals).unwrap(),
        week,
        truth: std::array::from_fn(|ahead| truth(kind.days + ahead) * f64::exp(known)),
        spikes: at,
    }
}

/// A normal deviate by the transform of Box and Muller.
fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}
