use cascade_core::query::{LexiconMatcher, QueryAnalysis, QueryForm, RequestedFormat};

use super::Domain;
use super::table::{WITH_WORDS, WORDS};

/// Worth of a strong and of a weak word.
const STRONG: f64 = 2.0;
const WEAK: f64 = 0.6;
/// Most that the words of one domain count together: a long text must not win by length.
const MOST: f64 = 9.0;
/// Score below which no domain is named.
const LEAST: f64 = 1.8;
/// Words of a query that are looked at.
const MOST_WORDS: usize = 600;

/// Tells the domain of a query from its words and signals.
///
/// Reads the analysis alone. Each domain's words add up; signals that the analysis has already found
/// (program text, formulas, a request for JSON, …) count as strong words do.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainDetector {
    threshold: f64,
}

impl Default for DomainDetector {
    fn default() -> Self {
        Self::new(0.3)
    }
}

impl DomainDetector {
    /// A detector that names a domain from the confidence `threshold` on, in [0, 1].
    pub const fn new(threshold: f64) -> Self {
        Self { threshold }
    }

    /// The domain of `query` and the confidence in it, in [0, 1]. `General` at .5 when no
    /// domain stands out.
    pub fn detect(&self, query: &QueryAnalysis) -> (Domain, f64) {
        let scores = Self::scores(query);
        let mut best = (Domain::General, 0.0);
        let mut second = 0.0_f64;
        for (domain, score) in Domain::ALL.iter().copied().zip(scores) {
            if score > best.1 {
                second = best.1;
                best = (domain, score);
            } else {
                second = second.max(score);
            }
        }
        let (domain, score) = best;
        if score < LEAST {
            return (Domain::General, 0.5);
        }
        // Sure when much speaks for it and little for the next.
        let margin = (score - second) / score;
        let weight = score / (score + 2.0);
        let confidence = 0.65_f64.mul_add(weight * 0.6_f64.mul_add(margin, 0.4), 0.35);
        if confidence < self.threshold { (Domain::General, 0.5) } else { (domain, confidence) }
    }

    /// The score of every domain but `General`, in the order of [`Domain::ALL`].
    pub fn scores(query: &QueryAnalysis) -> [f64; WITH_WORDS] {
        let mut scores = [0.0; WITH_WORDS];
        let mut matcher = LexiconMatcher::new(&WORDS);
        for word in query.words.iter().take(MOST_WORDS) {
            let matches = matcher.word(word.hash);
            // A phrase says more than its words.
            let mut classes = matches.all();
            let phrase = matches.phrase;
            let phrase_worth = (matches.phrase_words as f64 * 0.6).max(1.0);
            while classes != 0 {
                let bit = classes.trailing_zeros() as usize;
                classes &= classes - 1;
                let strong = bit < WITH_WORDS;
                let domain = if strong { bit } else { bit - WITH_WORDS };
                let extra = if phrase & (1 << bit) != 0 { phrase_worth } else { 1.0 };
                scores[domain] += if strong { STRONG } else { WEAK } * extra;
            }
        }
        for score in &mut scores {
            *score = score.min(MOST);
        }
        add_signals(query, &mut scores);
        scores
    }
}

fn add_signals(query: &QueryAnalysis, scores: &mut [f64; WITH_WORDS]) {
    let signals = query.signals;
    let mut add = |domain: Domain, worth: f64, yes: bool| {
        if yes && let Some(score) = scores.get_mut(domain as usize) {
            *score += worth;
        }
    };
    let small_talk = matches!(query.form, QueryForm::Greeting | QueryForm::Conversation);
    add(Domain::Conversation, 6.0, small_talk);
    add(Domain::Code, 5.0, signals.code_text);
    add(Domain::Code, 3.0, query.requested_format == Some(RequestedFormat::Code));
    add(Domain::Math, 3.0, signals.bare_arithmetic || signals.word_problem);
    add(Domain::Math, 3.0, query.backslashes >= 2 || query.operators >= 4 && !signals.code_text);
    add(Domain::Math, 1.5, signals.proof);
    add(Domain::Structured, 2.0, query.requested_format == Some(RequestedFormat::Json));
    add(Domain::Structured, 1.5, signals.extraction);
    add(Domain::Translation, 4.0, signals.translation);
    add(Domain::Summary, 3.0, signals.summary);
    add(Domain::Creative, 2.0, signals.creative);
    add(Domain::Comparison, 1.5, signals.comparison && query.word_count < 40);
    let short_question = query.form == QueryForm::Question && query.word_count <= 14;
    add(Domain::Factual, 1.2, short_question && query.question_words > 0);
}
