#![no_main]

use cascade_providers::SseParser;
use cascade_providers::wire::{Assembler, anthropic, cohere, openai, responses, vertex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let assemblers: [Box<dyn Assembler>; 5] = [
        Box::<openai::ChatCompletionAssembler>::default(),
        Box::<anthropic::MessageAssembler>::default(),
        Box::<cohere::CohereAssembler>::default(),
        Box::<responses::ResponsesAssembler>::default(),
        Box::<vertex::GenerateContentAssembler>::default(),
    ];
    for mut assembler in assemblers {
        let mut parser = SseParser::new(1 << 16);
        parser.push(bytes);
        let mut deltas = Vec::new();
        while let Ok(Some(frame)) = parser.next_event() {
            if assembler.push(&frame, &mut deltas).is_err() {
                break;
            }
        }
        let _ = assembler.may_end();
        let _ = assembler.finish();
    }
});
