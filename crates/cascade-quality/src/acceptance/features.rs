use cascade_core::query::{QueryAnalysis, RequestedFormat};

use crate::answer::AnswerMark;
use crate::draft::{DraftAnalysis, Ending};

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What the acceptance model reads of a query and its draft.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct AcceptanceFeatures {
            values: [f64; AcceptanceFeatures::NAMES.len()],
        }

        impl AcceptanceFeatures {
            /// Names of the features, in order.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];
        }

        #[derive(Default)]
        struct Named { $($(#[$doc])* $name: f64,)* }

        impl From<Named> for AcceptanceFeatures {
            fn from(named: Named) -> Self {
                Self { values: [$(named.$name),*] }
            }
        }
    };
}

features! {
    /// ln(1 + words of the query).
    query_words,
    /// ln(1 + words of the draft).
    draft_words,
    /// ln(1 + bytes of the draft) above what the query's length leads to expect.
    draft_excess,
    query_question,
    query_numbers,
    query_operators,
    query_formula,
    /// An answer is expected and the draft marks none.
    answer_missing,
    /// The marked answer is neither an option's letter nor a whole number.
    answer_not_whole,
    answer_round,
    answer_long,
    answer_fraction,
    /// The answer's number is the last result written out.
    answer_is_last_result,
    /// ln(1 + bytes after the answer).
    after_answer,
    refusal,
    ignorance,
    fresh_share,
    query_coverage,
    number_coverage,
    operator_density,
    number_density,
    parenthesis_density,
    backslash_density,
    wrong_equation,
    last_equation_wrong,
    equations_checked,
    approximation,
    correction,
    hedging,
    repeated_share,
    unbalanced,
    ends_open,
    conclusion,
    sentence_length,
    line_density,
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn log(count: usize) -> f64 {
    (count as f64).ln_1p()
}

impl AcceptanceFeatures {
    /// Reads the features off the two analyses; no text is scanned.
    pub fn new(query: &QueryAnalysis, draft: &DraftAnalysis) -> Self {
        let words = draft.word_count.max(1) as f64;
        let per_hundred = |count: usize| (count as f64 / words * 100.0).ln_1p();
        let expects =
            query.expects_value() || query.requested_format == Some(RequestedFormat::Json);
        let number = draft.answer.and_then(|answer| answer.number);
        let is_integer = number.is_some_and(|number| number.fract() == 0.0);
        let is_round = number.is_some_and(|n| n != 0.0 && n.abs() >= 10.0 && n % 10.0 == 0.0);
        let agrees = match (number, draft.equations.last_result) {
            (Some(number), Some(result)) => {
                (number - result).abs() <= 0.011 * number.abs().max(1.0)
            }
            _ => false,
        };
        let json = draft.answer.is_some_and(|answer| answer.mark == AnswerMark::JsonField);
        let after = draft.answer.map_or(0, |answer| answer.remaining);
        let equations = draft.equations;
        Self::from(Named {
            query_words: log(query.word_count),
            draft_words: log(draft.word_count),
            draft_excess: log(draft.length) - log(query.char_count),
            query_question: log(query.question_words + query.question_marks),
            query_numbers: log(query.numbers.len()),
            query_operators: log(query.operators),
            query_formula: log(query.backslashes),
            answer_missing: flag(expects && draft.answer.is_none()),
            answer_not_whole: flag(draft.answer.is_some_and(|a| a.choice.is_none()) && !is_integer),
            answer_round: flag(is_round),
            answer_long: draft.answer.map_or(0.0, |answer| log(answer.end - answer.start)),
            answer_fraction: flag(number.is_some() && !is_integer),
            answer_is_last_result: flag(agrees),
            after_answer: if json { 0.0 } else { log(after) },
            refusal: flag(draft.refusal_at.is_some()),
            ignorance: flag(draft.ignorance_at.is_some()),
            fresh_share: draft.fresh_share.unwrap_or(0.5),
            query_coverage: draft.query_coverage.unwrap_or(0.5),
            number_coverage: draft.number_coverage.unwrap_or(1.0),
            operator_density: per_hundred(draft.operators),
            number_density: per_hundred(draft.number_count),
            parenthesis_density: per_hundred(draft.parentheses),
            backslash_density: per_hundred(draft.backslashes),
            wrong_equation: f64::from(equations.wrong).ln_1p(),
            last_equation_wrong: flag(equations.last_wrong),
            equations_checked: f64::from(equations.checked).ln_1p(),
            approximation: log(draft.approximations),
            correction: log(draft.corrections),
            hedging: log(draft.hedges),
            repeated_share: draft.repeated_share,
            unbalanced: log(draft.unbalanced),
            ends_open: flag(matches!(draft.ending, Ending::Open | Ending::Word)),
            conclusion: log(draft.conclusions),
            sentence_length: (words / draft.sentence_count.max(1) as f64).ln_1p(),
            line_density: per_hundred(draft.line_count),
        })
    }

    /// The values in the order of [`Self::NAMES`].
    pub const fn values(&self) -> &[f64] {
        &self.values
    }
}
