#![no_main]

use cascade_providers::{Frame, NdjsonParser};
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8], size: usize) -> Vec<Frame> {
    let mut parser = NdjsonParser::new(1 << 16);
    let mut frames = Vec::new();
    for piece in bytes.chunks(size) {
        parser.push(piece);
        loop {
            match parser.next_line() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return frames,
            }
        }
    }
    frames.extend(parser.finish());
    frames
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    assert_eq!(read(bytes, usize::from(size) + 1), read(bytes, usize::MAX));
});
