//! How demanding the tools on offer are.

use cascade_core::Tool;
use serde_json::Value;

/// Tools from which choosing among them is demanding.
const MANY_TOOLS: usize = 6;
/// Parameters of all tools together from which filling them is demanding.
const MANY_PARAMETERS: usize = 24;
/// Most tools and parameters that are still easy.
const FEW_TOOLS: usize = 2;
const FEW_PARAMETERS: usize = 6;
/// Deepest schema that is followed.
const DEPTH: usize = 8;

/// How demanding the tools on offer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolDemand {
    /// A tool or two with a few plain parameters.
    Easy,
    /// Something between.
    Ordinary,
    /// Many tools, or deeply nested parameters.
    Demanding,
}

#[derive(Default)]
struct Shape {
    parameters: usize,
    depth: usize,
}

impl ToolDemand {
    /// Judges `tools` by number, parameters and nesting.
    pub fn of(tools: &[Tool]) -> Self {
        let mut shape = Shape::default();
        for tool in tools {
            measure(&tool.parameters, 1, &mut shape);
        }
        let nested = shape.depth > 1;
        if shape.parameters > MANY_PARAMETERS
            || (tools.len() >= MANY_TOOLS && nested)
            || shape.depth > 3
        {
            return Self::Demanding;
        }
        if tools.len() <= FEW_TOOLS && shape.parameters <= FEW_PARAMETERS && !nested {
            return Self::Easy;
        }
        Self::Ordinary
    }
}

fn measure(schema: &Value, depth: usize, shape: &mut Shape) {
    if depth > DEPTH {
        return;
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        shape.parameters += properties.len();
        if !properties.is_empty() {
            shape.depth = shape.depth.max(depth);
        }
        for inner in properties.values() {
            measure(inner, depth + 1, shape);
        }
    }
    if let Some(items) = schema.get("items") {
        measure(items, depth, shape);
    }
}
