//! No text takes more tokens than the engine sets money aside for.

use cascade_core::query::{bound_tokens, estimate_tokens};
use cascade_telemetry::TokenCounter;
use proptest::prelude::*;

/// Characters of many scripts, code and noise.
const SCRIPTS: [&str; 16] = [
    "[a-z]{1,40}",
    "[A-Za-z]{1,40}",
    "[a-z ]{1,80}",
    "[ -~]{1,80}",
    "[ \t\r\n]{1,60}",
    " {1,400}",
    "[0-9a-fxX_]{1,40}",
    "[a-zäöüßéèçñøåłżğşığ ]{1,60}",
    "[α-ωΑ-Ωάέ ]{1,40}",
    "[а-яА-ЯёіЇ ]{1,40}",
    "[א-ת ]{1,40}",
    "[ء-ي ]{1,40}",
    "[ऀ-ॿ ]{1,40}",
    "[ก-๛ ]{1,40}",
    "[一-鿿ぁ-ヿ가-힣]{1,40}",
    "\\PC{1,60}",
];

fn counts(text: &str) -> [u64; 2] {
    ["gpt-4o", "gpt-4"].map(|model| TokenCounter::for_model(model).text(text).tokens)
}

fn texts() -> impl Strategy<Value = String> {
    let words = include_str!("../../../cascade-core/data/whole_words.txt");
    let words: Vec<&'static str> = words.lines().collect();
    let word = prop::sample::select(words).prop_map(|word| format!(" {word}"));
    let marked = (word.clone(), "[-.,;:'\"_/()=!é]|'s|'re|n't|[0-9]{1,4}|\n")
        .prop_map(|(word, mark)| word + &mark);
    let scripts = prop::sample::select(&SCRIPTS[..])
        .prop_flat_map(|of| prop::string::string_regex(of).unwrap());
    let piece = prop_oneof![3 => scripts, 2 => word, 2 => marked];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn no_text_takes_more_tokens_than_its_bound(text in texts()) {
        let bound = bound_tokens(&text);
        for count in counts(&text) {
            prop_assert!(count <= bound, "{count} tokens, bound {bound}");
        }
        prop_assert!(estimate_tokens(&text) <= bound);
    }
}

#[test]
fn every_whole_word_is_a_token_of_both_vocabularies() {
    for word in include_str!("../../../cascade-core/data/whole_words.txt").lines() {
        assert_eq!(counts(&format!(" {word}")), [1, 1], "{word}");
    }
}

#[test]
fn measured_texts_are_within_and_english_is_not_reserved_for_several_times() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/families");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (bound, [newer, older]) = (bound_tokens(&text), counts(&text));
        assert!(newer.max(older) <= bound, "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "english_prose" {
            assert!(bound as f64 <= 2.0 * newer as f64, "{name}: {bound} for {newer}");
        }
    }
}
