//! `cascadeflow replay` on small recordings.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::command::cascadeflow;

fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

fn rows(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer}: {value}"))
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9, "{left} {right}");
}

fn replay(files: &[&str]) -> Value {
    cascadeflow(["replay", "--json"].iter().chain(files).copied()).json()
}

#[test]
fn the_engine_accepts_what_is_good_and_rejects_refusals_and_empty_drafts() {
    let file = data("facts.jsonl");
    let report = replay(&[&file]);
    let found = &report["files"][0];
    assert_eq!(found["file"], file);
    assert_eq!(found["n"], 12);
    // The seven good drafts, which are also the seven right ones.
    near(number(found, "/acceptance"), 7.0 / 12.0);
    near(number(found, "/quality/cascade"), 1.0);
    near(number(found, "/auroc_gate"), 1.0);
    near(number(found, "/auroc_score"), 1.0);
}

#[test]
fn baselines_are_those_of_a_plain_computation() {
    let file = data("facts.jsonl");
    let report = replay(&[&file]);
    let found = &report["files"][0];
    let rows = rows(&file);
    let n = rows.len();
    let mean = |field: &str| rows.iter().map(|row| number(row, field)).sum::<f64>() / n as f64;
    let (cheap, strong) = (mean("/cheap_q"), mean("/strong_q"));
    near(number(found, "/quality/cheap"), cheap);
    near(number(found, "/quality/strong"), strong);
    let acceptance = number(found, "/acceptance");
    near(number(found, "/quality/random"), acceptance * cheap + (1.0 - acceptance) * strong);

    let accepted = (0..=n).find(|&k| (k as f64 / n as f64 - acceptance).abs() < 1e-9).unwrap();
    let mut gains: Vec<f64> =
        rows.iter().map(|row| number(row, "/cheap_q") - number(row, "/strong_q")).collect();
    let mut by_length: Vec<(usize, f64)> = rows
        .iter()
        .zip(&gains)
        .map(|(row, gain)| (row["cheap"].as_str().unwrap().chars().count(), *gain))
        .collect();
    gains.sort_by(|a, b| b.total_cmp(a));
    let best: f64 = gains[..accepted].iter().sum();
    near(number(found, "/quality/oracle"), strong + best / n as f64);

    by_length.sort_by_key(|row| row.0);
    // No two drafts at the border have the same length, so no expectation is needed.
    assert_ne!(by_length[accepted - 1].0, by_length[accepted].0);
    let shortest: f64 = by_length[..accepted].iter().map(|row| row.1).sum();
    near(number(found, "/quality/length"), strong + shortest / n as f64);

    let cascade = number(found, "/quality/cascade");
    near(
        number(found, "/gain_over_random_pp"),
        100.0 * (cascade - number(found, "/quality/random")),
    );
    near(
        number(found, "/gain_z"),
        number(found, "/gain_over_random_pp") / number(found, "/gain_se_pp"),
    );
    near(number(found, "/pgr"), (cascade - cheap) / (strong - cheap));
}

#[test]
fn gzipped_files_give_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    // The ending does not matter: the bytes tell.
    let zipped = folder.path().join("facts.dat");
    let mut encoder = GzEncoder::new(fs::File::create(&zipped).unwrap(), Compression::fast());
    encoder.write_all(&fs::read(data("facts.jsonl")).unwrap()).unwrap();
    encoder.finish().unwrap();
    let plain = replay(&[&data("facts.jsonl")]);
    let mut unzipped = replay(&[&zipped.display().to_string()]);
    unzipped["files"][0]["file"] = plain["files"][0]["file"].clone();
    assert_eq!(plain, unzipped);
}

#[test]
fn models_that_are_equally_good_do_not_count_in_the_means() {
    let (facts, equal) = (data("facts.jsonl"), data("equal.jsonl"));
    let report = replay(&[&facts, &equal]);
    assert_eq!(report["files"][1]["pgr"], Value::Null);
    assert_eq!(report["files"][1]["apgr"], Value::Null);
    assert_eq!(report["files"][1]["auroc_gate"], Value::Null);
    assert_eq!(report["macro"]["files"], 1);
    for key in ["acceptance", "cost_share", "gain_over_random_pp", "gain_z", "pgr", "apgr"] {
        assert_eq!(report["macro"][key], report["files"][0][key], "{key}");
    }
    assert_eq!(report["macro"]["quality"], report["files"][0]["quality"]);
    let alone = replay(&[&equal]);
    assert_eq!((&alone["macro"]["files"], &alone["macro"]["pgr"]), (&json!(0), &Value::Null));
}

#[test]
fn the_mean_of_a_file_twice_is_the_file_and_its_evidence_is_root_two_stronger() {
    let file = data("facts.jsonl");
    let report = replay(&[&file, &file]);
    let (one, both) = (&report["files"][0], &report["macro"]);
    assert_eq!(one["gain_z"], both["gain_z"]);
    near(number(both, "/gain_z_pooled"), number(one, "/gain_z") * 2.0_f64.sqrt());
}

#[test]
fn a_cheaper_draft_makes_the_cascade_cheaper() {
    let file = data("facts.jsonl");
    let share = |ratio: &str| {
        let report = cascadeflow(["replay", &file, "--json", "--price-ratio", ratio]).json();
        assert_eq!(report["files"][0]["prices"], "ratio");
        number(&report, "/files/0/cost_share")
    };
    assert!(share("100") < share("5"));
    // At equal prices, five rejected drafts come on top.
    assert!(share("1") > 0.9);
}

#[test]
fn known_models_are_priced_by_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        &json!({"prompt": "What is the capital of France?", "cheap": "Paris is the capital.",
            "strong": "Paris is the capital.", "cheap_q": 1, "strong_q": 1,
            "cheap_model": "gpt-4o-mini-2024-07-18", "strong_model": "openai/gpt-4o"})
        .to_string(),
    );
    assert_eq!(replay(&[&file])["files"][0]["prices"], "catalogue");
}

fn write(folder: &Path, text: &str) -> String {
    let path: PathBuf = folder.join("recorded.jsonl");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn malformed_lines_are_named_by_file_line_and_field() {
    let good = json!({"prompt": "p", "cheap": "a", "strong": "b", "cheap_q": 1, "strong_q": 0});
    let with = |field: &str, value: Value| {
        let mut row = good.clone();
        row[field] = value;
        row.to_string()
    };
    let without = |field: &str| {
        let mut row = good.clone();
        row.as_object_mut().unwrap().remove(field);
        row.to_string()
    };
    let folder = tempfile::tempdir().unwrap();
    for (line, named) in [
        (with("cheap_q", json!(1.5)), "field `cheap_q` has a wrong value: `1.5`"),
        (with("strong_q", json!("1")), "field `strong_q` has a wrong value: `a string`"),
        (with("cheap", Value::Null), "field `cheap` has a wrong value: `null`"),
        (with("prompt", json!(" ")), "field `prompt` has a wrong value: `an empty text`"),
        (without("strong"), "field `strong` is missing"),
        (without("prompt"), "field `prompt` is missing"),
        ("[1]".to_owned(), "not a JSON object: `a list`"),
        ("{\"prompt\": ".to_owned(), "not JSON: EOF"),
    ] {
        let file = write(folder.path(), &format!("{good}\n\n{line}\n"));
        let outcome = cascadeflow(["replay", &file]);
        assert_eq!(outcome.code, 2, "{line}");
        assert_eq!(outcome.out, "", "{line}");
        let place = format!("{file}:3: {named}");
        assert!(outcome.err.contains(&place), "{place}\n{}", outcome.err);
        assert!(outcome.err.contains("hint: "), "{}", outcome.err);

        let report = cascadeflow(["replay", &file, "--json", "--skip-bad"]).json();
        assert_eq!(
            (&report["files"][0]["n"], &report["files"][0]["bad_lines"]),
            (&json!(1), &json!(1))
        );
    }
}

#[test]
fn files_that_are_missing_empty_or_cut_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = cascadeflow(["replay", "/nowhere/drafts.jsonl"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("/nowhere/drafts.jsonl: cannot be read"), "{}", missing.err);
    let empty = cascadeflow(["replay".to_owned(), write(folder.path(), "\n")]);
    assert!(empty.code == 2 && empty.err.contains("holds no rows"), "{}", empty.err);

    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&fs::read(data("facts.jsonl")).unwrap()).unwrap();
    let mut bytes = encoder.finish().unwrap();
    bytes.truncate(bytes.len() - 20);
    let cut = folder.path().join("cut.jsonl.gz");
    fs::write(&cut, bytes).unwrap();
    let outcome = cascadeflow(["replay".to_owned(), cut.display().to_string()]);
    assert!(outcome.code == 2 && outcome.err.contains("cannot be read"), "{}", outcome.err);
}

#[test]
fn a_price_ratio_must_be_above_zero() {
    for ratio in ["0", "-2"] {
        let argument = format!("--price-ratio={ratio}");
        let outcome = cascadeflow(["replay".to_owned(), data("facts.jsonl"), argument]);
        assert!(outcome.code == 2 && outcome.err.contains("price ratio"), "{}", outcome.err);
    }
}

#[test]
fn the_judge_of_a_configuration_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("strict.yaml");
    let thresholds = ["trivial", "simple", "moderate", "hard", "expert"].map(|level| (level, 1.0));
    let thresholds: std::collections::BTreeMap<_, _> = thresholds.into();
    // JSON is YAML.
    let text = json!({"quality": {"confidence_thresholds": thresholds}}).to_string();
    fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let report =
        cascadeflow(["replay", &data("facts.jsonl"), "--json", "--config", &config]).json();
    near(number(&report, "/files/0/acceptance"), 0.0);
    near(number(&report, "/files/0/quality/cascade"), number(&report, "/files/0/quality/strong"));
    near(number(&report, "/files/0/gain_z"), 0.0);
}

#[test]
fn plots_are_written_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, magic) in [("svg", &b"<svg"[..]), ("png", &b"\x89PNG"[..])] {
        let plot = folder.path().join(format!("plot.{ending}")).display().to_string();
        let outcome = cascadeflow(["replay", &data("facts.jsonl"), "--plot", &plot]);
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        let bytes = fs::read(&plot).unwrap();
        assert!(bytes.starts_with(magic), "{ending}");
        if ending == "svg" {
            let text = String::from_utf8(bytes).unwrap();
            for label in ["draft length", "oracle", "drafts accepted", "facts"] {
                assert!(text.contains(label), "{label}");
            }
        }
    }
    let wrong = cascadeflow(["replay", &data("facts.jsonl"), "--plot", "plot.gif"]);
    assert!(wrong.code == 2 && wrong.err.contains(".svg"), "{}", wrong.err);
    let nowhere = cascadeflow(["replay", &data("facts.jsonl"), "--plot", "/nowhere/plot.svg"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("/nowhere/plot.svg"), "{}", nowhere.err);
}

#[test]
fn the_table_shows_every_policy() {
    let outcome = cascadeflow(["replay", &data("facts.jsonl"), "--price-ratio", "10"]);
    let quality = outcome.out.split("\n\n").next().unwrap();
    insta::assert_snapshot!(quality);
}
