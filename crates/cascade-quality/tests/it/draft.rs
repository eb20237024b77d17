//! What one pass over a draft finds.

use cascade_core::query::QueryAnalysis;
use cascade_quality::{AnswerMark, DraftAnalysis, Ending};

fn read(draft: &str) -> DraftAnalysis {
    DraftAnalysis::new(&QueryAnalysis::new("How many apples are left of 12?"), draft)
}

fn answer(draft: &str) -> Option<(AnswerMark, String)> {
    read(draft).answer.map(|answer| (answer.mark, answer.text(draft).to_owned()))
}

#[test]
fn answers_are_found_behind_the_most_trusted_mark() {
    let found = |draft: &str, mark, text: &str| {
        assert_eq!(answer(draft), Some((mark, text.to_owned())), "{draft}");
    };
    found(r#"{"reasoning": "so it is", "answer": "42"}"#, AnswerMark::JsonField, "42");
    found(r#"{"answer": 7, "unit": "cm"}"#, AnswerMark::JsonField, "7");
    found(r#"{"answer": "say \"yes\" now"}"#, AnswerMark::JsonField, r#"say \"yes\" now"#);
    found("3 + 4 = 7\n#### 7\n", AnswerMark::Hashes, "7");
    found(r"so \boxed{\frac{1}{2}} it is", AnswerMark::Boxed, r"\frac{1}{2}");
    found("Therefore the answer is (B).", AnswerMark::Phrase, "(B)");
    found(
        "The final answer to this question is 3.5 metres. Good.",
        AnswerMark::Phrase,
        "3.5 metres",
    );
    found("**Answer:** 12\nBecause it is.", AnswerMark::Phrase, "12");
    found("Answer = 9", AnswerMark::Phrase, "9");
    found(r#"The answer is 3, so {"answer": "4"}"#, AnswerMark::JsonField, "4");
    assert_eq!(answer("There are twelve apples."), None);
    assert_eq!(answer(r#"{"answer": null}"#), None);
    assert_eq!(answer(r#"{"answer": ""}"#), None);
    assert_eq!(answer("The answer is"), None);
}

#[test]
fn answers_are_read_as_number_or_choice() {
    let value = |draft: &str| read(draft).answer.map(|a| (a.number, a.choice)).unwrap();
    assert_eq!(value("The answer is $1,234.50."), (Some(1234.5), None));
    assert_eq!(value("The answer is -3."), (Some(-3.0), None));
    assert_eq!(value("The answer is (C)."), (None, Some('C')));
    assert_eq!(value("The answer is B) Jupiter."), (None, Some('B')));
    assert_eq!(value("The answer is (D) 12."), (None, Some('D')));
    assert_eq!(value("The answer is A.J. Ayer."), (None, None));
    assert_eq!(value("The answer is between 3 and 4."), (None, None));
}

#[test]
fn written_out_arithmetic_is_checked() {
    let checked = |draft: &str| {
        let equations = read(draft).equations;
        (equations.checked, equations.wrong)
    };
    assert_eq!(checked("15 + 25 = 40 and 60 - 40 = 20."), (2, 0));
    assert_eq!(checked("3 cups * 20 chickens = 60 cups"), (1, 0));
    assert_eq!(checked("2 + 3 * 4 = 14"), (1, 0));
    assert_eq!(checked("2 + 2 = 5"), (1, 1));
    assert_eq!(checked("10 / 3 = 3.33"), (1, 0));
    assert_eq!(checked("20 / 6 = 3 remainder 2"), (1, 0));
    assert_eq!(checked("180 / 2.5 = 62"), (1, 1));
    assert_eq!(checked("8 x 5 = 40"), (1, 0));
    assert_eq!(checked("8 \\times 5 = 41"), (1, 1));
    assert_eq!(checked("2 + 2 = 4 = 1 + 3"), (2, 0));
    assert_eq!(checked("1,200 + 300 = 1,500"), (1, 0));
    // What cannot be sure is left alone.
    assert_eq!(checked("x + 2 = 5"), (0, 0));
    assert_eq!(checked("3 * (4 + 5) = 27"), (0, 0));
    assert_eq!(checked("20% of 50 = 10"), (0, 0));
    assert_eq!(checked("2^3 = 8"), (0, 0));
    assert_eq!(checked("In 2020 we sold 5, and 7 = seven"), (0, 0));
}

#[test]
fn the_last_result_is_remembered() {
    assert_eq!(read("so 4 + 4 = 8, hence y = 12").equations.last_result, Some(12.0));
    assert_eq!(read("nothing equals nothing").equations.last_result, None);
}

#[test]
fn structure_is_counted() {
    let list = read("Fruits:\n- apples\n- pears\n* plums\n1. figs\n2) dates");
    assert_eq!(list.list_items, 5);
    let table = read("| a | b |\n|---|---|\n| 1 | 2 |");
    assert_eq!(table.table_rows, 3);
    assert_eq!(read("```python\nprint(1)\n```").code_fences, 2);
    assert_eq!(read("(a [b] {c").unbalanced, 2);
    assert_eq!(read("a) b").unbalanced, 1);
    let json = read(" {\"a\": [1, 2]} ");
    assert!(json.starts_json);
    assert_eq!(json.json_span, Some((1, 14)));
    assert_eq!(read("").ending, Ending::Nothing);
}

#[test]
fn endings_are_told_apart() {
    let endings = [
        ("Done.", Ending::Sentence),
        ("Done? ", Ending::Question),
        ("(done)", Ending::Closed),
        ("It is 4", Ending::Number),
        ("done", Ending::Word),
        ("first,", Ending::Open),
        ("x = ", Ending::Open),
    ];
    for (draft, ending) in endings {
        assert_eq!(read(draft).ending, ending, "{draft}");
    }
}

#[test]
fn ways_of_speaking_are_counted() {
    let hedged = read("Perhaps it is so. It might be otherwise. It is.");
    assert_eq!((hedged.hedges, hedged.hedged_sentences, hedged.sentence_count), (2, 2, 3));
    assert!((hedged.hedging_ratio() - 2.0 / 3.0).abs() < 1e-12);
    let vague = read("various things and stuff");
    assert!(vague.vague_ratio() >= 0.75);
    let specific = read("In 1969 Neil Armstrong walked on the Moon, for example in July.");
    assert!(specific.specificity() > vague.specificity() + 0.3);
    assert_eq!(read("I cannot help with that.").refusal_at, Some(0));
    assert_eq!(read("Well, I'm not sure about it.").ignorance_at, Some(1));
}

#[test]
fn overlap_with_the_query_is_measured() {
    let query = QueryAnalysis::new("How many apples and pears does Anna buy for 12 dollars?");
    let all = DraftAnalysis::new(&query, "Anna buys many apple and pear items for 12 dollars");
    assert_eq!(all.query_coverage, Some(1.0));
    assert_eq!(all.number_coverage, Some(1.0));
    let none = DraftAnalysis::new(&query, "Bananas grow in bunches on tall plants");
    assert_eq!(none.query_coverage, Some(0.0));
    assert_eq!(none.fresh_share, Some(1.0));
    assert_eq!(DraftAnalysis::new(&query, "").fresh_share, None);
}

#[test]
fn loops_are_measured() {
    assert!(read(&"the same four words again ".repeat(20)).repeated_share > 0.9);
    assert_eq!(
        read("every word of this sentence is different from all others").repeated_share,
        0.0
    );
    assert_eq!(read("no no no no yes").longest_run, 4);
}

#[test]
fn ideographs_count_as_words() {
    let draft = read("光合作用是植物");
    assert_eq!((draft.word_count, draft.char_count), (7, 7));
}
