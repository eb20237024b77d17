//! `cascadeflow ledger`.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::command::cascadeflow;

/// Four weeks of an export: 30 calls a day of three people, Sundays half.
fn export(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("costs.csv");
    let mut lines =
        "timestamp,model,provider,tokens,cost,query_id,metadata,user_id,tier\n".to_owned();
    for day in 1..=28 {
        // 1 February 2026 is a Sunday.
        let calls = if day % 7 == 1 { 15 } else { 30 };
        for call in 0..calls {
            let (model, cost) =
                if call % 3 == 0 { ("gpt-4o", "0.02") } else { ("gpt-4o-mini", "0.001") };
            let user = ["ann", "ben", ""][call % 3];
            writeln!(
                lines,
                "2026-02-{day:02}T{:02}:00:00,{model},openai,100,{cost},,,{user},pro",
                call % 24
            )
            .unwrap();
        }
    }
    fs::write(&path, lines).unwrap();
    path
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn show_sums_by_any_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let shown = cascadeflow(["ledger", "show", text(&file), "--json"]).json();
    assert_eq!((shown["entries"].as_u64(), shown["tokens"].as_u64()), (Some(780), Some(78_000)));
    assert_eq!(shown["cost_usd"], "5.72");
    assert_eq!(shown["groups"][0]["name"], "gpt-4o");
    assert_eq!(shown["groups"][0]["cost"], 5.2);
    let days = cascadeflow(["ledger", "show", text(&file), "--by", "day", "--json"]).json();
    assert_eq!(days["groups"].as_array().unwrap().len(), 28);
    assert_eq!(days["groups"][1]["name"], "2026-02-02");
    let table = cascadeflow(["ledger", "show", text(&file), "--by", "user"]);
    assert_eq!(table.code, 0, "{}", table.err);
    for expected in ["$5.720000 in 780 entries", "(none)", "ann", "2026-02-01 00:00", "total"] {
        assert!(table.out.contains(expected), "{expected}: {}", table.out);
    }
}

#[test]
fn filters_choose_the_entries() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let entries = |arguments: &[&str]| {
        let all =
            ["ledger", "show", text(&file), "--json"].into_iter().chain(arguments.iter().copied());
        cascadeflow(all).json()["entries"].as_u64().unwrap()
    };
    assert_eq!(entries(&["--user", "ann"]), 260);
    assert_eq!(entries(&["--model", "gpt-4o", "--user", "ben"]), 0);
    assert_eq!(entries(&["--since", "2026-02-02", "--until", "2026-02-03"]), 30);
    assert_eq!(entries(&["--tier", "free"]), 0);
    assert_eq!(entries(&["--since", "1d"]), 0);
    let wrong = cascadeflow(["ledger", "show", text(&file), "--since", "soon"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.err.contains("not a moment: `soon`") && wrong.err.contains("7d"),
        "{}",
        wrong.err
    );
}

#[test]
fn top_shows_the_most_expensive_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let top = cascadeflow(["ledger", "top", text(&file), "-n", "1", "--json"]).json();
    assert_eq!((&top["groups"][0]["name"], &top["left_out"]), (&"ann".into(), &2.into()));
    let table = cascadeflow(["ledger", "top", text(&file), "--by", "model"]);
    let lines: Vec<&str> = table.out.lines().filter(|line| line.contains("gpt-4o")).collect();
    assert!(lines[0].contains("90.9 %") && lines[0].contains('█'), "{}", table.out);
    assert!(lines[1].contains("gpt-4o-mini"));
}

#[test]
fn exports_and_imports_keep_the_sums() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let ledger = folder.path().join("ledger.db");
    let booked =
        cascadeflow(["ledger", "import", text(&file), "--into", text(&ledger), "--json"]).json();
    assert_eq!((booked["entries"].as_u64(), &booked["cost_usd"]), (Some(780), &"5.72".into()));
    for name in ["costs.json", "again.csv", "copy.sqlite"] {
        let to = folder.path().join(name);
        let written = cascadeflow(["ledger", "export", text(&ledger), text(&to)]);
        assert!(written.out.contains("780 entries, $5.720000"), "{}{}", written.out, written.err);
        let shown = cascadeflow(["ledger", "show", text(&to), "--json"]).json();
        assert_eq!((shown["entries"].as_u64(), &shown["cost_usd"]), (Some(780), &"5.72".into()));
    }
    let one = folder.path().join("ann.out");
    let arguments = ["ledger", "export", text(&ledger), text(&one), "--user", "ann"];
    let unknown = cascadeflow(arguments);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("ending") && !one.exists(), "{}", unknown.err);
    let named =
        cascadeflow(arguments.iter().chain(&["--format", "csv"]).map(|it| (*it).to_owned()));
    assert!(named.out.contains("260 entries"), "{}", named.err);
}

#[test]
fn imports_are_not_booked_twice_by_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let ledger = folder.path().join("ledger.db");
    let arguments = ["ledger", "import", text(&file), "--into", text(&ledger)];
    assert_eq!(cascadeflow(arguments).code, 0);
    let again = cascadeflow(arguments);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("780 entries already") && again.err.contains("--append"));
    let on_top = cascadeflow(arguments.iter().chain(&["--append"]).map(|it| (*it).to_owned()));
    assert_eq!(on_top.code, 0, "{}", on_top.err);
    let shown = cascadeflow(["ledger", "show", text(&ledger), "--json"]).json();
    assert_eq!(shown["entries"].as_u64(), Some(1_560));
}

#[test]
fn a_forecast_has_days_intervals_and_the_end_of_a_budget() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let plot = folder.path().join("plot.svg");
    let told = cascadeflow([
        "ledger",
        "forecast",
        text(&file),
        "--days",
        "7",
        "--budget",
        "1",
        "--plot",
        text(&plot),
        "--json",
    ])
    .json();
    let week = told["forecast"]["predicted_cost"].as_f64().unwrap();
    assert!((week - 1.43).abs() < 0.05, "{week}");
    assert_eq!(told["forecast"]["days"].as_array().unwrap().len(), 7);
    assert_eq!(told["history"].as_array().unwrap().len(), 28);
    assert_eq!(told["budget"]["expected_day"], "2026-03-06");
    let svg = fs::read_to_string(&plot).unwrap();
    assert!(svg.contains("Spending by day") && svg.contains("2026-02"));
    let shown = cascadeflow(["ledger", "forecast", text(&file), "--budget", "1"]);
    for expected in ["28 days and 7 ahead", "95.0 %", "used up on 2026-03-06", "▄"] {
        assert!(shown.out.contains(expected), "{expected}: {}{}", shown.out, shown.err);
    }
    let empty = folder.path().join("empty.csv");
    fs::write(&empty, "timestamp,model,provider,cost\n").unwrap();
    let none = cascadeflow(["ledger", "forecast", text(&empty)]);
    assert!(none.out.contains("No forecast"), "{}{}", none.out, none.err);
}

#[test]
fn files_that_cannot_be_used_are_told_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.db");
    for command in [
        vec!["ledger", "show", text(&missing)],
        vec!["ledger", "top", text(&missing)],
        vec!["ledger", "forecast", text(&missing)],
        vec!["ledger", "export", text(&missing), "out.csv"],
        vec!["ledger", "import", text(&missing), "--into", "ledger.db"],
    ] {
        let outcome = cascadeflow(command);
        assert_eq!(outcome.code, 2, "{}", outcome.err);
        assert!(outcome.err.contains("cannot be read") && outcome.err.contains("hint:"));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    let file = export(&folder);
    let itself = cascadeflow(["ledger", "export", text(&file), text(&file)]);
    assert!(itself.err.contains("over itself"), "{}", itself.err);
}

#[test]
fn the_commands_of_the_guide_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(&folder);
    let ledger = folder.path().join("ledger.db");
    assert_eq!(cascadeflow(["ledger", "import", text(&file), "--into", text(&ledger)]).code, 0);
    fs::remove_file(file).unwrap();
    let config = "models: [{name: m, provider: openai}]\nbudgets: {budget_limit: 5}\n";
    fs::write(folder.path().join("agent.yaml"), config).unwrap();
    let guide = include_str!("../../../../docs/guides/ledger.md");
    let blocks = guide.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut number = 0;
    for command in blocks.flat_map(str::lines) {
        // Files stand in the test's folder.
        let words = command.split(' ').skip(1).map(|word| {
            let file = [".db", ".csv", ".json", ".sqlite", ".svg", ".yaml"]
                .iter()
                .any(|end| word.ends_with(end));
            if file { text(&folder.path().join(word)).to_owned() } else { word.to_owned() }
        });
        // Watching would never end by itself.
        let once = if command.contains(" watch ") { &["-n", "1"][..] } else { &[] };
        let outcome = cascadeflow(words.chain(once.iter().map(ToString::to_string)));
        assert_eq!(outcome.code, 0, "{command}: {}", outcome.err);
        assert!(outcome.out.lines().count() > 0, "{command}");
        number += 1;
    }
    assert_eq!(number, 12);
}
