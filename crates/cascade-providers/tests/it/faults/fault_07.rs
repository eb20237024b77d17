//! An event stream split at every byte, with CRLF, and with an emoji in pieces.

use cascade_providers::{Frame, SseParser};
use cascade_testkit::http::{LoopbackServer, Script};

use crate::support::{ask, hear_all, openai_chunks, provider};

const TEXT: [&str; 4] = ["Grüße 👩‍🚀", " an 世界", "\u{2028}", "!"];

fn stream(line_end: &str, space: &str, comment: &str) -> Vec<u8> {
    let events = openai_chunks(&TEXT);
    let text: String = events
        .iter()
        .map(|event| format!("{comment}data:{space}{event}{line_end}{line_end}"))
        .collect();
    text.into_bytes()
}

fn frames(pieces: &[&[u8]]) -> Vec<Frame> {
    let mut parser = SseParser::new(1 << 20);
    let mut frames = Vec::new();
    for piece in pieces {
        parser.push(piece);
        while let Some(frame) = parser.next_event().unwrap() {
            frames.push(frame);
        }
    }
    frames.extend(parser.finish());
    frames
}

#[test]
fn the_events_are_the_same_wherever_the_stream_is_split() {
    let expected = frames(&[&stream("\n", " ", "")]);
    assert_eq!(expected.len(), openai_chunks(&TEXT).len());
    for line_end in ["\n", "\r\n", "\r"] {
        for space in ["", " "] {
            for comment in ["", ": ping\n"] {
                let bytes = stream(line_end, space, comment);
                assert_eq!(frames(&[&bytes]), expected);
                for at in 0..bytes.len() {
                    let (left, right) = bytes.split_at(at);
                    assert_eq!(frames(&[left, right]), expected, "split at {at}");
                }
                let single: Vec<&[u8]> = bytes.chunks(1).collect();
                assert_eq!(frames(&single), expected);
            }
        }
    }
}

#[tokio::test]
async fn the_answer_is_the_same_over_http() {
    for line_end in ["\n", "\r\n"] {
        for size in [1, 2, 3, 7] {
            let bytes = stream(line_end, " ", ": hello\r\n");
            let script = Script::stream("text/event-stream").piece(bytes).split_every(size);
            let server = LoopbackServer::sequence([script]);
            let heard = hear_all(&provider("openai", &server), &ask("?")).await;
            assert_eq!(heard.text, TEXT.concat());
            assert_eq!(heard.done.unwrap().content, TEXT.concat());
        }
    }
}
