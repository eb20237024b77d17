use cascadeflow::{Error, Result};
use serde_json::{Map, Value};

/// One recorded question with the answers of both models.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DraftRow {
    /// What the models were asked.
    pub(crate) prompt: String,
    /// Name of the cheap model; `cheap` when the row does not say.
    pub(crate) cheap_model: String,
    /// Name of the strong model; `strong` when the row does not say.
    pub(crate) strong_model: String,
    /// The cheap model's answer.
    pub(crate) cheap: String,
    /// The strong model's answer.
    pub(crate) strong: String,
    /// Quality of the cheap answer, in [0, 1].
    pub(crate) cheap_q: f64,
    /// Quality of the strong answer, in [0, 1].
    pub(crate) strong_q: f64,
}

impl DraftRow {
    /// Reads one line of a file. `place` is the file and line for error messages.
    ///
    /// # Errors
    /// A validation error that names the place, the field and the remedy.
    pub(crate) fn parse(line: &[u8], place: &str) -> Result<Self> {
        let value: Value = serde_json::from_slice(line).map_err(|error| {
            Error::validation(
                "line",
                format!("{place}: not JSON: {error}"),
                "write one JSON object on each line",
            )
        })?;
        let Value::Object(fields) = value else {
            return Err(Error::validation(
                "line",
                format!("{place}: not a JSON object: `{}`", kind_of(&value)),
                "write one JSON object on each line",
            ));
        };
        let mut fields = Fields { fields, place };
        let prompt = fields.text("prompt")?;
        if prompt.trim().is_empty() {
            return Err(fields.wrong("prompt", "an empty text", "give the question asked"));
        }
        Ok(Self {
            prompt,
            cheap: fields.text("cheap")?,
            strong: fields.text("strong")?,
            cheap_q: fields.quality("cheap_q")?,
            strong_q: fields.quality("strong_q")?,
            cheap_model: fields.optional_text("cheap_model")?.unwrap_or_else(|| "cheap".into()),
            strong_model: fields.optional_text("strong_model")?.unwrap_or_else(|| "strong".into()),
        })
    }
}

struct Fields<'a> {
    fields: Map<String, Value>,
    place: &'a str,
}

impl Fields<'_> {
    fn text(&mut self, name: &str) -> Result<String> {
        match self.optional_text(name)? {
            Some(text) => Ok(text),
            None => Err(self.missing(name, "add it as a string")),
        }
    }

    fn optional_text(&mut self, name: &str) -> Result<Option<String>> {
        match self.fields.swap_remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, kind_of(&other), "write it as a string")),
            None => Ok(None),
        }
    }

    fn quality(&mut self, name: &str) -> Result<f64> {
        const REMEDY: &str = "give the quality of the answer as a number from 0 to 1";
        match self.fields.swap_remove(name) {
            Some(Value::Number(number)) => match number.as_f64() {
                Some(quality) if (0.0..=1.0).contains(&quality) => Ok(quality),
                _ => Err(self.wrong(name, &number.to_string(), REMEDY)),
            },
            Some(other) => Err(self.wrong(name, kind_of(&other), REMEDY)),
            None => Err(self.missing(name, REMEDY)),
        }
    }

    fn missing(&self, name: &str, remedy: &str) -> Error {
        Error::validation(name, format!("{}: field `{name}` is missing", self.place), remedy)
    }

    fn wrong(&self, name: &str, found: &str, remedy: &str) -> Error {
        let message = format!("{}: field `{name}` has a wrong value: `{found}`", self.place);
        Error::validation(name, message, remedy)
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
