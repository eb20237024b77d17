//! Laws of the analysis, on arbitrary text.

use cascade_core::query::{QueryAnalysis, TextVisitor, estimate_tokens, scan};
use proptest::prelude::*;

/// Text of many scripts, with much white space and punctuation.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "\\PC{0,12}",
        "[a-zA-Z']{1,9}",
        "[0-9.,]{1,8}",
        "[ \\t\\r\\n]{1,3}",
        "[-+*/=(){}\\[\\]?!.:;`#\\\\]{1,4}",
        "[\u{4e00}-\u{4eff}\u{300}-\u{320}\u{1f600}-\u{1f640}]{1,4}",
        Just("what is the capital of".to_owned()),
        Just("prove that".to_owned()),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

/// Rebuilds the text from what a scan reports.
#[derive(Default)]
struct Cover {
    covered: usize,
    gaps: bool,
}

impl Cover {
    fn take(&mut self, start: usize, end: usize) {
        self.gaps |= start != self.covered || end <= start;
        self.covered = end;
    }
}

struct CoverOf<'t>(&'t str, Cover);

impl TextVisitor for CoverOf<'_> {
    fn word(&mut self, start: usize, end: usize, _: u64) {
        self.1.take(start, end);
    }
    fn number(&mut self, start: usize, end: usize, value: f64) {
        assert!(value.is_finite() && value >= 0.0);
        self.1.take(start, end);
    }
    fn symbol(&mut self, at: usize, symbol: char) {
        assert!(self.0[at..].starts_with(symbol));
        self.1.take(at, at + symbol.len_utf8());
    }
    fn space(&mut self, at: usize) {
        self.1.take(at, at + self.0[at..].chars().next().unwrap().len_utf8());
    }
    fn line_break(&mut self, at: usize) {
        self.space(at);
    }
}

proptest! {
    #[test]
    fn every_byte_is_reported_exactly_once(text in text()) {
        let mut cover = CoverOf(&text, Cover::default());
        scan(&text, &mut cover);
        prop_assert!(!cover.1.gaps);
        prop_assert_eq!(cover.1.covered, text.len());
    }

    #[test]
    fn analysis_never_fails_and_stays_in_range(text in text()) {
        let query = QueryAnalysis::new(text.clone());
        prop_assert!((0.0..=1.0).contains(&query.complexity_confidence));
        prop_assert!((0.0..=1.0).contains(&query.non_ascii_ratio));
        prop_assert_eq!(query.char_count, text.chars().count());
        prop_assert_eq!(query.estimated_tokens, estimate_tokens(&text));
        for word in &query.words {
            prop_assert!(!query.word_text(word).is_empty());
        }
        for term in &query.terms {
            prop_assert!(text.get(term.start as usize..term.end as usize).is_some());
        }
        prop_assert_eq!(query.text, text);
    }

    #[test]
    fn analysis_is_deterministic(text in text()) {
        prop_assert_eq!(QueryAnalysis::new(text.clone()), QueryAnalysis::new(text));
    }

    #[test]
    fn words_are_those_that_white_space_separates(words in prop::collection::vec("[a-z]{1,8}[.,!?]?", 0..30)) {
        let text = words.join(" ");
        prop_assert_eq!(QueryAnalysis::new(text).word_count, words.len());
    }

    #[test]
    fn ascii_case_changes_no_decision(text in "[a-z ?]{0,80}") {
        let lower = QueryAnalysis::new(text.clone());
        // Capital letters may begin an option, so only words of two letters and more are raised.
        let upper: Vec<String> = text
            .split(' ')
            .map(|word| if word.len() > 2 { word.to_ascii_uppercase() } else { word.to_owned() })
            .collect();
        let upper = QueryAnalysis::new(upper.join(" "));
        prop_assert_eq!(lower.complexity, upper.complexity);
        prop_assert_eq!(lower.form, upper.form);
    }
}
