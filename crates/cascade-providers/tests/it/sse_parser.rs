use cascade_providers::{Frame, SseParser};
use proptest::prelude::*;

fn parse(pieces: &[&[u8]]) -> Vec<Frame> {
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

fn data(frames: &[Frame]) -> Vec<&str> {
    frames.iter().map(|frame| frame.data.as_str()).collect()
}

fn check(stream: &str, expected: &[&str]) {
    let whole = parse(&[stream.as_bytes()]);
    assert_eq!(data(&whole), expected, "{stream:?}");
    for at in 0..=stream.len() {
        let (left, right) = stream.as_bytes().split_at(at);
        assert_eq!(parse(&[left, right]), whole, "{stream:?} split at {at}");
    }
    let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
    assert_eq!(parse(&bytes), whole, "{stream:?} byte by byte");
}

#[test]
fn events_are_read_in_every_form_the_specification_allows() {
    check("data: a\n\ndata: b\n\n", &["a", "b"]);
    check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
    check("data: a\r\rdata: b\r\r", &["a", "b"]);
    check("data: a\r\n\ndata: b\n\r\n", &["a", "b"]);
    check("data:a\n\ndata:  b\n\n", &["a", " b"]);
    check("\u{feff}data: a\n\n", &["a"]);
    check("data: \u{feff}a\n\n", &["\u{feff}a"]);
    check(": comment\n\n:\n\ndata: a\n: more\ndata: b\n\n", &["a\nb"]);
    check("data: a\ndata\ndata:\n\n", &["a\n\n"]);
    check("data:\n\n", &[""]);
    check("event: ping\n\nid: 7\nretry: 10\n\ndata: a\n\n", &["a"]);
    check("dataset: no\nDATA: no\n data: no\n\n", &[]);
    check("data: 🙂é\n\ndata: ⅓\r\n\r\n", &["🙂é", "⅓"]);
    check("\n\n\r\n\r\rdata: a\n\n\n\n", &["a"]);
}

#[test]
fn the_last_event_counts_when_its_last_line_is_whole() {
    check("data: a\n\ndata: [DONE]\n", &["a", "[DONE]"]);
    check("data: a\n\ndata: [DONE]\r", &["a", "[DONE]"]);
    check("data: a\n\ndata: [DONE]\r\n", &["a", "[DONE]"]);
    check("data: a\n\ndata: {\"cut", &["a"]);
    check("data: a\n\ndata: b\ndata: {\"cut", &["a"]);
}

#[test]
fn the_name_of_an_event_stays_with_it() {
    let frames = parse(&[b"event: error\ndata: x\n\ndata: y\n\n"]);
    assert_eq!((&*frames[0].event, &*frames[1].event), ("error", ""));
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    assert_eq!(data(&parse(&[b"data: a\xff\xfeb\n\n"])), ["a\u{fffd}\u{fffd}b"]);
}

#[test]
fn an_event_beyond_the_limit_is_refused_before_it_is_whole() {
    for (piece, times) in [(&b"x"[..], 200), (b"data: x\n", 200)] {
        let mut parser = SseParser::new(100);
        parser.push(b"data: ");
        let refused = (0..times).any(|_| {
            parser.push(piece);
            parser.next_event().is_err()
        });
        assert!(refused);
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        lines in prop::collection::vec(
            ("(data|event|id|other|)", "(:|: |)", "[a-z:é🙂 ]{0,12}", "(\n|\r|\r\n)"), 0..40
        ),
        blanks in prop::collection::vec("(\n|\r\n|\n\n)", 40),
        cuts in prop::collection::vec(0_usize..2000, 0..30),
    ) {
        let mut stream = String::new();
        for (index, (field, colon, value, end)) in lines.iter().enumerate() {
            stream.extend([field.as_str(), colon, value, end]);
            if index % 3 == 0 {
                stream.push_str(&blanks[index]);
            }
        }
        let bytes = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.push(0);
        cuts.push(bytes.len());
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(parse(&pieces), parse(&[bytes]));
    }

    #[test]
    fn any_bytes_are_survived(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        parse(&pieces);
    }

    #[test]
    fn what_is_written_is_read(texts in prop::collection::vec("[^\r\n]{0,40}(\n[^\r\n]{0,9}){0,3}", 0..9)) {
        let mut stream = String::new();
        for text in &texts {
            for line in text.split('\n') {
                stream.push_str(&format!("data: {line}\n"));
            }
            stream.push('\n');
        }
        let frames = parse(&[stream.as_bytes()]);
        prop_assert_eq!(data(&frames), texts);
    }
}
