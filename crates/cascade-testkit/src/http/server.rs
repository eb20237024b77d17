use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::RecordedRequest;
use super::script::{End, Script, Step};

type Handler = Arc<dyn Fn(&RecordedRequest, usize) -> Script + Send + Sync>;

/// What has happened at a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServerCounts {
    /// Connections accepted.
    pub connections: usize,
    /// Requests read completely.
    pub requests: usize,
    /// Connections the client closed before the script's end.
    pub disconnects: usize,
    /// Scripts played to their end.
    pub completed: usize,
}

/// A scripted server on a loopback port, on a thread of its own. Ends when dropped.
pub struct LoopbackServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Handler,
    requests: Mutex<Vec<RecordedRequest>>,
    counts: watch::Sender<ServerCounts>,
}

impl LoopbackServer {
    /// Serves what `handler` says; it is given the request and the number of requests before it.
    ///
    /// # Panics
    /// When no loopback port can be opened.
    #[expect(clippy::expect_used, reason = "a test cannot go on without its server")]
    pub fn start(
        handler: impl Fn(&RecordedRequest, usize) -> Script + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port opens");
        listener.set_nonblocking(true).expect("the listener can be polled");
        let address = listener.local_addr().expect("the listener has an address");
        let shared = Arc::new(Shared {
            handler: Arc::new(handler),
            requests: Mutex::default(),
            counts: watch::Sender::new(ServerCounts::default()),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// Serves the scripts in order; the last one stands for all further requests.
    ///
    /// # Panics
    /// When `scripts` is empty, or no loopback port can be opened.
    pub fn sequence(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts: Vec<Script> = scripts.into_iter().collect();
        assert!(!scripts.is_empty(), "a sequence needs at least one script");
        Self::start(move |_, index| scripts[index.min(scripts.len() - 1)].clone())
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Requests so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests.lock().clone()
    }

    /// What has happened so far.
    pub fn counts(&self) -> ServerCounts {
        *self.shared.counts.borrow()
    }

    /// Waits until `condition` holds of the counts; false when it does not within `limit`.
    pub async fn wait_for(
        &self,
        limit: Duration,
        condition: impl Fn(&ServerCounts) -> bool,
    ) -> bool {
        let mut counts = self.shared.counts.subscribe();
        let waited = tokio::time::timeout(limit, counts.wait_for(|now| condition(now))).await;
        matches!(waited, Ok(Ok(_)))
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut connections = JoinSet::new();
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        shared.counts.send_modify(|counts| counts.connections += 1);
        connections.spawn(serve(stream, number, Arc::clone(&shared)));
        number += 1;
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, connection: usize, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer, connection).await {
        let script = {
            let mut requests = shared.requests.lock();
            let index = requests.len();
            requests.push(request.clone());
            drop(requests);
            (shared.handler)(&request, index)
        };
        shared.counts.send_modify(|counts| counts.requests += 1);
        let played = play(&mut stream, &script, &mut buffer).await;
        shared.counts.send_modify(|counts| match played {
            Ok(()) => counts.completed += 1,
            Err(_) => counts.disconnects += 1,
        });
        if played.is_err() || script.end != End::Complete {
            return;
        }
    }
}

/// The client closed the connection.
struct Disconnected;

async fn play(
    stream: &mut TcpStream,
    script: &Script,
    buffer: &mut Vec<u8>,
) -> Result<(), Disconnected> {
    wait(stream, script.head_delay, buffer).await?;
    send(stream, &script.head_bytes()).await?;
    let chunked = script.is_chunked();
    for step in &script.steps {
        match step {
            Step::Wait(duration) => wait(stream, *duration, buffer).await?,
            Step::Send(bytes) if chunked && !bytes.is_empty() => {
                let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
                framed.extend_from_slice(bytes);
                framed.extend_from_slice(b"\r\n");
                send(stream, &framed).await?;
            }
            Step::Send(bytes) => send(stream, bytes).await?,
        }
    }
    match script.end {
        End::Complete if chunked => send(stream, b"0\r\n\r\n").await,
        End::Complete | End::Cut => Ok(()),
        End::Hang => wait(stream, Duration::MAX, buffer).await,
    }
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> Result<(), Disconnected> {
    stream.write_all(bytes).await.map_err(|_| Disconnected)?;
    stream.flush().await.map_err(|_| Disconnected)?;
    // Lets the client see this piece before the next one is written.
    tokio::task::yield_now().await;
    Ok(())
}

/// Waits, and notices when the client goes meanwhile.
async fn wait(
    stream: &mut TcpStream,
    duration: Duration,
    buffer: &mut Vec<u8>,
) -> Result<(), Disconnected> {
    if duration.is_zero() {
        return Ok(());
    }
    let sleep = async {
        match duration {
            Duration::MAX => std::future::pending().await,
            _ => tokio::time::sleep(duration).await,
        }
    };
    tokio::pin!(sleep);
    let mut bytes = [0_u8; 1024];
    loop {
        tokio::select! {
            () = &mut sleep => return Ok(()),
            read = stream.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return Err(Disconnected),
                Ok(count) => buffer.extend_from_slice(&bytes[..count]),
            },
        }
    }
}

/// Reads one request; `None` at the end of the connection.
async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<RecordedRequest> {
    let head_end = loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            break at;
        }
        fill(stream, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    buffer.drain(..head_end + 4);
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let mut request = RecordedRequest {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        body: Vec::new(),
        connection,
    };
    if request.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        request.body = read_chunked(stream, buffer).await?;
    } else {
        let length = request.header("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
        while buffer.len() < length {
            fill(stream, buffer).await?;
        }
        request.body = buffer.drain(..length).collect();
    }
    Some(request)
}

async fn read_chunked(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line_end = loop {
            if let Some(at) = find(buffer, b"\r\n") {
                break at;
            }
            fill(stream, buffer).await?;
        };
        let size =
            usize::from_str_radix(String::from_utf8_lossy(&buffer[..line_end]).trim(), 16).ok()?;
        buffer.drain(..line_end + 2);
        while buffer.len() < size + 2 {
            fill(stream, buffer).await?;
        }
        body.extend(buffer.drain(..size));
        buffer.drain(..2);
        if size == 0 {
            return Some(body);
        }
    }
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(buffer).await.ok()?;
    (count > 0).then_some(())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
