use cascade_core::TokenLogprob;
use serde::Serialize;

/// What the token probabilities of an answer say, whatever its length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LogprobSummary {
    /// Tokens counted.
    pub tokens: usize,
    /// Geometric mean of the token probabilities, in [0, 1].
    pub mean_probability: f64,
    /// Probability of the least likely token, in [0, 1].
    pub min_probability: f64,
    /// Share of tokens that were less likely than not, in [0, 1].
    pub unlikely_share: f64,
}

impl LogprobSummary {
    /// Summarises `logprobs`; `None` when no token has a usable one. Values above 0 count as 0,
    /// what is not a number is left out.
    pub fn new(logprobs: &[TokenLogprob]) -> Option<Self> {
        let mut tokens = 0_usize;
        let mut sum = 0.0;
        let mut lowest = 0.0_f64;
        let mut unlikely = 0_usize;
        for token in logprobs {
            if token.logprob.is_nan() {
                continue;
            }
            // Providers mark impossible tokens with -9999; one must not drown all others.
            let logprob = token.logprob.clamp(-20.0, 0.0);
            tokens += 1;
            sum += logprob;
            lowest = lowest.min(logprob);
            unlikely += usize::from(logprob < -std::f64::consts::LN_2);
        }
        (tokens > 0).then(|| Self {
            tokens,
            mean_probability: (sum / tokens as f64).exp(),
            min_probability: lowest.exp(),
            unlikely_share: unlikely as f64 / tokens as f64,
        })
    }

    /// Confidence in [0, 1]: mostly the mean, less for every token that was less likely than not
    /// and a little less for the weakest token.
    pub fn confidence(&self) -> f64 {
        let confidence = 0.8 * self.mean_probability + 0.1 * self.min_probability.sqrt() + 0.1
            - 0.5 * self.unlikely_share;
        confidence.clamp(0.0, 1.0)
    }
}
