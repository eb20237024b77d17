//! Judging a draft of 200 words.

use cascade_core::ports::{Judge, JudgeInput};
use cascade_core::query::QueryAnalysis;
use cascade_core::{ChatResponse, ModelConfig};
use cascade_quality::{DraftAnalysis, QualityConfig, QualityValidator};
use divan::{Bencher, black_box};

const QUERY: &str = "Explain how the immune system of a healthy adult recognises a virus that it has \
    never met before, which cells take part in the first days, how long it takes until antibodies \
    can be measured, and why a second infection with the same virus is usually milder than the first \
    one was for most people";

const SENTENCES: &str = "The innate immune system answers within hours: macrophages and dendritic cells \
    recognise patterns that viruses share, and release interferons (alpha and beta) which slow the \
    virus down. Dendritic cells then carry 3 to 5 fragments of the virus to the lymph nodes, where T \
    cells and B cells with fitting receptors multiply. ";

fn main() {
    divan::main();
}

fn draft() -> String {
    let words: Vec<&str> = SENTENCES.split_whitespace().collect();
    let mut text = String::new();
    for index in 0..200 {
        text.push_str(words[index % words.len()]);
        text.push(if index % 41 == 40 { '\n' } else { ' ' });
    }
    text.push_str("milder.");
    text
}

#[divan::bench]
fn analyse_draft(bencher: Bencher<'_, '_>) {
    let query = QueryAnalysis::new(QUERY);
    let draft = draft();
    bencher.bench_local(|| DraftAnalysis::new(black_box(&query), black_box(&draft)));
}

#[divan::bench]
fn judge_draft(bencher: Bencher<'_, '_>) {
    let query = QueryAnalysis::new(QUERY);
    let draft = ChatResponse::from_text(draft());
    let model = ModelConfig::new("small", "openai");
    let Ok(judge) = QualityValidator::new(QualityConfig::for_cascade()) else { return };
    bencher.bench_local(|| {
        judge.judge_now(black_box(JudgeInput {
            query: &query,
            complexity: query.complexity,
            draft: &draft,
            model: &model,
            threshold: None,
            response_format: None,
            tools: &[],
            tool_choice: None,
        }))
    });
}
