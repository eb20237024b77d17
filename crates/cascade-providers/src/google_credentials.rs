//! Tokens for Google's cloud, from whatever credentials there are.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_core::{ApiKey, Error, ErrorKind, ModelConfig, Result};
use gcp_auth::{CustomServiceAccount, MetadataServiceAccount, TokenProvider};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OnceCell};

use crate::capabilities::Dialect;
use crate::credentials::Lookup;
use crate::transport::{self, ClientOptions};

/// What a token must allow.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];
/// Where a person's refresh token is exchanged when its file does not say.
const USER_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// Where `gcloud auth application-default login` leaves its file, below the configuration folder.
const WELL_KNOWN_FILE: &str = "application_default_credentials.json";
/// A token that ends sooner is not used any more.
const LEEWAY: Duration = Duration::from_mins(1);

/// Where tokens come from.
pub(crate) struct GoogleCredentials {
    source: Source,
    /// The project the credentials belong to, where they say.
    project: Option<Arc<str>>,
    /// What tells these credentials from others.
    identity: Option<ApiKey>,
}

enum Source {
    /// A token that does not change.
    Static(HeaderValue),
    /// A service account's key.
    ServiceAccount { json: ApiKey, made: Box<OnceCell<CustomServiceAccount>> },
    /// A person's refresh token.
    User { file: UserFile, token: Mutex<Option<(HeaderValue, Instant)>> },
    /// The machine's own account, asked of the metadata server.
    Machine(Box<OnceCell<MetadataServiceAccount>>),
}

/// The beginning of every credentials file.
#[derive(Deserialize)]
struct FileKind {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    quota_project_id: Option<String>,
    #[serde(default)]
    client_email: Option<String>,
    #[serde(default)]
    private_key: Option<ApiKey>,
}

impl FileKind {
    /// The field without which a service account is none; `None` when it has all.
    fn lacks(&self) -> Option<&'static str> {
        if self.client_email.is_none() {
            return Some("client_email");
        }
        self.private_key.is_none().then_some("private_key")
    }
}

#[derive(Deserialize)]
struct UserFile {
    client_id: String,
    client_secret: ApiKey,
    refresh_token: ApiKey,
    #[serde(default)]
    token_uri: Option<String>,
}

#[derive(Serialize)]
struct RefreshRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
}

#[derive(Deserialize)]
struct RefreshAnswer {
    access_token: ApiKey,
    #[serde(default)]
    expires_in: Option<u64>,
}

impl GoogleCredentials {
    /// The credentials for `model`, first found: its `api_key` or a token variable as a token, or
    /// as the JSON of a key; the file or JSON of the setting `vertex_credentials` or of its
    /// variable; the file of application-default credentials; the machine's own account.
    ///
    /// # Errors
    /// A config error about `vertex_credentials` when the file is unreadable or of another kind.
    pub(crate) fn resolve(
        dialect: &Dialect,
        model: &ModelConfig,
        lookup: Lookup<'_>,
    ) -> Result<Self> {
        let given = model.api_key.as_ref().map(|key| key.expose().trim().to_owned());
        let given = given.filter(|key| !key.is_empty());
        let found = given.or_else(|| {
            dialect.key_env.iter().find_map(|name| lookup(name)).filter(|key| !key.is_empty())
        });
        if let Some(key) = found {
            return if key.starts_with('{') { Self::from_json(&key) } else { Self::fixed(&key) };
        }
        if let Some(text) = dialect.setting("vertex_credentials", model, lookup) {
            if text.trim_start().starts_with('{') {
                return Self::from_json(&text);
            }
            return Self::from_json(&read(&text)?);
        }
        let folder = lookup("CLOUDSDK_CONFIG")
            .or_else(|| lookup("HOME").map(|home| format!("{home}/.config/gcloud")))
            .or_else(|| lookup("APPDATA").map(|data| format!("{data}/gcloud")));
        let file = folder.map(|folder| format!("{folder}/{WELL_KNOWN_FILE}"));
        if let Some(json) = file.and_then(|file| std::fs::read_to_string(file).ok()) {
            return Self::from_json(&json);
        }
        Ok(Self { source: Source::Machine(Box::default()), project: None, identity: None })
    }

    fn fixed(token: &str) -> Result<Self> {
        Ok(Self {
            source: Source::Static(bearer(token)?),
            project: None,
            identity: Some(ApiKey::new(token)),
        })
    }

    fn from_json(json: &str) -> Result<Self> {
        let kind: FileKind = serde_json::from_str(json).map_err(|_| unusable("are not JSON"))?;
        let lacking = kind.lacks();
        let project = kind.project_id.or(kind.quota_project_id).map(Arc::from);
        let source = match kind.kind.as_str() {
            "service_account" => {
                if let Some(field) = lacking {
                    return Err(unusable(&format!("of a service account lack `{field}`")));
                }
                Source::ServiceAccount { json: ApiKey::new(json), made: Box::default() }
            }
            "authorized_user" => {
                let file =
                    serde_json::from_str(json).map_err(|_| unusable("of a person lack a field"))?;
                Source::User { file, token: Mutex::default() }
            }
            _ => return Err(unusable("are of a kind that is not known")),
        };
        Ok(Self { source, project, identity: Some(ApiKey::new(json)) })
    }

    /// What tells these credentials from others; `None` for the machine's own.
    pub(crate) fn identity(&self) -> Option<&ApiKey> {
        self.identity.as_ref()
    }

    /// The project the credentials belong to.
    ///
    /// # Errors
    /// A config error about `vertex_project` when nothing says.
    pub(crate) async fn project(&self) -> Result<Arc<str>> {
        if let Some(project) = &self.project {
            return Ok(Arc::clone(project));
        }
        if let Source::Machine(made) = &self.source {
            let machine = machine(made).await?;
            return machine.project_id().await.map_err(from_library);
        }
        Err(Error::config(
            "extra.vertex_project",
            "no project for Vertex AI",
            "set `GOOGLE_CLOUD_PROJECT` or give `extra.vertex_project`",
        )
        .with_env_var("GOOGLE_CLOUD_PROJECT"))
    }

    /// The header that a request carries; fetches a token when there is none that lasts.
    pub(crate) async fn authorization(&self, client: &ClientOptions) -> Result<HeaderValue> {
        match &self.source {
            Source::Static(value) => Ok(value.clone()),
            Source::ServiceAccount { json, made } => {
                let make = || async { CustomServiceAccount::from_json(json.expose()) };
                let account = made.get_or_try_init(make).await.map_err(from_library)?;
                let token = account.token(&SCOPES).await.map_err(from_library)?;
                bearer(token.as_str())
            }
            Source::User { file, token } => {
                let mut kept = token.lock().await;
                if let Some((value, until)) = &*kept
                    && *until > Instant::now()
                {
                    return Ok(value.clone());
                }
                let (value, lifetime) = refresh(file, client).await?;
                *kept = Some((value.clone(), Instant::now() + lifetime.saturating_sub(LEEWAY)));
                Ok(value)
            }
            Source::Machine(made) => {
                let token = machine(made).await?.token(&SCOPES).await.map_err(from_library)?;
                bearer(token.as_str())
            }
        }
    }
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleCredentials").field("project", &self.project).finish_non_exhaustive()
    }
}

async fn machine(made: &OnceCell<MetadataServiceAccount>) -> Result<&MetadataServiceAccount> {
    made.get_or_try_init(MetadataServiceAccount::new).await.map_err(|error| {
        Error::new(ErrorKind::Auth, "no credentials for Vertex AI")
            .with_hint(
                "run `gcloud auth application-default login`, or set \
                 `GOOGLE_APPLICATION_CREDENTIALS` to the file of a service account",
            )
            .with_field("api_key")
            .with_env_var("GOOGLE_APPLICATION_CREDENTIALS")
            .with_source(error)
    })
}

async fn refresh(file: &UserFile, client: &ClientOptions) -> Result<(HeaderValue, Duration)> {
    let uri = file.token_uri.as_deref().unwrap_or(USER_TOKEN_URI);
    let url = url::Url::parse(uri).map_err(|_| unusable("name a malformed `token_uri`"))?;
    let origin = url.origin().ascii_serialization();
    let options = ClientOptions {
        tls: url.scheme() == "https" || client.network.has_proxy(),
        direct: matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        ..client.clone()
    };
    let body = RefreshRequest {
        grant_type: "refresh_token",
        client_id: &file.client_id,
        client_secret: file.client_secret.expose(),
        refresh_token: file.refresh_token.expose(),
    };
    let answer = transport::client(options)?
        .post(url)
        .json(&body)
        .send()
        .await
        .map_err(|error| transport::exchange_error(error, &origin))?;
    if !answer.status().is_success() {
        return Err(refused().with_status(answer.status().as_u16()));
    }
    let answer: RefreshAnswer = answer.json().await.map_err(|_| {
        Error::new(ErrorKind::Protocol, format!("`{origin}` gives no usable token"))
    })?;
    let lifetime = Duration::from_secs(answer.expires_in.unwrap_or(3600));
    Ok((bearer(answer.access_token.expose())?, lifetime))
}

fn read(file: &str) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        unusable(&format!("cannot be read from `{file}`: {error}")).with_source(error)
    })
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        Error::new(ErrorKind::Auth, "token holds characters that cannot stand in a header")
            .with_field("api_key")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn unusable(what: &str) -> Error {
    Error::config(
        "extra.vertex_credentials",
        format!("credentials of Google {what}"),
        "give the JSON file of a service account, or of application-default credentials",
    )
    .with_env_var("GOOGLE_APPLICATION_CREDENTIALS")
}

fn refused() -> Error {
    Error::new(ErrorKind::Auth, "Google gives no token for the credentials")
        .with_hint(
            "check that the key in `GOOGLE_APPLICATION_CREDENTIALS` or `extra.vertex_credentials` is not \
             revoked, and that the clock is right",
        )
        .with_field("api_key")
}

/// The library's errors, without the text it was given.
fn from_library(error: gcp_auth::Error) -> Error {
    match &error {
        gcp_auth::Error::Http(..) | gcp_auth::Error::Other(..) => {
            Error::new(ErrorKind::Connection, "no connection to where Google gives tokens")
                .with_source(error)
        }
        _ => refused().with_source(error),
    }
}
