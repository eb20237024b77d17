//! The statistics of a replay against straightforward computations that share no code with them.

use cascade_cli::replay::statistics::{
    AcceptanceCurve, apgr, auroc, gains, length_quality, mean, oracle_quality, pgr, random_quality,
    selection_gain,
};
use proptest::prelude::*;

/// A row: quality of both answers, score of the judge, length of the draft, decision.
type Row = (f64, f64, f64, usize, bool);

/// Up to 7 rows whose values come from few choices, so that ties are the rule.
fn few_rows() -> impl Strategy<Value = Vec<Row>> {
    rows(1..8)
}

fn rows(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Row>> {
    let quality = || prop_oneof![Just(0.0), Just(0.25), Just(1.0)];
    let score = prop_oneof![Just(0.1), Just(0.5), Just(0.7), Just(0.9)];
    proptest::collection::vec((quality(), quality(), score, 1_usize..4, any::<bool>()), count)
}

struct Columns {
    cheap: Vec<f64>,
    strong: Vec<f64>,
    scores: Vec<f64>,
    lengths: Vec<usize>,
    accepted: Vec<bool>,
}

impl Columns {
    fn of(rows: &[Row]) -> Self {
        Self {
            cheap: rows.iter().map(|row| row.0).collect(),
            strong: rows.iter().map(|row| row.1).collect(),
            scores: rows.iter().map(|row| row.2).collect(),
            lengths: rows.iter().map(|row| row.3).collect(),
            accepted: rows.iter().map(|row| row.4).collect(),
        }
    }

    fn gains(&self) -> Vec<f64> {
        gains(&self.cheap, &self.strong)
    }

    fn accepted_count(&self) -> usize {
        self.accepted.iter().filter(|&&accepted| accepted).count()
    }

    /// Mean quality when exactly the rows of `set` (bits) keep the cheap answer.
    fn quality_of(&self, set: u32) -> f64 {
        let chosen = |row: usize| set >> row & 1 == 1;
        let sum: f64 = (0..self.cheap.len())
            .map(|row| if chosen(row) { self.cheap[row] } else { self.strong[row] })
            .sum();
        sum / self.cheap.len() as f64
    }

    /// Every set of `size` rows.
    fn sets(&self, size: usize) -> Vec<u32> {
        (0..1_u32 << self.cheap.len()).filter(|set| set.count_ones() as usize == size).collect()
    }
}

/// Every order of the numbers below `n`.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    orders(n - 1)
        .into_iter()
        .flat_map(|order| {
            (0..=order.len()).map(move |at| {
                let mut longer = order.clone();
                longer.insert(at, n - 1);
                longer
            })
        })
        .collect()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

proptest! {
    #[test]
    fn random_is_the_mean_over_every_subset_of_the_size(rows in few_rows()) {
        let columns = Columns::of(&rows);
        let k = columns.accepted_count();
        let sets = columns.sets(k);
        let expected: f64 =
            sets.iter().map(|&set| columns.quality_of(set)).sum::<f64>() / sets.len() as f64;
        let acceptance = k as f64 / rows.len() as f64;
        let got = random_quality(mean(&columns.cheap), mean(&columns.strong), acceptance);
        prop_assert!(near(got, expected), "{got} {expected}");
    }

    #[test]
    fn oracle_is_the_best_of_every_subset_of_the_size(rows in few_rows()) {
        let columns = Columns::of(&rows);
        for k in 0..=rows.len() {
            let best = columns
                .sets(k)
                .into_iter()
                .map(|set| columns.quality_of(set))
                .fold(f64::NEG_INFINITY, f64::max);
            let got = oracle_quality(&columns.gains(), mean(&columns.strong), k);
            prop_assert!(near(got, best), "{k}: {got} {best}");
        }
    }

    #[test]
    fn length_is_the_mean_over_every_order_of_equally_long_drafts(rows in rows(1..7)) {
        let columns = Columns::of(&rows);
        for k in 0..=rows.len() {
            let mut total = 0.0;
            let orders = orders(rows.len());
            for order in &orders {
                let mut shortest = order.clone();
                shortest.sort_by_key(|&row| columns.lengths[row]);
                let set = shortest[..k].iter().fold(0, |set, row| set | 1 << row);
                total += columns.quality_of(set);
            }
            let expected = total / orders.len() as f64;
            let got =
                length_quality(&columns.lengths, &columns.gains(), mean(&columns.strong), k);
            prop_assert!(near(got, expected), "{k}: {got} {expected}");
        }
    }

    #[test]
    fn the_standard_error_is_the_spread_over_every_subset_of_the_size(rows in few_rows()) {
        let columns = Columns::of(&rows);
        let k = columns.accepted_count();
        let qualities: Vec<f64> =
            columns.sets(k).into_iter().map(|set| columns.quality_of(set)).collect();
        let center = mean(&qualities);
        let variance = mean(&qualities.iter().map(|q| (q - center).powi(2)).collect::<Vec<_>>());
        let mine = columns.accepted.iter().enumerate().fold(0, |set, (row, &accepted)| {
            set | u32::from(accepted) << row
        });
        let gain = columns.quality_of(mine) - center;

        let got = selection_gain(&columns.gains(), &columns.accepted);
        prop_assert!(near(got.gain, gain), "{} {gain}", got.gain);
        prop_assert!(near(got.standard_error, variance.sqrt()));
        if variance > 1e-12 {
            prop_assert!(near(got.z, gain / variance.sqrt()));
        } else {
            prop_assert!(near(got.gain, 0.0));
        }
    }

    #[test]
    fn auroc_counts_pairs(rows in rows(1..40)) {
        let columns = Columns::of(&rows);
        for scores in [columns.scores.clone(), columns.accepted.iter().map(|&a| f64::from(u8::from(a))).collect()] {
            let (mut won, mut all) = (0.0, 0.0);
            for i in 0..rows.len() {
                for j in 0..rows.len() {
                    if columns.cheap[i] > columns.cheap[j] {
                        all += 1.0;
                        if scores[i] > scores[j] {
                            won += 1.0;
                        } else if scores[i] == scores[j] {
                            won += 0.5;
                        }
                    }
                }
            }
            let got = auroc(&scores, &columns.cheap);
            prop_assert_eq!(got.is_some(), all > 0.0);
            if let Some(got) = got {
                prop_assert!(near(got, won / all), "{got} {}", won / all);
            }
        }
    }

    #[test]
    fn apgr_averages_pgr_over_the_share_of_strong_calls(rows in rows(2..7)) {
        let columns = Columns::of(&rows);
        let (cheap, strong) = (mean(&columns.cheap), mean(&columns.strong));
        let n = rows.len();
        // Quality when the m rows of lowest score go to the strong model, averaged over the orders
        // of rows with equal scores.
        let orders = orders(n);
        let quality = |strong_calls: usize| {
            let total: f64 = orders
                .iter()
                .map(|order| {
                    let mut best = order.clone();
                    best.sort_by(|&a, &b| columns.scores[b].total_cmp(&columns.scores[a]));
                    let set = best[..n - strong_calls].iter().fold(0, |set, row| set | 1 << row);
                    columns.quality_of(set)
                })
                .sum();
            total / orders.len() as f64
        };
        let got = apgr(&AcceptanceCurve::new(&columns.scores, &columns.gains()));
        // An exact tie of the two models may come out as a sum of rounding errors.
        if (strong - cheap).abs() < 1e-12 {
            return Ok(());
        }
        let recovered: Vec<f64> =
            (0..=n).map(|m| pgr(cheap, strong, quality(m)).unwrap()).collect();
        let integral: f64 =
            recovered.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]) / n as f64).sum();
        prop_assert!((got.unwrap() - integral).abs() < 1e-6, "{got:?} {integral}");
    }

    #[test]
    fn no_value_depends_on_the_order_of_the_rows(rows in rows(2..30), seed in any::<usize>()) {
        let mut turned = rows.clone();
        turned.rotate_left(seed % rows.len());
        turned.reverse();
        let (one, other) = (Columns::of(&rows), Columns::of(&turned));
        let value = |columns: &Columns, k: usize| {
            length_quality(&columns.lengths, &columns.gains(), mean(&columns.strong), k)
        };
        for k in 0..=rows.len() {
            prop_assert!(near(value(&one, k), value(&other, k)));
        }
        prop_assert_eq!(
            auroc(&one.scores, &one.cheap),
            auroc(&other.scores, &other.cheap)
        );
    }
}

#[test]
fn known_values() {
    // Two of four rows accepted, exactly the two right ones: 2 of 6 subsets' extremes.
    let cheap = [1.0, 1.0, 0.0, 0.0];
    let strong = [1.0, 1.0, 1.0, 1.0];
    let d = gains(&cheap, &strong);
    assert_eq!(random_quality(mean(&cheap), mean(&strong), 0.5), 0.75);
    assert_eq!(oracle_quality(&d, 1.0, 2), 1.0);
    assert_eq!(length_quality(&[5, 5, 5, 5], &d, 1.0, 2), 0.75);
    let gain = selection_gain(&d, &[true, true, false, false]);
    assert_eq!(gain.gain, 0.25);
    // k (n - k) / n = 1, S^2 = 1/3, so SE = sqrt(1/3) / 4.
    assert!(near(gain.standard_error, (1.0_f64 / 3.0).sqrt() / 4.0));
    assert_eq!(auroc(&[0.9, 0.8, 0.2, 0.1], &cheap), Some(1.0));
    assert_eq!(auroc(&[0.5; 4], &cheap), Some(0.5));
    assert_eq!(auroc(&[0.9, 0.8, 0.2, 0.1], &[1.0; 4]), None);
    assert_eq!(pgr(0.5, 1.0, 0.75), Some(0.5));
    assert_eq!(pgr(0.5, 0.5, 0.5), None);
    assert_eq!(apgr(&AcceptanceCurve::new(&[0.5; 4], &d)), Some(0.5));
    // Perfect order: no loss while the two right drafts are accepted, then a straight fall.
    assert_eq!(apgr(&AcceptanceCurve::new(&[0.9, 0.8, 0.2, 0.2], &d)), Some(0.75));
}
