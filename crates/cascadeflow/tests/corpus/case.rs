use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

/// A case with its file's defaults filled in.
#[derive(Debug)]
pub(crate) struct Case {
    /// Area, topic and name.
    pub(crate) title: String,
    pub(crate) operation: String,
    pub(crate) config: Value,
    pub(crate) input: Map<String, Value>,
    pub(crate) expected: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    defaults: Defaults,
    cases: Vec<Written>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Defaults {
    operation: Option<String>,
    config: Option<Value>,
    input: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default, rename = "note")]
    _note: Option<String>,
    operation: Option<String>,
    config: Option<Value>,
    #[serde(default)]
    input: Map<String, Value>,
    expected: Map<String, Value>,
}

/// Every case below `folder`, in the order of files and cases.
pub(crate) fn read_all(folder: &Path) -> Vec<Case> {
    let mut files = Vec::new();
    collect_files(folder, &mut files);
    files.sort();
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for file in &files {
        let topic = file.strip_prefix(folder).unwrap().with_extension("");
        let (defaults, written) = read(file);
        assert!(!written.is_empty(), "{} has no cases", file.display());
        for case in written {
            assert!(names.insert(case.name.clone()), "two cases are named `{}`", case.name);
            cases.push(fill_in(&topic, &defaults, case));
        }
    }
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        } else {
            panic!("not a case file: {}", path.display());
        }
    }
}

fn read(file: &Path) -> (Defaults, Vec<Written>) {
    let text = std::fs::read_to_string(file).unwrap();
    let value: Value = serde_norway::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is not YAML: {error}", file.display()));
    // Read by shape, so that an error names what is wrong inside.
    let read = if value.is_array() {
        serde_json::from_value(value).map(|cases| (Defaults::default(), cases))
    } else {
        serde_json::from_value(value).map(|File { defaults, cases }| (defaults, cases))
    };
    read.unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn fill_in(topic: &Path, defaults: &Defaults, case: Written) -> Case {
    let title = format!("{}: {}", topic.display(), case.name);
    let operation = case.operation.or_else(|| defaults.operation.clone());
    let mut input = defaults.input.clone();
    input.extend(case.input);
    assert!(!case.expected.is_empty(), "{title}: nothing is expected");
    Case {
        operation: operation.unwrap_or_else(|| panic!("{title}: no operation")),
        config: case.config.or_else(|| defaults.config.clone()).unwrap_or(Value::Null),
        input,
        expected: case.expected,
        title,
    }
}
