use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::workspace;

/// A dependency of one workspace package on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// Package that depends.
    pub(super) from: String,
    /// Package depended on.
    pub(super) to: String,
    /// Whether only tests, benches and examples see it.
    pub(super) dev: bool,
}

/// Packages of the workspace and the dependencies between them, of every kind, target and
/// feature.
pub(super) struct Graph {
    /// Package names.
    pub(super) packages: BTreeSet<String>,
    /// Dependencies.
    pub(super) edges: BTreeSet<Edge>,
}

/// Reads the graph from `cargo metadata`.
pub(super) fn read() -> Result<Graph, Box<dyn std::error::Error>> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace::root().join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let packages: BTreeSet<String> =
        metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let edges = metadata
        .packages
        .iter()
        .flat_map(|package| {
            package.dependencies.iter().map(|dependency| Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                dev: dependency.kind == DependencyKind::Development,
            })
        })
        .filter(|edge| packages.contains(&edge.to))
        .collect();
    Ok(Graph { packages, edges })
}
