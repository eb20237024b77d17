//! How hard queries are.

use cascade_core::Complexity::{self, Expert, Hard, Moderate, Simple, Trivial};
use cascade_core::query::QueryAnalysis;

fn detect(text: &str) -> (Complexity, f64) {
    let query = QueryAnalysis::new(text);
    (query.complexity, query.complexity_confidence)
}

#[test]
fn documented_queries_have_their_level_and_confidence() {
    let documented = [
        ("hi", Trivial, 0.95),
        ("What is the capital of France?", Trivial, 0.95),
        ("What is photosynthesis?", Simple, 0.75),
        ("Explain photosynthesis", Simple, 0.75),
        ("Write a Python function to sort a list", Moderate, 0.7),
        (
            "Prove the safety and liveness of a Byzantine fault tolerant consensus algorithm \
             under partial synchrony",
            Expert,
            0.85,
        ),
    ];
    for (text, level, confidence) in documented {
        assert_eq!(detect(text), (level, confidence), "{text}");
    }
}

#[test]
fn each_rung_of_the_ladder_is_reached() {
    let rungs = [
        ("thank you", Trivial, 0.95),
        ("what's 15 * 23", Trivial, 0.95),
        ("Why is the sky blue?", Trivial, 0.85),
        ("good morning", Simple, 0.6),
        ("", Simple, 0.6),
        ("Write a haiku about autumn", Simple, 0.6),
        ("Who wrote Hamlet?", Simple, 0.75),
        ("How does a car engine work?", Moderate, 0.8),
        ("What is the difference between TCP and UDP?", Moderate, 0.7),
        ("My order has not arrived yet and I would like a refund please", Moderate, 0.6),
        ("Implement an LRU cache", Hard, 0.75),
        ("Refactor this class to use dependency injection", Hard, 0.85),
        ("Analyze the impact of inflation on consumer spending", Hard, 0.7),
        ("Prove that there are infinitely many primes", Hard, 0.85),
        ("Explain the Schwarzschild metric and derive the event horizon radius", Expert, 0.95),
        (
            "Develop a comprehensive marketing strategy for a new electric vehicle startup \
             targeting urban millennials",
            Expert,
            0.8,
        ),
    ];
    for (text, level, confidence) in rungs {
        assert_eq!(detect(text), (level, confidence), "{text}");
    }
}

#[test]
fn demanding_verbs_count_only_where_they_instruct() {
    assert_eq!(detect("Who owns the design and the list of the old implement?").0, Moderate);
    assert_eq!(detect("Implement the parser").0, Hard);
    assert_eq!(detect("Please implement the parser").0, Hard);
}

#[test]
fn a_long_story_is_not_hard_for_a_single_word() {
    let story = "The farmer looked at the field and thought about the rain. ".repeat(8);
    assert_eq!(detect(&format!("{story} The architecture of the barn was old.")).0, Moderate);
}

#[test]
fn wording_outside_english_falls_back_to_length() {
    assert_eq!(detect("什么是光合作用？"), (Simple, 0.6));
    assert_eq!(detect("Explique la théorie de la relativité en détail"), (Simple, 0.6));
}

#[test]
fn a_looked_up_fact_is_easy_whatever_it_is_about() {
    let easy = [
        "Who wrote the novel Middlemarch?",
        "Who proposed the end to end argument?",
        "When was the first distributed database released?",
        "Who was awarded the prize for the architecture of the opera house in Sydney?",
        "In which year did zero knowledge proofs first appear in print?",
        "Whose theorem links symmetries and conserved quantities?",
    ];
    for text in easy {
        assert!(detect(text).0 <= Moderate, "{text}: {:?}", detect(text));
    }
    let demanding = [
        "Propose a novel consensus protocol and prove its liveness",
        "Who benefits? Analyze the implications and trade-offs of carbon pricing in depth",
        "When should a distributed system prefer availability over consistency?",
    ];
    for text in demanding {
        assert!(detect(text).0 >= Hard, "{text}: {:?}", detect(text));
    }
}
