//! Damaged bytes: whatever a provider sends, reading it ends in an answer or an error.
//!
//! The same checks as the fuzz targets, on mutations of their seeds, for a bounded number of cases.

use std::path::PathBuf;

use cascade_providers::wire::{Assembler, anthropic, cohere, ollama, openai, responses, vertex};
use cascade_providers::{NdjsonParser, SseParser};
use proptest::collection::vec;
use proptest::prelude::*;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../fuzz/corpus", target].iter().collect();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no seeds", folder.display());
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A change of some bytes: at a place (as a share of the length), what becomes of it.
#[derive(Debug, Clone)]
enum Change {
    Set(f64, u8),
    Cut(f64),
    Remove(f64, usize),
    Repeat(f64, usize, usize),
    Insert(f64, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let at = 0.0..1.0_f64;
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        at.clone().prop_map(Change::Cut),
        (at.clone(), 1_usize..40).prop_map(|(at, count)| Change::Remove(at, count)),
        (at.clone(), 1_usize..40, 1_usize..60)
            .prop_map(|(at, count, times)| Change::Repeat(at, count, times)),
        (
            at,
            vec(
                prop_oneof![
                    Just(b'\n'),
                    Just(b'\r'),
                    Just(b'"'),
                    Just(b'{'),
                    Just(b'['),
                    any::<u8>()
                ],
                1..9
            )
        )
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
    ]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |share: f64| (bytes.len() as f64 * share) as usize;
    match change {
        Change::Set(at, byte) => {
            let at = place(*at);
            if let Some(slot) = bytes.get_mut(at) {
                *slot = *byte;
            }
        }
        Change::Cut(at) => bytes.truncate(place(*at)),
        Change::Remove(at, count) => {
            let at = place(*at);
            let end = (at + count).min(bytes.len());
            bytes.drain(at..end);
        }
        Change::Repeat(at, count, times) => {
            let at = place(*at);
            let end = (at + count).min(bytes.len());
            let piece = bytes[at..end].repeat(*times);
            bytes.splice(at..at, piece);
        }
        Change::Insert(at, more) => {
            let at = place(*at);
            bytes.splice(at..at, more.iter().copied());
        }
    }
}

fn mutated(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(seeds(target)), vec(change(), 0..6)).prop_map(|(mut bytes, changes)| {
        for change in &changes {
            apply(&mut bytes, change);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_event_stream_is_read_the_same_in_any_pieces(
        bytes in mutated("sse"),
        size in 1_usize..50,
    ) {
        let read = |size: usize| {
            let mut parser = SseParser::new(1 << 16);
            let mut events = Vec::new();
            for piece in bytes.chunks(size) {
                parser.push(piece);
                loop {
                    match parser.next_event() {
                        Ok(Some(event)) => events.push(event),
                        Ok(None) => break,
                        Err(_) => return events,
                    }
                }
            }
            events.extend(parser.finish());
            events
        };
        prop_assert_eq!(read(size), read(usize::MAX));
    }

    #[test]
    fn lines_are_read_the_same_in_any_pieces(bytes in mutated("ndjson"), size in 1_usize..50) {
        let read = |size: usize| {
            let mut parser = NdjsonParser::new(1 << 16);
            let mut lines = Vec::new();
            for piece in bytes.chunks(size) {
                parser.push(piece);
                loop {
                    match parser.next_line() {
                        Ok(Some(line)) => lines.push(line),
                        Ok(None) => break,
                        Err(_) => return lines,
                    }
                }
            }
            lines.extend(parser.finish());
            lines
        };
        prop_assert_eq!(read(size), read(usize::MAX));
    }

    #[test]
    fn answers_of_every_dialect_are_read_or_refused(bytes in mutated("answers")) {
        let _ = openai::decode_response(&bytes);
        let _ = anthropic::decode_response(&bytes);
        let _ = cohere::decode_response(&bytes);
        let _ = ollama::decode_response(&bytes);
        let _ = responses::decode_response(&bytes);
        let _ = vertex::decode_response(&bytes);
        let _ = openai::decode_embeddings(&bytes);
    }

    #[test]
    fn streams_of_every_dialect_are_put_together_or_refused(bytes in mutated("sse")) {
        let assemblers: [Box<dyn Assembler>; 5] = [
            Box::<openai::ChatCompletionAssembler>::default(),
            Box::<anthropic::MessageAssembler>::default(),
            Box::<cohere::CohereAssembler>::default(),
            Box::<responses::ResponsesAssembler>::default(),
            Box::<vertex::GenerateContentAssembler>::default(),
        ];
        for mut assembler in assemblers {
            let mut parser = SseParser::new(1 << 16);
            parser.push(&bytes);
            let mut deltas = Vec::new();
            while let Ok(Some(frame)) = parser.next_event() {
                if assembler.push(&frame, &mut deltas).is_err() {
                    break;
                }
            }
            let _ = assembler.may_end();
            let _ = assembler.finish();
        }
    }

    #[test]
    fn requests_of_clients_are_read_or_refused(bytes in mutated("requests")) {
        if let Ok(request) = serde_json::from_slice::<openai::ChatCompletionRequest<'static>>(&bytes) {
            let _ = openai::decode_request(request);
        }
        if let Ok(request) = serde_json::from_slice::<anthropic::MessagesRequest<'static>>(&bytes) {
            let _ = anthropic::decode_request(request);
        }
    }
}
