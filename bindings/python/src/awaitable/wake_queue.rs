use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::gate::Gate;
use crate::shutdown;

/// Gates that wait to be opened by a thread that may wait for the interpreter, so that tokio's
/// workers never do.
pub(crate) struct WakeQueue {
    sender: Sender<Arc<Gate>>,
}

impl WakeQueue {
    /// Starts the thread. It ends with the queue, or when the interpreter does.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        std::thread::Builder::new()
            .name("cascadeflow-wake".to_owned())
            .spawn(move || open_all(&receiver))?;
        Ok(Self { sender })
    }

    /// Has `gate` opened soon.
    pub(super) fn push(&self, gate: Arc<Gate>) {
        // Nobody listens any more when the interpreter is gone; then nobody waits either.
        let _ = self.sender.send(gate);
    }
}

fn open_all(receiver: &Receiver<Arc<Gate>>) {
    while let Ok(first) = receiver.recv() {
        let opened = shutdown::try_attach(|py| {
            first.open(py);
            while let Ok(gate) = receiver.try_recv() {
                gate.open(py);
            }
        });
        if opened.is_none() {
            return;
        }
    }
}
