use std::time::Duration;

use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(5);
const POST: &str = "POST /a?b=1 HTTP/1.1\r\nX-Test: yes\r\ncontent-length: 7\r\n\r\n{\"a\":1}";

async fn connect(server: &LoopbackServer) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Everything up to the end of the connection.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has given what it had.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_script_is_played_as_written() {
    let script = Script::stream("text/plain").piece("abcd").split_every(3).header("x-a", "1").cut();
    let server = LoopbackServer::sequence([script]);
    let mut stream = connect(&server).await;
    stream.write_all(POST.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "));
    assert!(answer.contains("x-a: 1\r\n"));
    assert!(answer.ends_with("\r\n\r\n3\r\nabc\r\n1\r\nd\r\n"), "{answer:?}");
    let request = &server.requests()[0];
    assert_eq!((&*request.method, &*request.path), ("POST", "/a?b=1"));
    assert_eq!(request.header("x-test"), Some("yes"));
    assert_eq!(request.json(), json!({"a": 1}));
}

#[tokio::test]
async fn a_connection_serves_several_requests_in_any_framing() {
    let server = LoopbackServer::start(|_, index| {
        let script = Script::json(200, &json!({ "index": index }));
        if index == 2 { script.cut() } else { script }
    });
    let chunked = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let mut stream = connect(&server).await;
    stream.write_all(format!("{POST}{chunked}{POST}").as_bytes()).await.unwrap();
    let answers = read_all(&mut stream).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3);
    assert_eq!(server.requests()[1].body, b"abc");
    assert_eq!((server.counts().connections, server.counts().requests), (1, 3));
}

#[tokio::test]
async fn a_client_that_goes_away_is_noticed() {
    let server = LoopbackServer::sequence([Script::stream("text/plain").piece("a").hang()]);
    let mut stream = connect(&server).await;
    stream.write_all(POST.as_bytes()).await.unwrap();
    assert!(server.wait_for(SOON, |counts| counts.requests == 1).await);
    assert!(!server.wait_for(Duration::from_millis(30), |counts| counts.disconnects == 1).await);
    drop(stream);
    assert!(server.wait_for(SOON, |counts| counts.disconnects == 1).await);
}

#[tokio::test]
async fn a_dropped_server_closes_its_connections() {
    let server =
        LoopbackServer::sequence([Script::json(200, &json!({})).delay_head(Duration::MAX)]);
    let mut stream = connect(&server).await;
    stream.write_all(POST.as_bytes()).await.unwrap();
    assert!(server.wait_for(SOON, |counts| counts.requests == 1).await);
    drop(server);
    assert_eq!(read_all(&mut stream).await, "");
}
