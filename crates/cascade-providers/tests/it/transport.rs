use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};

use crate::support::{SOON, ask, hear_all, openai_answer, openai_chunks, provider};

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
