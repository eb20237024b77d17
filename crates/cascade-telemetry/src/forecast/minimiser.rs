//! Minimising without derivatives, by the simplex of Nelder and Mead (*The Computer Journal* 7,
//! 1965).

/// Most dimensions.
const MOST: usize = 6;

/// The point near `start` where `cost` is least, and its cost. At most `evaluations` are made;
/// `start` has at most six numbers, and further ones stay as they are.
pub(super) fn minimise(
    start: &[f64],
    step: f64,
    evaluations: usize,
    mut cost: impl FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let dimensions = start.len().min(MOST);
    let mut simplex: Vec<(Vec<f64>, f64)> = Vec::with_capacity(dimensions + 1);
    let origin = cost(start);
    simplex.push((start.to_vec(), origin));
    for at in 0..dimensions {
        let mut point = start.to_vec();
        point[at] += step;
        let value = cost(&point);
        simplex.push((point, value));
    }
    let mut spent = dimensions + 1;
    while spent < evaluations && dimensions > 0 {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let worst = simplex[dimensions].clone();
        if (worst.1 - simplex[0].1).abs() <= 1e-9 * (1.0 + simplex[0].1.abs()) {
            break;
        }
        let centre: Vec<f64> = (0..start.len())
            .map(|at| {
                simplex[..dimensions].iter().map(|(point, _)| point[at]).sum::<f64>()
                    / dimensions as f64
            })
            .collect();
        let along = |factor: f64| -> Vec<f64> {
            centre
                .iter()
                .zip(&worst.0)
                .map(|(centre, worst)| centre + factor * (centre - worst))
                .collect()
        };
        let reflected = along(1.0);
        let value = cost(&reflected);
        spent += 1;
        if value < simplex[0].1 {
            let expanded = along(2.0);
            let further = cost(&expanded);
            spent += 1;
            simplex[dimensions] =
                if further < value { (expanded, further) } else { (reflected, value) };
            continue;
        }
        if value < simplex[dimensions - 1].1 {
            simplex[dimensions] = (reflected, value);
            continue;
        }
        let contracted = along(if value < worst.1 { 0.5 } else { -0.5 });
        let nearer = cost(&contracted);
        spent += 1;
        if nearer < worst.1.min(value) {
            simplex[dimensions] = (contracted, nearer);
            continue;
        }
        let best = simplex[0].0.clone();
        for (point, value) in simplex.iter_mut().skip(1) {
            for (own, best) in point.iter_mut().zip(&best) {
                *own = f64::midpoint(*own, *best);
            }
            *value = cost(point);
            spent += 1;
        }
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex.swap_remove(0)
}
