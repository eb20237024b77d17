/// A point of an [`AcceptanceCurve`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Rows accepted.
    pub accepted: f64,
    /// Sum of the gains of the accepted rows, in expectation over ties.
    pub total_gain: f64,
}

/// The total gain as rows are accepted in the order of a score, highest first.
///
/// Rows of equal score have no order among them: within such a group the curve is the straight
/// line of the expectation over all their orders, so that no value depends on the order of the
/// file. The curve therefore bends only at the borders of groups, and its points are those borders,
/// beginning with nothing accepted and ending with everything.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptanceCurve {
    points: Vec<CurvePoint>,
}

impl AcceptanceCurve {
    /// The curve of `gains` in the order of `scores`; both have one value for each row. NaN scores
    /// rank as `f64::total_cmp` ranks them.
    pub fn new(scores: &[f64], gains: &[f64]) -> Self {
        let mut order: Vec<(f64, f64)> =
            scores.iter().copied().zip(gains.iter().copied()).collect();
        order.sort_by(|left, right| right.0.total_cmp(&left.0));
        let mut points = vec![CurvePoint { accepted: 0.0, total_gain: 0.0 }];
        let (mut accepted, mut total_gain) = (0_usize, 0.0);
        for group in order.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
            accepted += group.len();
            total_gain += group.iter().map(|row| row.1).sum::<f64>();
            points.push(CurvePoint { accepted: accepted as f64, total_gain });
        }
        Self { points }
    }

    /// The points where the curve bends, in order.
    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// Number of rows.
    pub fn rows(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.accepted)
    }

    /// Total gain when every row is accepted.
    pub fn full_gain(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.total_gain)
    }

    /// Expected total gain of the `accepted` rows of highest score; outside [0, n] the nearer end.
    pub fn gain_at(&self, accepted: f64) -> f64 {
        let after = self.points.partition_point(|point| point.accepted < accepted);
        let Some(right) = self.points.get(after) else { return self.full_gain() };
        let Some(left) = after.checked_sub(1).and_then(|before| self.points.get(before)) else {
            return right.total_gain;
        };
        let share = (accepted - left.accepted) / (right.accepted - left.accepted);
        left.total_gain + share * (right.total_gain - left.total_gain)
    }

    /// Area under the total gain from 0 to n rows accepted; exact, since the curve is straight
    /// between its points.
    pub fn area(&self) -> f64 {
        self.points
            .windows(2)
            .map(|pair| {
                (pair[1].accepted - pair[0].accepted) * (pair[0].total_gain + pair[1].total_gain)
                    / 2.0
            })
            .sum()
    }
}
