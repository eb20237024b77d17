//! How a name finds its row.

use cascade_telemetry::{PriceAliases, PriceCatalogue, PriceFile};

const OPENAI: &str = r#"{
  "provider": "openai", "source": "test", "date": "2026-01-02",
  "models": [
    {"id": "big", "price": {"input": "2", "output": "8"}},
    {"id": "big-2024-05-13", "price": {"input": "5", "output": "15"}},
    {"id": "dated-20240101", "price": {"input": "1", "output": "1"}},
    {"id": "dated-20250101", "price": {"input": "2", "output": "2"}},
    {"id": "vendor/small", "price": {"input": "3", "output": "3"}}
  ]
}"#;

const GROQ: &str = r#"{
  "provider": "groq", "source": "test", "date": "2026-01-02",
  "any_model": {"input": "9", "output": "9"},
  "models": [
    {"id": "openai/small", "price": {"input": "4", "output": "4"}},
    {"id": "big", "price": {"input": "6", "output": "6"}}
  ]
}"#;

const ALIASES: &str = r#"{
  "providers": {"open_ai": "openai"},
  "models": {"openai": {"grand": "big", "nowhere": "gone"}}
}"#;

fn catalogue() -> PriceCatalogue {
    let files = [OPENAI, GROQ].map(|json| PriceFile::parse(json).unwrap());
    PriceCatalogue::new(files.into(), PriceAliases::parse(ALIASES).unwrap())
}

fn id(provider: &str, model: &str) -> Option<String> {
    catalogue().find(provider, model).map(|found| found.id.clone())
}

#[test]
fn names_are_looked_for_from_exact_to_loose() {
    let cases = [
        ("big", Some("big")),
        ("grand", Some("big")),
        ("openai/big", Some("big")),
        ("open_ai/grand", Some("big")),
        ("big-2024-05-13", Some("big-2024-05-13")),
        ("big-2025-12-31", Some("big")),
        ("openai/big-20251231", Some("big")),
        ("big-latest", Some("big")),
        ("dated", Some("dated-20250101")),
        ("dated-latest", Some("dated-20250101")),
        ("dated-20240101", Some("dated-20240101")),
        // Neither the date that is asked for nor an undated row: no guess.
        ("dated-20230101", None),
        ("vendor/small", Some("vendor/small")),
        ("small", None),
        ("BIG", Some("big")),
        ("Grand", Some("big")),
        ("Big-2024-05-13", Some("big-2024-05-13")),
        ("OpenAI/Big-Latest", Some("big")),
        ("nowhere", None),
        ("", None),
    ];
    for (name, expected) in cases {
        assert_eq!(id("openai", name).as_deref(), expected, "{name}");
        assert_eq!(id("Open_AI", name).as_deref(), expected, "{name} by alias");
    }
}

#[test]
fn a_prefix_that_is_part_of_the_id_is_not_cut() {
    assert_eq!(id("groq", "openai/small").as_deref(), Some("openai/small"));
    assert_eq!(id("groq", "groq/openai/small").as_deref(), Some("openai/small"));
    assert_eq!(id("groq", "small"), None);
}

#[test]
fn a_name_alone_finds_its_provider() {
    let catalogue = catalogue();
    let found = |name| catalogue.find_by_name(name).map(|(p, m)| (p.to_owned(), m.id.clone()));
    let pair = |provider: &str, id: &str| Some((provider.to_owned(), id.to_owned()));
    assert_eq!(found("big"), pair("openai", "big"));
    assert_eq!(found("groq/big"), pair("groq", "big"));
    // The prefix is a provider that has no such model, but another's id begins with it.
    assert_eq!(found("openai/small"), pair("groq", "openai/small"));
    assert_eq!(found("nobody/big"), None);
}

#[test]
fn any_model_prices_what_is_not_listed() {
    let catalogue = catalogue();
    assert_eq!(catalogue.price_of("groq", "else").unwrap().input, "9".parse().unwrap());
    assert_eq!(catalogue.price_of("openai", "else"), None);
}

#[test]
fn later_files_win_and_keep_the_aliases() {
    let own = r#"{
      "provider": "openai", "source": "contract", "date": "2026-02-02",
      "models": [
        {"id": "big", "price": {"input": "1.5", "output": "6"}},
        {"id": "gone", "price": {"input": "7", "output": "7"}}
      ]
    }"#;
    let own = PriceCatalogue::from_files(vec![PriceFile::parse(own).unwrap()]);
    let both = catalogue().overlaid_with(&own);
    let input = |name| both.price_of("openai", name).unwrap().input.to_string();
    assert_eq!(input("big"), "1.5");
    assert_eq!(input("grand"), "1.5");
    assert_eq!(input("big-2024-05-13"), "5");
    assert_eq!(input("nowhere"), "7");
    assert_eq!(both.find("openai", "big").unwrap().aliases, ["grand"]);
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let cases = [
        ("{", "EOF"),
        (r#"{"provider": "p", "source": "s", "date": "d"}"#, "missing field `models`"),
        (
            r#"{"provider": "p", "source": "s", "date": "d", "models": [{"id": "m", "price": {"input": "1"}}]}"#,
            "missing field `output`",
        ),
        (
            r#"{"provider": "p", "source": "s", "date": "d", "models": [{"id": "m", "price": {"input": "1", "output": "1", "cached": "1"}}]}"#,
            "unknown field `cached`",
        ),
        (
            r#"{"provider": "p", "source": "s", "date": "d", "models": [{"id": "m", "price": {"input": "-1", "output": "1"}}]}"#,
            "input price of `m` of `p` is negative: `-1`",
        ),
        (
            r#"{"provider": "p", "source": "s", "date": "d", "models": [{"id": "m", "price": {"input": "1", "output": "1", "tiers": {"batch": {"rates": {"output": "-2"}}}}}]}"#,
            "output price of `m` of `p` is negative: `-2`",
        ),
        (
            r#"{"provider": "p", "source": "s", "date": "d", "models": [{"id": " ", "price": {"input": "1", "output": "1"}}]}"#,
            "a model of `p` has no id",
        ),
        (r#"{"provider": "", "source": "s", "date": "d", "models": []}"#, "names no provider"),
    ];
    for (json, complaint) in cases {
        let error = PriceFile::parse(json).unwrap_err();
        assert!(error.message().contains(complaint), "{error}");
        assert_eq!(error.field(), Some("pricing"));
        assert!(error.hint().is_some());
    }
}
