use cascade_providers::NdjsonParser;
use proptest::prelude::*;

fn parse(pieces: &[&[u8]]) -> Vec<String> {
    let mut parser = NdjsonParser::new(1 << 20);
    let mut lines = Vec::new();
    for piece in pieces {
        parser.push(piece);
        while let Some(frame) = parser.next_line().unwrap() {
            lines.push(frame.data);
        }
    }
    lines.extend(parser.finish().map(|frame| frame.data));
    lines
}

#[test]
fn lines_are_read_whatever_their_ends() {
    assert_eq!(parse(&[b"{\"a\":1}\n\r\n\n{\"b\":2}\r\n"]), ["{\"a\":1}", "{\"b\":2}"]);
    assert_eq!(parse(&[b"{\"a\":1}\n{\"b\":2}"]), ["{\"a\":1}", "{\"b\":2}"]);
    assert_eq!(parse(&[b"{\"a\":1}\n{\"b\":"]), ["{\"a\":1}"]);
    assert!(parse(&[]).is_empty());
}

#[test]
fn a_line_beyond_the_limit_is_refused() {
    let mut parser = NdjsonParser::new(10);
    parser.push(b"{\"a\": \"0123456789");
    assert!(parser.next_line().is_err());
}

proptest! {
    #[test]
    fn any_split_gives_the_same_lines(
        values in prop::collection::vec("[a-z🙂é]{0,20}", 0..20),
        cuts in prop::collection::vec(0_usize..1000, 0..20),
    ) {
        let text: String = values.iter().map(|value| format!("{{\"v\":\"{value}\"}}\n")).collect();
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let lines = parse(&pieces);
        prop_assert_eq!(lines.len(), values.len());
        prop_assert_eq!(lines, parse(&[bytes]));
    }
}
