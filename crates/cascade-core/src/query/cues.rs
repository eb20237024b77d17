//! Classes of the query lexicon.

use std::sync::LazyLock;

use super::lexicon::Lexicon;

macro_rules! classes {
    ($($(#[$doc:meta])* $constant:ident = $name:literal,)*) => {
        /// Names of the classes, in the order of their bits.
        pub(super) const CLASSES: &[&str] = &[$($name),*];

        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "names of the constants below")]
        enum Order { $($constant),* }

        $($(#[$doc])* pub(super) const $constant: u64 = 1 << Order::$constant as u64;)*
    };
}

classes! {
    GREETING = "greeting",
    PLAIN_GREETING = "plain_greeting",
    GREETING_FILLER = "greeting_filler",
    CONVERSATION = "conversation",
    QUESTION_WORD = "question_word",
    /// Openings of questions that a name, a date or a place answers, whatever their subject.
    LOOKUP = "lookup",
    /// What a word or two answers: a choice among things, a synonym, a symbol.
    NAMING = "naming",
    /// Verbs that ask for a text or idea of one's own, which need not speak of the query's words.
    PRODUCTION = "production",
    AUXILIARY = "auxiliary",
    COMMAND = "command",
    /// Words after which a verb is still an instruction: "please compare", "and prove".
    LEAD_IN = "lead_in",
    FUNCTION_WORD = "function_word",
    NEGATION = "negation",
    SIMPLE_CUE = "simple_cue",
    MODERATE_CUE = "moderate_cue",
    MODERATE_TOPIC = "moderate_topic",
    HARD_VERB = "hard_verb",
    HARD_CUE = "hard_cue",
    BUILD_VERB = "build_verb",
    BUILD_OBJECT = "build_object",
    /// Demanding beyond doubt, whatever the length.
    SURE_HARD = "sure_hard",
    /// What makes a proof specialist work: it speaks of algorithms or distributed systems.
    PROVED_SYSTEM = "proved_system",
    ANALYSIS_VERB = "analysis_verb",
    ANALYSIS_TOPIC = "analysis_topic",
    EXPERT_CUE = "expert_cue",
    EVERYDAY = "everyday",
    CAPITAL_OF = "capital_of",
    CODE_CUE = "code_cue",
    CODE_TASK = "code_task",
    /// A unit of program text with a contract of its own.
    FUNCTION_TASK = "function_task",
    MATH_CUE = "math_cue",
    PROOF = "proof",
    CREATIVE = "creative",
    COMPARISON = "comparison",
    CONSTRAINT = "constraint",
    SEQUENCE = "sequence",
    CLASSIFICATION = "classification",
    EXTRACTION = "extraction",
    TRANSLATION = "translation",
    SUMMARY = "summary",
    REASONING = "reasoning",
    RECENCY = "recency",
    QUANTITY = "quantity",
    ASK_JSON = "ask_json",
    ASK_TABLE = "ask_table",
    ASK_LIST = "ask_list",
    ASK_CODE = "ask_code",
    ASK_CHOICE = "ask_choice",
    ASK_NUMBER = "ask_number",
    ASK_YES_NO = "ask_yes_no",
    ASK_SINGLE_WORD = "ask_single_word",
    PHYSICS = "physics",
    MATHEMATICS = "mathematics",
    COMPUTING = "computing",
    LIFE_SCIENCE = "life_science",
    INSTITUTIONS = "institutions",
}

/// Classes of specialist terms, in the order of [`super::TechnicalField::ALL`].
pub(super) const FIELDS: [u64; 5] = [PHYSICS, MATHEMATICS, COMPUTING, LIFE_SCIENCE, INSTITUTIONS];
/// All specialist terms.
pub(super) const TERMS: u64 = PHYSICS | MATHEMATICS | COMPUTING | LIFE_SCIENCE | INSTITUTIONS;
/// Verbs that ask for demanding work.
pub(super) const INSTRUCTIONS: u64 = HARD_VERB | BUILD_VERB | ANALYSIS_VERB | PROOF;
/// Words that count only where they instruct: elsewhere `design` or `list` is a noun.
pub(super) const WHERE_INSTRUCTING: u64 =
    HARD_VERB | BUILD_VERB | ANALYSIS_VERB | COMMAND | LOOKUP | NAMING | PRODUCTION;

const DATA: &str = include_str!("../../data/query_cues.txt");

/// The query lexicon, parsed at first use.
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
