//! What happens in runs, told to listeners by name.

mod callback_data;
mod callback_event;
mod callback_manager;
mod engine_listener;

pub use callback_data::CallbackData;
pub use callback_event::CallbackEvent;
pub use callback_manager::{CallbackManager, CallbackStats, EventListener, ListenerId};
