//! Provider drivers and wire codecs.
//!
//! Owns how models are reached: the wire formats as pure serde data ([`wire`]), the parsers of
//! streamed answers, the HTTP clients of the process, timeouts, retries, the mapping of failures to
//! kinds of error, credentials, and the one table of what each provider accepts ([`Dialect`]).
//!
//! A provider that speaks a known format is one row of `data/dialects.json`; a new format is a
//! folder of [`wire`] and a file that implements `Protocol` with it.
//!
//! Must not decide anything about an answer, price it, or read the environment: credentials come in
//! through a look-up. It stands above `cascade-core` and beside telemetry, quality and routing.

mod anthropic;
mod base_url;
mod capabilities;
pub mod circuit_breaker;
mod cohere;
mod credentials;
mod deadline;
mod embedding_provider;
mod endpoint;
mod error_mapping;
mod frame;
mod gemini;
mod google_credentials;
mod http_config;
mod http_provider;
mod live_stream;
mod media_kind;
mod model_listing;
mod model_pull;
mod ndjson;
mod network_config;
mod ollama;
mod openai;
mod protocol;
mod reasoning_traits;
mod registry;
mod responses;
mod retry;
mod retry_budget;
mod sse;
mod supported_providers;
mod surface;
mod system_clock;
mod target;
mod transport;
mod vertex;
pub mod wire;

pub use base_url::BaseUrl;
pub use capabilities::{
    AuthHeader, Dialect, DriverSetting, ImageInput, ModelRule, VersionRule, WireFormat, dialect,
    dialects,
};
pub use circuit_breaker::{
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerRegistry, CircuitOpen, CircuitState,
};
pub use credentials::{Lookup, has_credential, resolve_base_url, resolve_key};
pub use embedding_provider::EmbeddingProvider;
pub use frame::{Frame, FrameTooLong, Framing};
pub use http_config::{HttpConfig, RetryPolicy, SizeLimits, Timeouts};
pub use http_provider::HttpProvider;
pub use model_listing::ListedModel;
pub use ndjson::NdjsonParser;
pub use network_config::NetworkConfig;
pub use ollama::{DISCOVERY_TIMEOUT, discover_ollama};
pub use reasoning_traits::{ReasoningTraits, reasoning_traits};
pub use registry::{ProviderFactory, ProviderRegistry, configured_providers};
pub use sse::SseParser;
pub use supported_providers::{
    SupportedProvider, get_available_providers, get_provider_info, supported_providers,
    validate_provider,
};
