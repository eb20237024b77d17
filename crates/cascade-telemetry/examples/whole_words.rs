//! Lists the words that are one token in both vocabularies, with the space before them:
//! `cargo run -p cascade-telemetry --example whole_words > crates/cascade-core/data/whole_words.txt`.
//!
//! The engine bounds the tokens of a prompt by this list. Vocabularies number their tokens by how
//! common they are, so only the first are taken: those are words in other vocabularies, too.
#![allow(clippy::print_stdout, reason = "the list goes to stdout")]

/// Tokens of `cl100k` that are looked at; `o200k` has twice as many.
const COMMONEST: u32 = 30_000;

fn main() {
    let (small, large) =
        (tiktoken_rs::cl100k_base_singleton(), tiktoken_rs::o200k_base_singleton());
    let mut words: Vec<String> = (0..COMMONEST)
        .filter_map(|token| small.decode(&[token]).ok())
        .filter(|text| {
            matches!(large.encode_ordinary(text).as_slice(), [token] if *token < 2 * COMMONEST)
        })
        .filter_map(|text| Some(text.strip_prefix(' ')?.to_owned()))
        .filter(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .chain(('a'..='z').chain('A'..='Z').map(String::from))
        .collect();
    words.sort_unstable();
    words.dedup();
    for word in words {
        println!("{word}");
    }
}
