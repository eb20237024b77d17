//! What one pass over a query finds.

use cascade_core::query::{
    QueryAnalysis, QueryForm, RequestedFormat, TechnicalField, estimate_tokens,
};

fn form(text: &str) -> QueryForm {
    QueryAnalysis::new(text).form
}

fn format(text: &str) -> Option<RequestedFormat> {
    QueryAnalysis::new(text).requested_format
}

#[test]
fn counts_cover_words_sentences_lines_and_marks() {
    let query = QueryAnalysis::new("What is DNS? And how do I\ninstall it, exactly?");
    assert_eq!(query.word_count, 10);
    assert_eq!(query.words.len(), 10);
    assert_eq!(query.sentence_count, 2);
    assert_eq!(query.line_count, 2);
    assert_eq!(query.question_marks, 2);
    assert_eq!(query.question_words, 2);
    assert_eq!(query.char_count, query.text.chars().count());
    assert!(query.signals.multi_part);
}

#[test]
fn words_are_places_in_the_text_and_know_whether_they_carry_content() {
    let query = QueryAnalysis::new("Don\u{2019}t the plants GROW in Köln?");
    let words: Vec<&str> = query.words.iter().map(|word| query.word_text(word)).collect();
    assert_eq!(words, ["Don\u{2019}t", "the", "plants", "GROW", "in", "Köln"]);
    let content: Vec<&str> = query.content_words().map(|word| query.word_text(word)).collect();
    assert_eq!(content, ["Don\u{2019}t", "plants", "GROW", "Köln"]);
    let lower = QueryAnalysis::new("grow KÖLN");
    assert_eq!(lower.words[0].hash, query.words[3].hash);
    assert_eq!(lower.words[1].hash, query.words[5].hash);
}

#[test]
fn numbers_are_read_with_groups_and_decimals() {
    let query = QueryAnalysis::new("Add $1,250,000.50 to 3,14 and 0.5% of 7.");
    let values: Vec<f64> = query.numbers.iter().map(|number| number.value).collect();
    assert_eq!(values, [1_250_000.5, 3.0, 14.0, 0.5, 7.0]);
}

#[test]
fn a_number_of_a_thousand_digits_is_finite() {
    let query = QueryAnalysis::new("9".repeat(1_000));
    assert!(query.numbers[0].value.is_finite());
}

#[test]
fn forms_are_told_apart() {
    assert_eq!(form(""), QueryForm::Empty);
    assert_eq!(form(" \n\t"), QueryForm::Empty);
    assert_eq!(form("Good morning!"), QueryForm::Greeting);
    assert_eq!(form("thank you so much"), QueryForm::Greeting);
    assert_eq!(form("How are you?"), QueryForm::Conversation);
    assert_eq!(form("who wrote Hamlet"), QueryForm::Question);
    assert_eq!(form("Is the earth flat?"), QueryForm::Question);
    assert_eq!(form("Translate this sentence into French"), QueryForm::Command);
    assert_eq!(form("Please write a letter"), QueryForm::Command);
    assert_eq!(form("The parcel arrived broken"), QueryForm::Statement);
}

#[test]
fn the_form_asked_for_is_read_from_the_wording() {
    assert_eq!(format("Give the result as JSON"), Some(RequestedFormat::Json));
    assert_eq!(format("Show the prices in a table"), Some(RequestedFormat::Table));
    assert_eq!(format("Give me five tips for sleeping"), None);
    assert_eq!(format("Give me 5 tips for sleeping"), Some(RequestedFormat::List));
    assert_eq!(format("Write a function that adds"), Some(RequestedFormat::Code));
    assert_eq!(format("Is it legal? Answer yes or no."), Some(RequestedFormat::YesNo));
    assert_eq!(format("Answer in one word: who?"), Some(RequestedFormat::SingleWord));
    assert_eq!(format("What is 12 * 12?"), Some(RequestedFormat::Number));
    assert_eq!(
        format("Which planet?\nA) Mars\nB) Jupiter\nC) Venus"),
        Some(RequestedFormat::Choice)
    );
    assert_eq!(format("What is photosynthesis?"), None);
}

#[test]
fn signals_are_read_from_words_and_marks() {
    let signals = |text: &str| QueryAnalysis::new(text).signals;
    assert!(signals("what is 2+2").bare_arithmetic);
    assert!(!signals("what is the sum of 2 and 2").bare_arithmetic);
    assert!(signals("```rust\nfn main() {}\n```").code_text);
    assert!(!signals("Write to my landlord").code);
    assert!(signals("Compute \\frac{1}{2} + \\sqrt{3}").math);
    assert!(signals("Do not use loops").negation);
    assert!(signals("Write a poem about rain").creative);
    assert!(signals("Compare tea and coffee").comparison);
    assert!(signals("Use at least three examples").constraints);
    assert!(signals("Prove that 3 is odd").proof);
    assert!(signals("Classify this review as positive or negative").classification);
    assert!(signals("Translate it to German").translation);
    assert!(signals("Think step by step").reasoning);
    assert!(signals("What is the weather today?").recency);
    let story = "Janet has 3 apples and buys 5 more. How many apples does she have in the end?";
    assert!(signals(story).word_problem);
    assert!(QueryAnalysis::new(story).expects_value());
}

#[test]
fn a_technical_term_is_found_once_and_at_its_full_length() {
    let query = QueryAnalysis::new("Prove that Byzantine consensus needs partial synchrony");
    let found: Vec<&str> = query
        .terms
        .iter()
        .map(|term| &query.text[term.start as usize..term.end as usize])
        .collect();
    assert_eq!(found, ["Byzantine consensus", "partial synchrony"]);
    assert!(query.terms.iter().all(|term| term.field == TechnicalField::Computing));
}

#[test]
fn no_phrase_reaches_across_a_sentence() {
    assert!(!QueryAnalysis::new("Name the capital. Of course I know").signals.comparison);
    assert_eq!(QueryAnalysis::new("I know the game. Theory is grey").terms, []);
    assert_eq!(QueryAnalysis::new("I know game theory").terms.len(), 1);
}

#[test]
fn scripts_beyond_latin_are_measured() {
    let query = QueryAnalysis::new("什么是光合作用？");
    assert_eq!(query.word_count, 1);
    assert_eq!(query.question_marks, 1);
    assert_eq!(query.non_ascii_ratio, 1.0);
    assert!((5..=9).contains(&query.estimated_tokens), "{}", query.estimated_tokens);
    assert_eq!(QueryAnalysis::new("привет").form, QueryForm::Greeting);
}

#[test]
fn token_estimates_are_near_real_counts() {
    // Counts of the cl100k vocabulary.
    let counted = [
        ("hello world", 2),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("What is the capital of France?", 7),
        ("antidisestablishmentarianism", 6),
        ("1234567", 3),
    ];
    for (text, tokens) in counted {
        let estimate = estimate_tokens(text);
        let off = estimate.abs_diff(tokens);
        assert!(off <= 1 + tokens / 5, "{text}: {estimate} instead of {tokens}");
        assert_eq!(QueryAnalysis::new(text).estimated_tokens, estimate);
    }
    assert_eq!(estimate_tokens(""), 0);
}

#[test]
fn a_megabyte_is_read_whole_and_kept_in_bounds() {
    let query = QueryAnalysis::new("word, 7! ".repeat(120_000));
    assert_eq!(query.word_count, 240_000);
    assert_eq!(query.words.len(), QueryAnalysis::MAX_WORDS);
    assert_eq!(query.numbers.len(), QueryAnalysis::MAX_NUMBERS);
    let terms = QueryAnalysis::new("dark matter. ".repeat(1_000));
    assert_eq!(terms.terms.len(), QueryAnalysis::MAX_TERMS);
}

#[test]
fn the_record_names_its_fields() {
    let record = serde_json::to_value(QueryAnalysis::new("What is 2+2?")).unwrap();
    assert_eq!(record["form"], "question");
    assert_eq!(record["requested_format"], "number");
    assert_eq!(record["complexity"], "trivial");
    assert_eq!(record["signals"]["bare_arithmetic"], true);
    assert!(record.get("words").is_none());
}
