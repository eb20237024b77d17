//! Classes of the draft lexicon.

use std::sync::LazyLock;

use cascade_core::query::Lexicon;

macro_rules! classes {
    ($($constant:ident = $name:literal,)*) => {
        /// Names of the classes, in the order of their bits.
        const CLASSES: &[&str] = &[$($name),*];

        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "names of the constants below")]
        enum Order { $($constant),* }

        $(pub(super) const $constant: u64 = 1 << Order::$constant as u64;)*
    };
}

classes! {
    FUNCTION_WORD = "function_word",
    REFUSAL = "refusal",
    IGNORANCE = "ignorance",
    ASKS_BACK = "asks_back",
    ERROR_TEXT = "error_text",
    HEDGE = "hedge",
    APPROXIMATION = "approximation",
    CORRECTION = "correction",
    VAGUE = "vague",
    EXAMPLE = "example",
    CLAIM = "claim",
    CONCLUSION = "conclusion",
    ANSWER_WORD = "answer_word",
    IS_WORD = "is_word",
    BOXED = "boxed",
    TIMES_WORD = "times_word",
    AFFIRMATION = "affirmation",
    DENIAL = "denial",
    NUMBER_WORD = "number_word",
    DANGLING = "dangling",
}

const DATA: &str = include_str!("../../data/draft_cues.txt");

/// The draft lexicon, parsed at first use.
pub(super) static CUES: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(DATA, CLASSES));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_the_data_is_known_and_used() {
        assert!(CLASSES.len() <= 64);
        assert_eq!(Lexicon::unknown_classes(DATA, CLASSES), Vec::<&str>::new());
        for class in CLASSES {
            assert!(DATA.contains(&format!("[{class}]\n")), "no words for {class}");
        }
    }
}
