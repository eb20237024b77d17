/// The area under the ROC curve of `scores` against `labels`: the chance that of two rows with
/// different labels, the better one has the higher score, where equal scores count one half.
///
/// With labels 0 and 1 this is the usual AUROC (the Mann–Whitney statistic, ties at ½); graded
/// labels are compared pair by pair in the same way. 0.5 says nothing. `None` when all labels are
/// equal. Takes O(n log n).
pub fn auroc(scores: &[f64], labels: &[f64]) -> Option<f64> {
    let ranks = Ranks::of(labels);
    let mut rows: Vec<(f64, usize)> =
        scores.iter().copied().zip(labels.iter().map(|label| ranks.get(*label))).collect();
    rows.sort_by(|left, right| left.0.total_cmp(&right.0));

    let mut below = CountTree::new(ranks.len());
    let mut concordant = 0_u64;
    let mut tied = 0_u64;
    for group in rows.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
        concordant += group.iter().map(|(_, rank)| below.count_before(*rank)).sum::<u64>();
        tied += pairs_of_different_labels(group.iter().map(|(_, rank)| *rank).collect());
        for (_, rank) in group {
            below.add(*rank);
        }
    }
    let all = pairs_of_different_labels(rows.iter().map(|(_, rank)| *rank).collect());
    (all > 0).then(|| (concordant as f64 + tied as f64 / 2.0) / all as f64)
}

/// Pairs of rows whose ranks differ.
fn pairs_of_different_labels(mut ranks: Vec<usize>) -> u64 {
    ranks.sort_unstable();
    let equal: u64 = ranks.chunk_by(|left, right| left == right).map(|g| pairs(g.len())).sum();
    pairs(ranks.len()) - equal
}

fn pairs(count: usize) -> u64 {
    let count = count as u64;
    count * count.saturating_sub(1) / 2
}

/// The distinct labels in order.
struct Ranks(Vec<f64>);

impl Ranks {
    fn of(labels: &[f64]) -> Self {
        let mut distinct = labels.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        Self(distinct)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, label: f64) -> usize {
        self.0.partition_point(|other| *other < label)
    }
}

/// A Fenwick tree of counts by rank.
struct CountTree(Vec<u64>);

impl CountTree {
    fn new(ranks: usize) -> Self {
        Self(vec![0; ranks + 1])
    }

    fn add(&mut self, rank: usize) {
        let mut node = rank + 1;
        while node < self.0.len() {
            self.0[node] += 1;
            node += node & node.wrapping_neg();
        }
    }

    /// How many were added with a rank below `rank`.
    fn count_before(&self, rank: usize) -> u64 {
        let mut node = rank;
        let mut count = 0;
        while node > 0 {
            count += self.0[node];
            node &= node - 1;
        }
        count
    }
}
