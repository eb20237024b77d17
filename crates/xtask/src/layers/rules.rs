/// One crate of the workspace and what it may depend on.
pub(super) struct Layer {
    /// Package name.
    pub(super) package: &'static str,
    /// Workspace packages that its library and binaries may depend on.
    pub(super) may_use: &'static [&'static str],
    /// What it owns, for the picture.
    pub(super) owns: &'static str,
    /// Row of the picture, lowest layer first; `None` for crates that only developers use.
    pub(super) row: Option<usize>,
}

/// Packages that tests, benches and examples of every crate may use as well.
pub(super) const DEV_ONLY: &[&str] = &["cascade-testkit"];

/// Every crate of the workspace. A crate that is not here, and an edge that is not here, fails.
pub(super) const LAYERS: &[Layer] = &[
    Layer {
        package: "cascade-core",
        may_use: &[],
        owns: "types, ports, query analysis, the engine",
        row: Some(0),
    },
    Layer {
        package: "cascade-telemetry",
        may_use: &["cascade-core"],
        owns: "prices, budgets, forecasts, exports",
        row: Some(1),
    },
    Layer {
        package: "cascade-quality",
        may_use: &["cascade-core"],
        owns: "checks that judge a draft",
        row: Some(1),
    },
    Layer {
        package: "cascade-routing",
        may_use: &["cascade-core"],
        owns: "routers that plan",
        row: Some(1),
    },
    Layer {
        package: "cascade-providers",
        may_use: &["cascade-core"],
        owns: "wire codecs, transport, retries",
        row: Some(1),
    },
    Layer {
        package: "cascadeflow",
        may_use: &[
            "cascade-core",
            "cascade-telemetry",
            "cascade-quality",
            "cascade-routing",
            "cascade-providers",
        ],
        owns: "the facade: configuration to agent",
        row: Some(2),
    },
    Layer {
        package: "cascade-cli",
        may_use: &["cascadeflow"],
        owns: "the `cascadeflow` command",
        row: Some(3),
    },
    Layer {
        package: "cascadeflow-node",
        may_use: &["cascadeflow"],
        owns: "the Node addon",
        row: Some(4),
    },
    Layer {
        package: "cascadeflow-python",
        may_use: &["cascadeflow", "cascade-cli"],
        owns: "the Python extension module and console script",
        row: Some(4),
    },
    Layer {
        package: "cascade-testkit",
        may_use: &["cascade-core"],
        owns: "scripted providers, fake clock, loopback servers",
        row: None,
    },
    Layer {
        package: "xtask",
        may_use: &["cascadeflow"],
        owns: "these checks and the generators",
        row: None,
    },
];

/// The layer of `package`.
pub(super) fn layer(package: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.package == package)
}
