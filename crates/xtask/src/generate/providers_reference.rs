use std::fmt::Write as _;

use cascadeflow::providers::wire::openai::{LogprobsStyle, ReasoningBack, StructuredOutput};
use cascadeflow::providers::{
    AuthHeader, Dialect, ImageInput, ModelRule, SupportedProvider, VersionRule, WireFormat,
    dialect, supported_providers,
};

use super::run::Generated;

const HEAD: &str = "\
# Providers

<!-- Made from the code by `cargo xtask generate`. -->

What each provider is good for, what its API takes, where it is found, and what its driver does differently
for it. Every other parameter is passed on untouched (`extra`), and every provider retries, breaks its
circuit and reports errors alike: see [the guide](../guides/providers.md). All variables:
[environment](environment.md); all prices: [pricing](pricing.md).

";

/// The reference of the providers.
pub(super) fn generate() -> Generated {
    let providers: Vec<(&SupportedProvider, &Dialect)> = supported_providers()
        .iter()
        .filter_map(|provider| Some((provider, dialect(provider.name)?)))
        .collect();
    let mut text = HEAD.to_owned();
    choice(&mut text, &providers);
    abilities(&mut text, &providers);
    for (provider, dialect) in &providers {
        section(&mut text, provider, dialect);
    }
    others(&mut text);
    Generated { path: "docs/reference/providers.md", text }
}

/// A line; writing to a `String` cannot fail.
macro_rules! line {
    ($text:expr $(, $($arguments:tt)*)?) => {{
        let _ = writeln!($text $(, $($arguments)*)?);
    }};
}

fn choice(text: &mut String, providers: &[(&SupportedProvider, &Dialect)]) {
    line!(text, "| provider | `provider` | use it as | cost | speed |");
    line!(text, "|---|---|---|---|---|");
    for (provider, _) in providers {
        line!(
            text,
            "| [{}](#{}) | `{}` | {} | {} | {} |",
            provider.display_name,
            anchor(provider.display_name),
            provider.name,
            provider.use_case,
            provider.cost_range,
            provider.speed
        );
    }
    line!(text);
}

fn abilities(text: &mut String, providers: &[(&SupportedProvider, &Dialect)]) {
    line!(text, "## What each API takes\n");
    line!(
        text,
        "All of them take a system prompt, conversations of many turns, a token limit, and give usage, stop\nreasons and the list of their models.\n"
    );
    line!(
        text,
        "| provider | streaming | tools | structured output | pictures | log-probabilities | embeddings | seed |"
    );
    line!(text, "|---|---|---|---|---|---|---|---|");
    for (provider, dialect) in providers {
        line!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            provider.display_name,
            yes(dialect.streaming),
            yes(dialect.tools),
            match dialect.structured_output {
                StructuredOutput::JsonSchema => "JSON Schema",
                StructuredOutput::JsonObject => "any JSON object",
            },
            match dialect.images {
                ImageInput::Any => "inline and by address",
                ImageInput::Inline => "inline",
                ImageInput::None => "no",
            },
            yes(dialect.logprobs != LogprobsStyle::None),
            yes(dialect.embedding_batch.is_some()),
            yes(dialect.seed && dialect.protocol != WireFormat::Anthropic),
        );
    }
    line!(text);
}

fn section(text: &mut String, provider: &SupportedProvider, dialect: &Dialect) {
    line!(text, "## {}\n", provider.display_name);
    line!(text, "{}.\n", provider.value);
    let mut rows = vec![("name", code(&[dialect.name]))];
    if !dialect.aliases.is_empty() {
        rows.push(("also called", code(&dialect.aliases)));
    }
    rows.push(("models, for example", code(&provider.example_models)));
    rows.push(("spoken to in", format_name(dialect.protocol).to_owned()));
    rows.push(("base URL", code(&[dialect.base_url])));
    if !dialect.base_url_env.is_empty() {
        rows.push(("base URL from", code(&dialect.base_url_env)));
    }
    let needed = if dialect.key_required { "" } else { "; none is needed" };
    rows.push(("credential from", format!("{}{needed}", code(&dialect.key_env))));
    rows.push(("credential goes into", header_name(dialect.auth).to_owned()));
    line!(text, "| | |\n|---|---|");
    for (name, value) in rows {
        line!(text, "| {name} | {value} |");
    }
    line!(text);
    if !dialect.settings.is_empty() {
        line!(text, "Settings, given in `extra` of a model and not passed on:\n");
        line!(text, "| setting | variables | what it does | without it |\n|---|---|---|---|");
        for setting in &dialect.settings {
            let variables = code(&setting.env);
            line!(
                text,
                "| `{}` | {variables} | {} | {} |",
                setting.name,
                setting.purpose,
                setting.without
            );
        }
        line!(text);
    }
    line!(text, "Peculiarities:\n");
    for quirk in quirks(dialect) {
        line!(text, "- {quirk}");
    }
    line!(text);
}

fn quirks(dialect: &Dialect) -> Vec<String> {
    let mut quirks = vec![version_rule(dialect)];
    for (name, value) in &dialect.headers {
        quirks.push(format!("Every request has the header `{name}: {value}`."));
    }
    if let Some(limit) = dialect.default_max_tokens {
        quirks.push(format!("The API wants a token limit: {limit} where none is given."));
    }
    if let Some(highest) = dialect.max_temperature {
        quirks.push(format!("A temperature above {highest} becomes {highest}."));
    }
    if dialect.structured_output == StructuredOutput::JsonObject {
        quirks.push("A JSON Schema goes into the system prompt; the API takes none.".to_owned());
    }
    if dialect.logprobs == LogprobsStyle::Count {
        quirks.push("Log-probabilities come without alternatives.".to_owned());
    }
    if !dialect.seed {
        quirks.push("A seed is left out: the API knows none.".to_owned());
    }
    if let Some(batch) = dialect.embedding_batch {
        quirks.push(format!("At most {batch} texts are turned into vectors by one request."));
    }
    if dialect.cache_control || dialect.protocol == WireFormat::Anthropic {
        quirks.push("Anthropic's cache markers are passed on.".to_owned());
    }
    match dialect.reasoning_back {
        ReasoningBack::None => {}
        ReasoningBack::Content => quirks.push(
            "Reasoning goes back as `reasoning_content` while a round of tools goes on.".to_owned(),
        ),
        ReasoningBack::Details => quirks
            .push("Reasoning goes back as the `reasoning_details` that it came with.".to_owned()),
    }
    quirks.extend(dialect.model_rules.iter().filter_map(model_rule));
    quirks
}

fn version_rule(dialect: &Dialect) -> String {
    let version = dialect.api_version;
    match dialect.version {
        VersionRule::AsGiven => "A base URL is used as it is given.".to_owned(),
        VersionRule::AppendToBareHost => {
            format!("A base URL that names a host alone gets `/{version}`.")
        }
        VersionRule::Append => {
            format!("A base URL that does not end in a version gets `/{version}`.")
        }
        VersionRule::Strip => "A `/v1` or `/api` at the end of a base URL is taken off.".to_owned(),
    }
}

/// What is different for some models; `None` for a rule that only keeps them out of a later one.
fn model_rule(rule: &ModelRule) -> Option<String> {
    let mut words = Vec::new();
    if let Some(field) = rule.max_tokens_field {
        words.push(format!("the token limit goes into `{field}`"));
    }
    if !rule.omit.is_empty() {
        words.push(format!("{} are left out", code(&rule.omit)));
    }
    if rule.one_sampler {
        words.push("only one of `temperature` and `top_p` is sent".to_owned());
    }
    if let Some(api) = rule.api {
        words.push(format!("the API's surface is `{api}`"));
    }
    if rule.placeholder_signature.is_some() {
        words.push("a call whose signature is lost gets the documented stand-in".to_owned());
    }
    if let Some(limit) = rule.default_max_tokens {
        words.push(format!("the token limit is {limit} where none is given"));
    }
    let names: Vec<String> = rule.prefixes.iter().map(|prefix| format!("`{prefix}…`")).collect();
    (!words.is_empty()).then(|| format!("{}: {}.", names.join(", "), words.join("; ")))
}

fn others(text: &mut String) {
    let foreign: Vec<&SupportedProvider> =
        supported_providers().iter().filter(|provider| dialect(provider.name).is_none()).collect();
    if foreign.is_empty() {
        return;
    }
    line!(text, "## Through LiteLLM\n");
    line!(
        text,
        "Known by name, and reached from Python through `cascadeflow.integrations.litellm` with the real library installed:\n"
    );
    line!(text, "| provider | `provider` | what it adds | cost |\n|---|---|---|---|");
    for provider in foreign {
        line!(
            text,
            "| {} | `{}` | {} | {} |",
            provider.display_name,
            provider.name,
            provider.value,
            provider.cost_range
        );
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn code(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn format_name(format: WireFormat) -> &'static str {
    match format {
        WireFormat::OpenAi => "OpenAI's chat completions",
        WireFormat::Anthropic => "Anthropic's messages",
        WireFormat::Ollama => "Ollama's own chat (`num_ctx`, `keep_alive` and the like in `extra`)",
        WireFormat::Cohere => "Cohere's chat, version 2",
        WireFormat::Gemini => "Gemini's generateContent",
        WireFormat::Vertex => {
            "Gemini's generateContent; Anthropic's messages for models named `claude…`"
        }
    }
}

fn header_name(header: AuthHeader) -> &'static str {
    match header {
        AuthHeader::Bearer => "`authorization: Bearer …`",
        AuthHeader::XApiKey => "`x-api-key`",
        AuthHeader::XGoogApiKey => "`x-goog-api-key`",
        AuthHeader::GoogleToken => {
            "`authorization: Bearer …`, a token of Google's cloud that is renewed in time"
        }
    }
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || letter == '-' => Some(letter),
            _ => None,
        })
        .collect()
}
