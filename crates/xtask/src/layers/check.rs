use super::edges::{self, Graph};
use super::picture;
use super::rules::{DEV_ONLY, LAYERS, layer};
use crate::report::Report;

/// Checks the layering and the picture of it.
pub(crate) fn check() -> Report {
    let graph = edges::read()?;
    let mut faults = faults(&graph);
    if let Err(error) = picture::check() {
        faults.push(error.to_string());
    }
    if !faults.is_empty() {
        return Err(faults.join("\n").into());
    }
    Ok(format!(
        "layers hold: {} crates, {} dependencies between them",
        graph.packages.len(),
        graph.edges.len()
    ))
}

/// Every crate and edge that the rules do not know, one line each.
fn faults(graph: &Graph) -> Vec<String> {
    let unknown = graph.packages.iter().filter(|package| layer(package).is_none()).map(|package| {
        format!("crate `{package}` has no layer: add it to crates/xtask/src/layers/rules.rs")
    });
    let gone = LAYERS
        .iter()
        .filter(|layer| !graph.packages.contains(layer.package))
        .map(|layer| format!("crate `{}` has a layer but is not in the workspace", layer.package));
    let forbidden = graph.edges.iter().filter_map(|edge| {
        let rule = layer(&edge.from)?;
        let may = rule.may_use.contains(&edge.to.as_str())
            || (edge.dev && DEV_ONLY.contains(&edge.to.as_str()));
        (!may).then(|| {
            let kind = if edge.dev { " (for tests)" } else { "" };
            format!("forbidden dependency{kind}: {} -> {}", edge.from, edge.to)
        })
    });
    unknown.chain(gone).chain(forbidden).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::layers::edges::Edge;

    fn graph(edges: &[(&str, &str, bool)]) -> Graph {
        Graph {
            packages: LAYERS.iter().map(|layer| layer.package.to_owned()).collect(),
            edges: edges
                .iter()
                .map(|(from, to, dev)| Edge {
                    from: (*from).to_owned(),
                    to: (*to).to_owned(),
                    dev: *dev,
                })
                .collect::<BTreeSet<_>>(),
        }
    }

    #[test]
    fn a_downward_edge_passes() {
        assert_eq!(faults(&graph(&[("cascadeflow", "cascade-core", false)])), Vec::<String>::new());
    }

    #[test]
    fn siblings_may_not_know_each_other() {
        assert_eq!(
            faults(&graph(&[("cascade-quality", "cascade-routing", false)])),
            ["forbidden dependency: cascade-quality -> cascade-routing"]
        );
    }

    #[test]
    fn an_upward_edge_fails_even_for_tests() {
        assert_eq!(
            faults(&graph(&[("cascade-core", "cascadeflow", true)])),
            ["forbidden dependency (for tests): cascade-core -> cascadeflow"]
        );
    }

    #[test]
    fn the_testkit_serves_tests_only() {
        assert_eq!(faults(&graph(&[("cascade-core", "cascade-testkit", true)])).len(), 0);
        assert_eq!(faults(&graph(&[("cascade-core", "cascade-testkit", false)])).len(), 1);
    }

    #[test]
    fn a_crate_without_a_layer_fails() {
        let mut graph = graph(&[]);
        graph.packages.insert("stray".to_owned());
        assert_eq!(faults(&graph).len(), 1);
    }
}
