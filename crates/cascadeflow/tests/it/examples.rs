//! Every example runs; each checks itself what it shows.

#[path = "../../examples/batch.rs"]
mod batch;
#[path = "../../examples/cascade.rs"]
mod cascade;
#[path = "../../examples/streaming.rs"]
mod streaming;

#[test]
fn a_batch_keeps_results_and_errors() {
    batch::main().unwrap();
}

#[test]
fn a_cascade_accepts_and_escalates() {
    cascade::main().unwrap();
}

#[test]
fn a_stream_takes_a_rejected_draft_back() {
    streaming::main().unwrap();
}
