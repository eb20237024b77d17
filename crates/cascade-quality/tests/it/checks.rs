//! Each standard check, passing and failing.

use cascade_core::{Complexity, FinishReason, ResponseFormat};
use cascade_quality::QualityConfig;
use serde_json::json;

use crate::support::{Case, faults};

const NONE: [&str; 0] = [];

#[test]
fn good_answers_have_no_fault() {
    let good = [
        ("What is the capital of France?", "Paris is the capital of France."),
        ("What is the capital of France?", "Paris"),
        ("what is 2+2", "4"),
        ("hi", "Hello! How can I help you today?"),
        ("Who wrote Hamlet?", "Shakespeare"),
        ("When did WW2 end?", "1945"),
        ("List three fruits", "apples, pears, plums"),
        ("Is water wet?", "Yes, in the everyday sense of the word."),
        ("什么是光合作用？", "光合作用是植物将光能转化为化学能的过程。"),
        (
            "Write a python function to add two numbers",
            "```python\ndef add(a, b):\n    return a + b\n```",
        ),
        (
            "What is photosynthesis?",
            "Photosynthesis is usually the process by which plants make sugar from light and water.",
        ),
        ("Translate 'good night' to German", "Gute Nacht"),
    ];
    for (query, draft) in good {
        assert_eq!(faults(query, draft), NONE, "{query} → {draft}");
    }
}

#[test]
fn an_empty_draft_fails_alone() {
    for draft in ["", "   ", "\n\t\u{3000}"] {
        let case = Case::new("What is photosynthesis?", draft);
        assert_eq!(case.faults(), ["empty"]);
        let verdict = case.judge();
        assert_eq!((verdict.confidence, verdict.score), (0.0, 0.0));
    }
}

#[test]
fn refusals_fail() {
    let query = "What is photosynthesis?";
    for draft in [
        "I'm sorry, but I cannot help with that request.",
        "As an AI language model, I am unable to provide that information.",
        "I don't know.",
        "Could you clarify what you mean?",
        "Error: internal server error",
    ] {
        let mut case = Case::new(query, draft);
        case.draft.confidence = Some(0.9);
        assert_eq!(case.faults(), ["refusal"], "{draft}");
    }
    let mut filtered = Case::new(query, "Photosynthesis is how plants make sugar from light.");
    filtered.draft.finish_reason = Some(FinishReason::ContentFilter);
    assert_eq!(filtered.faults(), ["refusal"]);
}

#[test]
fn speaking_about_refusing_is_no_refusal() {
    let draft = "Photosynthesis makes sugar from light and water inside chloroplasts, and a plant \
                 would say: I cannot help with that request for darkness.";
    assert_eq!(faults("What is photosynthesis?", draft), NONE);
}

#[test]
fn cut_drafts_fail() {
    let query = "Explain photosynthesis";
    let cut = [
        "Photosynthesis is the process by which plants convert light energy into",
        "Photosynthesis has two stages, the light reactions and the Calvin cycle,",
        "Photosynthesis in code:\n```python\ndef light():\n    return sugar",
        r#"{"photosynthesis": {"stages": ["light", "dark"#,
    ];
    for draft in cut {
        assert!(faults(query, draft).contains(&"truncation".to_owned()), "{draft}");
    }
    let mut limit = Case::new(query, "Photosynthesis makes sugar from light.");
    limit.draft.finish_reason = Some(FinishReason::Length);
    assert_eq!(limit.faults(), ["truncation"]);
    assert_eq!(faults(query, "Photosynthesis makes sugar from light and water"), NONE);
}

#[test]
fn a_forgotten_fence_after_a_complete_answer_is_no_cut() {
    let draft = "Step 1: 40 + 2 = 42\n```json\n{\"answer\": \"42\"}";
    assert_eq!(faults("What is 40 + 2? Give the result as JSON", draft), NONE);
}

#[test]
fn short_answers_to_demanding_queries_fail() {
    let mut case = Case::new("Explain how a compiler optimizes loops", "It unrolls.");
    case.complexity = Some(Complexity::Hard);
    case.draft.confidence = Some(0.9);
    assert_eq!(case.faults(), ["length"]);
    let verdict = case.judge();
    let length = verdict.checks.iter().find(|check| check.check == "length").unwrap();
    assert_eq!(length.reason, "too short: 11 of 40 characters");

    let mut config = QualityConfig::for_cascade();
    config.min_word_count = 10;
    let mut words = Case::new(
        "Explain how a compiler optimizes loops",
        "Compilers unroll, vectorise, and fuse loops.",
    );
    words.complexity = Some(Complexity::Moderate);
    words.draft.confidence = Some(0.9);
    let verdict = words.judge_with(config);
    assert_eq!(verdict.failed_checks().collect::<Vec<_>>(), ["length"]);
}

#[test]
fn loops_fail() {
    let words = "photosynthesis photosynthesis photosynthesis photosynthesis photosynthesis";
    assert_eq!(faults("What is photosynthesis?", words), ["repetition"]);
    let passages = "Plants use light to make sugar. ".repeat(20);
    assert!(faults("Explain photosynthesis", &passages).contains(&"repetition".to_owned()));
}

#[test]
fn hedging_throughout_fails_and_a_single_hedge_does_not() {
    let mut case = Case::new(
        "What is photosynthesis?",
        "It might possibly be that photosynthesis could maybe be something plants perhaps do.",
    );
    case.draft.confidence = Some(0.9);
    assert_eq!(case.faults(), ["hedging"]);
    case.draft.content = "Photosynthesis is probably the best known process of plants.".to_owned();
    assert_eq!(case.faults(), NONE);
}

#[test]
fn vague_text_fails() {
    let mut case = Case::new(
        "Explain photosynthesis",
        "Photosynthesis has many things and various aspects, and stuff like that is generally \
         important in some ways.",
    );
    case.draft.confidence = Some(0.9);
    assert_eq!(case.faults(), ["specificity"]);
}

#[test]
fn specifics_are_required_of_hard_answers_where_configured() {
    let mut config = QualityConfig::for_production();
    config.min_specificity_score = 0.5;
    let mut case = Case::new(
        "Explain how databases keep transactions apart",
        "A database keeps transactions apart by locking what they touch and by keeping old \
         versions of rows around until nobody needs them.",
    );
    case.complexity = Some(Complexity::Hard);
    case.draft.confidence = Some(0.95);
    let names = |config: &QualityConfig| {
        case.judge_with(config.clone()).failed_checks().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&config), ["specificity"]);
    config.require_specifics_for_complex = false;
    assert_eq!(names(&config), NONE);
}

#[test]
fn appeals_to_unnamed_authority_fail_where_configured() {
    let draft = "Studies show that sugar is bad, experts agree, and everyone knows it.";
    let mut case = Case::new("Is sugar bad for health?", draft);
    case.draft.confidence = Some(0.9);
    assert_eq!(case.faults(), ["claims"]);
    let mut config = QualityConfig::for_cascade();
    config.enable_hallucination_detection = false;
    assert!(case.judge_with(config).accepted);
}

#[test]
fn a_draft_off_topic_fails() {
    let draft = "Bananas are yellow and grow in bunches on tall plants.";
    let mut case = Case::new("What is the capital of France?", draft);
    case.draft.confidence = Some(0.9);
    assert_eq!(case.faults(), ["alignment"]);
    let mut config = QualityConfig::for_cascade();
    config.alignment_floor = 0.0;
    assert!(case.judge_with(config).accepted);
}

#[test]
fn json_must_parse_when_the_request_says_so() {
    let mut case =
        Case::new("Describe Paris", "Paris is a city in France with two million people.");
    case.response_format = Some(ResponseFormat::JsonObject);
    assert_eq!(case.faults(), ["format"]);
    case.draft.content = "```json\n{\"name\": \"Paris\"}\n```".to_owned();
    assert_eq!(case.faults(), NONE);
    case.draft.content = "[1, 2]".to_owned();
    assert_eq!(case.faults(), ["format"]);
}

#[test]
fn json_must_have_the_shape_of_its_schema() {
    let schema = json!({
        "type": "object",
        "required": ["name", "people"],
        "properties": {
            "name": {"type": "string"},
            "people": {"type": "integer"},
            "size": {"enum": ["small", "large"]},
            "rivers": {"type": "array", "items": {"type": "string"}}
        }
    });
    let fault = |content: &str| {
        let mut case = Case::new("Describe Paris", content);
        case.response_format = Some(ResponseFormat::JsonSchema {
            name: "city".into(),
            schema: schema.clone(),
            strict: true,
        });
        let verdict = case.judge();
        let found = verdict.checks.into_iter().find(|c| c.check == "format" && !c.passed);
        found.map(|check| check.reason.into_owned())
    };
    assert_eq!(fault(r#"{"name": "Paris", "people": 2100000, "size": "large"}"#), None);
    assert_eq!(fault(r#"{"name": "Paris"}"#).unwrap(), "`people` is missing");
    assert_eq!(fault(r#"{"name": 1, "people": 2}"#).unwrap(), "`name` is not of type \"string\"");
    assert!(fault(r#"{"name": "P", "people": 2, "size": "big"}"#).unwrap().contains("`size`"));
    assert!(fault(r#"{"name": "P", "people": 2, "rivers": [3]}"#).unwrap().contains("`rivers[]`"));
    assert!(fault(r#"{"name": "#).unwrap().starts_with("not valid JSON"));
}

#[test]
fn the_form_that_the_query_asks_for_is_looked_for() {
    let asked = [
        ("Write a python function to add two numbers", "You should add the two numbers together."),
        ("Show three planets in a table", "Mars, Venus and Jupiter are planets of the Sun."),
        ("Give me the result as JSON please", "The result is twelve apples and one pear."),
        ("Is it legal? Answer yes or no.", "That depends on the country and on the year."),
        ("Answer in one word: who wrote Hamlet?", "William Shakespeare wrote Hamlet around 1600."),
        ("What is 12 * 12?", "That product is left to the reader."),
    ];
    for (query, draft) in asked {
        assert!(faults(query, draft).contains(&"format".to_owned()), "{query} → {draft}");
    }
    assert_eq!(faults("What is 12 * 12?", "one hundred forty four"), NONE);
}

#[test]
fn a_wrong_last_equation_fails() {
    let query = "A train travels 180 km in 2.5 hours. What is its average speed?";
    let wrong = "The speed is the distance divided by the time: 180 / 2.5 = 62. It is 62 km/h.";
    assert_eq!(faults(query, wrong), ["arithmetic"]);
    for right in [
        "The speed is the distance divided by the time: 180 / 2.5 = 72. It is 72 km/h.",
        "180 / 2.5 = 62? No, that is wrong. 180 / 2.5 = 72. It is 72 km/h.",
        "A third of it would be 180 / 7 = 25.7, and so 180 km / 2.5 h = 72 km/h.",
    ] {
        assert_eq!(faults(query, right), NONE, "{right}");
    }
    assert_eq!(faults("What is 12 * 12?", "12 * 12 = 124"), ["arithmetic"]);
}

#[test]
fn short_answers_are_right_where_a_word_or_the_numbers_are_asked_for() {
    let good = [
        ("Sort these numbers in ascending order: 42, 7, 19, 3, 88", "3, 7, 19, 42, 88"),
        ("Which element has the atomic number 26?", "Iron"),
        ("What is the opposite of 'ancient'?", "Modern"),
        ("Give a synonym for happy.", "Joyful"),
        ("Write a regex that matches a US zip code.", r"^\d{5}(-\d{4})?$"),
    ];
    for (query, draft) in good {
        assert_eq!(faults(query, draft), NONE, "{query} → {draft}");
    }
    assert_eq!(faults("Describe how plants make sugar from light.", "Fine."), ["length"]);
}

#[test]
fn what_was_asked_for_as_an_idea_need_not_repeat_the_query() {
    let good = [
        (
            "Suggest a polite way to decline a meeting.",
            "\"Thank you for the invitation. Unfortunately I have another commitment at that time, \
             but I would be glad to read the notes afterwards.\"",
        ),
        (
            "List three benefits of regular exercise.",
            "1. Better heart health\n2. Improved mood\n3. Stronger muscles",
        ),
        (
            "How can I sleep better?",
            "Keep regular hours, avoid caffeine after noon, and leave screens out of the bedroom.",
        ),
    ];
    for (query, draft) in good {
        assert_eq!(faults(query, draft), NONE, "{query} → {draft}");
    }
    let bananas = "Bananas are rich in potassium and taste good with yoghurt in the morning.";
    assert_eq!(faults("Explain how a refrigerator works.", bananas), ["alignment"]);
}

#[test]
fn a_short_loop_fails_and_program_text_ends_as_it_likes() {
    let loops = "Coffee is bitter. ".repeat(9);
    assert_eq!(faults("Describe the taste of coffee.", &loops), ["repetition"]);
    let query = "Write a SQL query that counts users per country.";
    let sql = "SELECT country, COUNT(*) AS users\nFROM users\nGROUP BY country;";
    assert_eq!(faults(query, sql), NONE);
}
