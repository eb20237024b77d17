//! Words and phrases by class.

use cascade_core::query::{Lexicon, LexiconMatcher, word_hash};

const CLASSES: [&str; 2] = ["greeting", "place"];
const DATA: &str = "
[greeting]
hello    # with a comment
good day
very good day
[place]
new york
hello
room 1
[unknown]
nowhere
";

fn matcher_after(words: &[&str]) -> cascade_core::query::Matches {
    let lexicon = Lexicon::parse(DATA, &CLASSES);
    let mut matcher = LexiconMatcher::new(&lexicon);
    let mut last = cascade_core::query::Matches::default();
    for word in words {
        if *word == "." {
            matcher.sentence_end();
        } else if word.parse::<u32>().is_ok() {
            last = matcher.number();
        } else {
            last = matcher.word(word_hash(word));
        }
    }
    last
}

#[test]
fn a_word_may_stand_in_several_classes() {
    assert_eq!(matcher_after(&["HELLO"]).word, 0b11);
    assert_eq!(matcher_after(&["nowhere"]).all(), 0);
}

#[test]
fn phrases_match_whole_and_the_longest_is_told() {
    assert_eq!(matcher_after(&["day"]).all(), 0);
    let short = matcher_after(&["a", "Good", "Day"]);
    assert_eq!((short.phrase, short.phrase_words), (0b01, 2));
    assert_eq!(matcher_after(&["very", "good", "day"]).phrase_words, 3);
    assert_eq!(matcher_after(&["new", ".", "york"]).phrase, 0);
    assert_eq!(matcher_after(&["room", "101"]).phrase, 0b10);
    assert_eq!(matcher_after(&["101"]).all(), 0);
}

#[test]
fn unknown_classes_are_listed() {
    assert_eq!(Lexicon::unknown_classes(DATA, &CLASSES), ["unknown"]);
}

#[test]
fn hashes_ignore_case_and_the_kind_of_apostrophe() {
    assert_eq!(word_hash("ÄRGER"), word_hash("ärger"));
    assert_eq!(word_hash("don't"), word_hash("DON\u{2019}T"));
    assert_ne!(word_hash("dont"), word_hash("don't"));
}
