use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ErrorKind, ModelConfig, ResponseDelta};
use cascade_providers::{Dialect, HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, Script};

use futures_util::{FutureExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    SOON, ask, hear_all, once, openai_answer, openai_chunks, provider, weather_tool,
};

fn server() -> LoopbackServer {
    LoopbackServer::start(|request, _| {
        if request.json()["stream"] == true {
            Script::sse(openai_chunks(&["Par", "is."]))
        } else {
            Script::json(200, &openai_answer("Paris."))
        }
    })
}

#[tokio::test]
async fn providers_share_connections() {
    let server = server();
    for _ in 0..3 {
        provider("openai", &server).complete(&ask("?")).await.unwrap();
        provider("vllm", &server).complete(&ask("?")).await.unwrap();
    }
    assert_eq!((server.counts().requests, server.counts().connections), (6, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_read_to_its_end_gives_its_connection_back() {
    let server = server();
    let provider = provider("openai", &server);
    for round in 1..=5 {
        assert_eq!(hear_all(&provider, &ask("?")).await.text, "Paris.");
        assert!(server.wait_for(SOON, |counts| counts.completed == round).await);
    }
    // The end of a body may come a moment after the answer's, and then costs its connection.
    assert!(server.counts().connections < 5, "{:?}", server.counts());
}

#[test]
fn a_provider_outlives_the_runtimes_it_is_used_from() {
    let server = server();
    let provider = provider("openai", &server);
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let response = runtime.block_on(provider.complete(&ask("?"))).unwrap();
        assert_eq!(response.content, "Paris.");
    }
}

#[test]
fn a_call_may_be_polled_from_a_thread_that_only_entered_the_runtime() {
    let server = server();
    let provider = provider("openai", &server);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let request = ask("?");
    let response = futures_executor(provider.complete(&request)).unwrap();
    assert_eq!(response.content, "Paris.");
}

/// Polls on this thread, woken by whatever thread has news.
fn futures_executor<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[tokio::test]
async fn many_calls_run_together() {
    let server = server();
    let provider = provider("openai", &server);
    let request = ask("?");
    let calls = (0..64).map(|_| provider.complete(&request));
    for response in futures_util::future::join_all(calls).await {
        assert_eq!(response.unwrap().content, "Paris.");
    }
    assert_eq!(server.counts().requests, 64);
}

#[tokio::test]
async fn encryption_is_attempted_where_the_url_asks_for_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut model = ModelConfig::new("small", "openai");
    model.api_key = Some(ApiKey::new("k"));
    model.base_url = Some(format!("https://{}", listener.local_addr().unwrap()));
    let provider =
        HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, once()).unwrap();
    let plain_server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut first = [0];
        stream.read_exact(&mut first).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        first[0]
    };
    let request = ask("?");
    let (answer, first_byte) = tokio::join!(provider.complete(&request), plain_server);
    assert_eq!(first_byte, 0x16, "a TLS handshake begins");
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
}

#[tokio::test]
async fn a_dialect_without_tools_or_streams_is_respected() {
    let plain: &'static Dialect = Box::leak(Box::new(Dialect {
        tools: false,
        streaming: false,
        ..dialect("vllm").unwrap().clone()
    }));
    let server = server();
    let mut model = ModelConfig::new("small", "vllm");
    model.base_url = Some(server.url());
    let provider = HttpProvider::new(plain, &model, &|_| None, once()).unwrap();
    let mut stream = provider.stream(&ask("?")).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first, ResponseDelta::Text("Paris.".into()));
    assert!(server.requests()[0].json().get("stream").is_none());
    let mut request = ask("?");
    request.tools = vec![weather_tool()].into();
    let error = provider.complete(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("tools")));
}

#[test]
fn without_a_runtime_a_call_fails_instead_of_panicking() {
    let server = server();
    let provider = provider("openai", &server);
    let request = ask("?");
    let error = provider.complete(&request).now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.hint().unwrap().contains("runtime"));
    assert!(provider.stream(&request).now_or_never().unwrap().is_err());
    assert!(provider.list_models().now_or_never().unwrap().is_err());
}
