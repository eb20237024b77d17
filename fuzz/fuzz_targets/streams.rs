#![no_main]

use cascade_core::ResponseDelta;
use cascade_providers::wire::{
    AnswerFrame, Assembler, anthropic, cohere, ollama, openai, responses, vertex,
};
use cascade_providers::{Frame, NdjsonParser, SseParser};
use libfuzzer_sys::fuzz_target;

fn events(bytes: &[u8]) -> Vec<Frame> {
    let mut parser = SseParser::new(1 << 16);
    parser.push(bytes);
    std::iter::from_fn(|| parser.next_event().ok().flatten()).collect()
}

fn lines(bytes: &[u8]) -> Vec<Frame> {
    let mut parser = NdjsonParser::new(1 << 16);
    parser.push(bytes);
    std::iter::from_fn(|| parser.next_line().ok().flatten()).collect()
}

/// What a server streams on: one block at a time, in order, each closed.
fn stream_on(deltas: &[ResponseDelta]) {
    let frame = AnswerFrame { id: "id".into(), model: "model".into(), created: 1 };
    let mut chunks = openai::ChunkEncoder::new(frame.clone(), true);
    let mut encoder = anthropic::MessageEventEncoder::new(frame, 0);
    let (mut open, mut next) = (None, 0);
    for delta in deltas {
        let _ = chunks.push(delta);
        for event in encoder.push(delta) {
            match event {
                anthropic::MessageStreamEvent::ContentBlockStart { index, .. } => {
                    assert_eq!((open, index), (None, next));
                    open = Some(index);
                    next += 1;
                }
                anthropic::MessageStreamEvent::ContentBlockDelta { index, .. } => {
                    assert_eq!(open, Some(index));
                }
                anthropic::MessageStreamEvent::ContentBlockStop { index } => {
                    assert_eq!(open.take(), Some(index));
                }
                _ => {}
            }
        }
    }
    let is_done = matches!(deltas.last(), Some(ResponseDelta::Done(_)));
    assert!(!is_done || open.is_none());
}

fn assemble(mut assembler: Box<dyn Assembler>, frames: &[Frame]) {
    let mut deltas = Vec::new();
    for frame in frames {
        if assembler.push(frame, &mut deltas).is_err() {
            break;
        }
    }
    let _ = assembler.may_end();
    if let Ok(answer) = assembler.finish() {
        deltas.push(ResponseDelta::Done(Box::new(answer)));
    }
    stream_on(&deltas);
}

fuzz_target!(|bytes: &[u8]| {
    let frames = events(bytes);
    let assemblers: [Box<dyn Assembler>; 5] = [
        Box::<openai::ChatCompletionAssembler>::default(),
        Box::<anthropic::MessageAssembler>::default(),
        Box::<cohere::CohereAssembler>::default(),
        Box::<responses::ResponsesAssembler>::default(),
        Box::<vertex::GenerateContentAssembler>::default(),
    ];
    for assembler in assemblers {
        assemble(assembler, &frames);
    }
    assemble(Box::<ollama::OllamaAssembler>::default(), &lines(bytes));
});
