//! The wire: decoding of event streams, one exchange through a codec, and the memory of many
//! streams at a time.
//!
//! Prints one JSON object; `bench/run.py` collects it. With the argument `serve` it is the server
//! of the streams instead, so that their memory is not the client's.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and reports on stdout"
)]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, ChatRequest, Message, ModelConfig, Role, Tool};
use cascade_providers::wire::{Assembler, encode_body, openai};
use cascade_providers::{Frame, HttpConfig, HttpProvider, SseParser, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use futures_util::StreamExt;
use serde_json::json;

/// Bytes of a piece as a socket gives them.
const PIECE: usize = 16 << 10;
const EVENTS: usize = 40_000;
const PASSES: usize = 15;
const EXCHANGES: usize = 20_000;
const STREAMS: usize = 500;

fn main() {
    if std::env::args().any(|argument| argument == "serve") {
        return serve();
    }
    let events: Vec<String> = (0..EVENTS).map(chunk).collect();
    let bytes: Vec<u8> =
        events.iter().flat_map(|event| format!("data: {event}\n\n").into_bytes()).collect();
    let (encode, decode) = exchange();
    println!(
        "{}",
        json!({
            "sse_decode_mb_s": rate(&bytes, decode_frames),
            "sse_assemble_mb_s": rate(&bytes, assemble),
            "codec_encode_p50_us": encode,
            "codec_decode_p50_us": decode,
            "codec_roundtrip_p50_us": encode + decode,
            "streams_500_mb": streams(),
        })
    );
}

/// A chunk as OpenAI sends them.
fn chunk(index: usize) -> String {
    json!({
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "object": "chat.completion.chunk",
        "created": 1_795_219_200, "model": "gpt-4o-mini-2024-07-18", "service_tier": "default",
        "system_fingerprint": "fp_34a54ae93c",
        "choices": [{"index": 0, "delta": {"content": format!(" word{index}")}, "logprobs": null,
            "finish_reason": null}]
    })
    .to_string()
}

/// Megabytes a second, the median of several passes.
fn rate(bytes: &[u8], work: impl Fn(&[u8]) -> usize) -> f64 {
    assert_eq!(work(bytes), EVENTS);
    let mut rates: Vec<f64> = (0..PASSES)
        .map(|_| {
            let start = Instant::now();
            black_box(work(black_box(bytes)));
            bytes.len() as f64 / 1e6 / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[PASSES / 2]
}

fn frames(bytes: &[u8], mut each: impl FnMut(Frame)) {
    let mut parser = SseParser::new(1 << 20);
    for piece in bytes.chunks(PIECE) {
        parser.push(piece);
        while let Some(frame) = parser.next_event().unwrap() {
            each(frame);
        }
    }
}

fn decode_frames(bytes: &[u8]) -> usize {
    let mut count = 0;
    frames(bytes, |frame| {
        black_box(&frame);
        count += 1;
    });
    count
}

fn assemble(bytes: &[u8]) -> usize {
    let mut assembler = openai::ChatCompletionAssembler::default();
    let mut deltas = Vec::new();
    let mut count = 0;
    frames(bytes, |frame| {
        deltas.clear();
        assembler.push(&frame, &mut deltas).unwrap();
        count += deltas.len();
    });
    count
}

/// Medians in microseconds of writing a request and of reading its answer, 2 KB together.
fn exchange() -> (f64, f64) {
    let mut request = ChatRequest::new(
        "gpt-4o-mini",
        vec![
            Message::user("What is the weather like in the three largest cities of Norway?"),
            Message::assistant("Oslo, Bergen and Trondheim; I look each of them up."),
            Message::new(
                Role::User,
                "Please do, and tell me where an umbrella is of use. ".repeat(12),
            ),
        ],
    );
    request.system = Some("Be brief, and say what you do not know.".into());
    request.max_tokens = Some(400);
    request.temperature = Some(0.2);
    request.tools = vec![Tool::new(
        "weather",
        "The weather of a city now",
        json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    )]
    .into();
    let answer = json!({
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "object": "chat.completion",
        "created": 1_795_219_200, "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": {"role": "assistant", "refusal": null, "annotations": [],
            "content": "It rains in Bergen, so take one there; elsewhere it stays dry. ".repeat(5)},
            "logprobs": null, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 212, "completion_tokens": 96, "total_tokens": 308,
            "prompt_tokens_details": {"cached_tokens": 128, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}},
        "service_tier": "default", "system_fingerprint": "fp_34a54ae93c"
    })
    .to_string();
    let write = || {
        let rules = openai::EncodeRules::default();
        let body = openai::encode_request(&request, rules, false).unwrap();
        encode_body(&body, &request.extra).unwrap()
    };
    let size = write().len() + answer.len();
    assert!((1_900..2_300).contains(&size), "the exchange has {size} bytes, not 2 KB");
    let encode = median_us(|| {
        black_box(write());
    });
    let decode = median_us(|| {
        black_box(openai::decode_response(black_box(answer.as_bytes())).unwrap());
    });
    (encode, decode)
}

fn median_us(mut work: impl FnMut()) -> f64 {
    for _ in 0..EXCHANGES / 10 {
        work();
    }
    let mut times: Vec<u128> = (0..EXCHANGES)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[EXCHANGES / 2] as f64 / 1_000.0
}

/// Gives every request a stream of two seconds, until its input ends.
fn serve() {
    let server = LoopbackServer::start(|_, _| {
        let event = |index| format!("data: {}\n\n", chunk(index));
        let script = (0..40).fold(Script::stream("text/event-stream"), |script, index| {
            script.piece(event(index)).wait(Duration::from_millis(50))
        });
        script.piece(
            "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        )
    });
    println!("{}", server.url());
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
}

/// Megabytes that many streams at a time take beyond what the process takes idle.
fn streams() -> f64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let mut model = ModelConfig::new("gpt-4o-mini", "openai");
    model.api_key = Some(ApiKey::new("sk-bench"));
    model.base_url = Some(url.trim().to_owned());
    let provider =
        HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, HttpConfig::default())
            .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let growth = runtime.block_on(async {
        assert_eq!(listen(&provider).await, 40);
        let idle = resident_mb();
        let mut running: futures_util::stream::FuturesUnordered<_> =
            (0..STREAMS).map(|_| listen(&provider)).collect();
        let mut most = idle;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tokio::select! {
                pieces = running.next() => match pieces {
                    Some(pieces) => assert_eq!(pieces, 40),
                    None => break,
                },
                _ = tick.tick() => most = most.max(resident_mb()),
            }
        }
        most - idle
    });
    drop(child.stdin.take());
    child.wait().unwrap();
    growth
}

/// Number of pieces of one stream.
async fn listen(provider: &HttpProvider) -> usize {
    let request = ChatRequest::new("gpt-4o-mini", vec![Message::user("Tell me a story.")]);
    let mut stream = provider.stream(&request).await.unwrap();
    let mut pieces = 0;
    while let Some(delta) = stream.next().await {
        delta.unwrap();
        pieces += 1;
    }
    pieces - 1
}

/// Resident memory of this process in megabytes; 0 where the system does not tell.
fn resident_mb() -> f64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0.0 };
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
