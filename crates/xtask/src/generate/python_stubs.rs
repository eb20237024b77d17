//! The type stub of the native Python module.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use syn::{Item, Type, UseTree};

use super::binding_source::{
    self, Class, Function, Marks, Source, named, quoted_option, unreferenced,
};
use super::run::Generated;

const MARKS: Marks = Marks { class: "pyclass", methods: "pymethods", function: "pyfunction" };
const WIDTH: usize = 100;
const HEAD: &str = "\
# Made from the code of the binding by `cargo xtask generate`.
from collections.abc import Generator
from typing import Any

from typing_extensions import Self
";

/// The stub of everything that the native module exports.
pub(super) fn generate() -> Result<Generated, Box<dyn std::error::Error>> {
    let source = binding_source::read("bindings/python/src", &MARKS)?;
    let names = source.classes.iter().map(|(rust, class)| (rust.clone(), python_name(rust, class)));
    let stubs = Stubs { names: names.collect(), source: &source };
    let exports = exports(&source);
    if exports.is_empty() {
        return Err("the Python binding exports nothing: no `#[pymodule_export]` was found".into());
    }
    let mut classes = BTreeMap::new();
    let mut functions = BTreeMap::new();
    for export in exports {
        if let Some(class) = source.classes.get(&export) {
            classes.insert(python_name(&export, class), stubs.class(&export, class));
        } else if let Some(function) = source.functions.get(&export) {
            let name = function.name.clone();
            functions.insert(name, stubs.function(function, "", None));
        } else {
            return Err(format!("`{export}` is exported but neither class nor function").into());
        }
    }
    let mut text = HEAD.to_owned();
    for block in classes.values() {
        text.push('\n');
        text.push_str(block);
    }
    for block in functions.values() {
        text.push('\n');
        text.push_str(block);
    }
    Ok(Generated { path: "python/cascadeflow/_native.pyi", text })
}

/// Rust names of what the module exports.
fn exports(source: &Source) -> Vec<String> {
    let modules = source.files.iter().flat_map(|file| &file.items).filter_map(|item| match item {
        Item::Mod(module) => module.content.as_ref().map(|(_, items)| items),
        _ => None,
    });
    let mut names = Vec::new();
    for item in modules.flatten() {
        let Item::Use(used) = item else { continue };
        if used.attrs.iter().any(|attribute| attribute.path().is_ident("pymodule_export")) {
            collect(&used.tree, &mut names);
        }
    }
    names
}

fn collect(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => collect(&path.tree, names),
        UseTree::Name(name) => names.push(name.ident.to_string()),
        UseTree::Rename(rename) => names.push(rename.ident.to_string()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, names)),
        UseTree::Glob(_) => {}
    }
}

fn python_name(rust: &str, class: &Class) -> String {
    quoted_option(&class.options, "name").unwrap_or(rust).to_owned()
}

struct Stubs<'a> {
    /// Python names of classes by their Rust names.
    names: BTreeMap<String, String>,
    source: &'a Source,
}

impl Stubs<'_> {
    fn class(&self, rust: &str, class: &Class) -> String {
        let final_class = !class.options.contains("subclass");
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "class {}:", python_name(rust, class));
        push_doc(&mut text, "    ", &class.doc);
        let mut empty = class.doc.is_empty();
        for method in &class.methods {
            if !method.name.starts_with("__traverse") && !method.name.starts_with("__clear") {
                text.push_str(&self.function(method, "    ", Some(final_class)));
                empty = false;
            }
        }
        if empty {
            text.push_str("    ...\n");
        }
        text
    }

    /// `within` is `None` for a function, else whether the method's class is final.
    fn function(&self, function: &Function, indent: &str, within: Option<bool>) -> String {
        let mut parameters = self.parameters(function);
        let mut name = function.name.clone();
        let mut output = function.output.as_ref().map_or("None".to_owned(), |ty| self.ty(ty));
        let mut decorators = Vec::new();
        if within.is_some() {
            let first = if function.attribute("new").is_some() {
                "__new__".clone_into(&mut name);
                "Self".clone_into(&mut output);
                "cls"
            } else if function.attribute("classmethod").is_some() {
                decorators.push("@classmethod".to_owned());
                "cls"
            } else if function.attribute("staticmethod").is_some() {
                decorators.push("@staticmethod".to_owned());
                ""
            } else {
                "self"
            };
            if !first.is_empty() {
                parameters.insert(0, first.to_owned());
            }
        }
        if function.attribute("getter").is_some() {
            decorators.push("@property".to_owned());
            name = name.strip_prefix("get_").unwrap_or(&name).to_owned();
        } else if function.attribute("setter").is_some() {
            name = name.strip_prefix("set_").unwrap_or(&name).to_owned();
            decorators.push(format!("@{name}.setter"));
        }
        if name == "__await__" {
            "Generator[Any, None, Any]".clone_into(&mut output);
        }
        let mut text = String::new();
        for decorator in &decorators {
            let _ = writeln!(text, "{indent}{decorator}");
        }
        let mut head = format!("{indent}def {name}({}) -> {output}:", parameters.join(", "));
        let ellipsis = if function.doc.is_empty() { " ...".len() } else { 0 };
        if head.len() + ellipsis > WIDTH {
            let gap = format!(",\n{indent}    ");
            let inner = parameters.join(&gap);
            head = format!("{indent}def {name}(\n{indent}    {inner},\n{indent}) -> {output}:");
        }
        if function.doc.is_empty() {
            let _ = writeln!(text, "{head} ...");
        } else {
            let _ = writeln!(text, "{head}");
            push_doc(&mut text, &format!("{indent}    "), &function.doc);
        }
        text
    }

    /// Parameters as Python writes them: names, types and defaults of the signature.
    fn parameters(&self, function: &Function) -> Vec<String> {
        let visible: Vec<(&str, String)> = function
            .parameters
            .iter()
            .filter(|(name, ty)| !is_implicit(name, ty))
            .map(|(name, ty)| (name.as_str(), self.ty(ty)))
            .collect();
        let type_of = |name: &str| {
            visible.iter().find(|(known, _)| *known == name).map_or("Any", |(_, ty)| ty.as_str())
        };
        let signature = function.attribute("pyo3").and_then(signature_of);
        let Some(signature) = signature else {
            return visible.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        };
        split_commas(&signature)
            .into_iter()
            .map(|part| {
                if let Some(name) = part.strip_prefix("**") {
                    return format!("**{}: Any", name.trim());
                }
                if let Some(name) = part.strip_prefix('*') {
                    let name = name.trim();
                    return if name.is_empty() { "*".to_owned() } else { format!("*{name}: Any") };
                }
                if part == "/" {
                    return part;
                }
                match part.split_once('=') {
                    Some((name, value)) => {
                        let name = name.trim();
                        let value = if value.trim() == "None" { "None" } else { "..." };
                        format!("{name}: {} = {value}", type_of(name))
                    }
                    None => format!("{part}: {}", type_of(&part)),
                }
            })
            .collect()
    }

    fn ty(&self, ty: &Type) -> String {
        let ty = unreferenced(ty);
        if let Type::Tuple(tuple) = ty {
            if tuple.elems.is_empty() {
                return "None".to_owned();
            }
            let items: Vec<_> = tuple.elems.iter().map(|item| self.ty(item)).collect();
            return format!("tuple[{}]", items.join(", "));
        }
        let Some((name, arguments)) = named(ty) else { return "Any".to_owned() };
        let first = || arguments.first().map_or("Any".to_owned(), |inner| self.ty(inner));
        match name.as_str() {
            "PyResult" | "Result" | "Py" | "Bound" | "PyRef" | "PyRefMut" | "Arc" | "Box" => {
                first()
            }
            "Option" => format!("{} | None", first()),
            "Vec" => format!("list[{}]", first()),
            "HashSet" | "BTreeSet" => format!("set[{}]", first()),
            "HashMap" | "BTreeMap" => {
                let value = arguments.get(1).map_or("Any".to_owned(), |inner| self.ty(inner));
                format!("dict[{}, {value}]", first())
            }
            "str" | "String" | "Cow" | "PyString" => "str".to_owned(),
            "bool" | "PyBool" => "bool".to_owned(),
            "f32" | "f64" | "PyFloat" => "float".to_owned(),
            "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                "int".to_owned()
            }
            "PyDict" => "dict[str, Any]".to_owned(),
            "PyTuple" => "tuple[Any, ...]".to_owned(),
            "PyList" => "list[Any]".to_owned(),
            "PyBytes" => "bytes".to_owned(),
            "Self" => "Self".to_owned(),
            other => match (self.names.get(other), self.source.aliases.get(other)) {
                (Some(class), _) => class.clone(),
                (None, Some(alias)) => self.ty(alias),
                (None, None) => "Any".to_owned(),
            },
        }
    }
}

/// Parameters that Python does not pass: the interpreter, the module, the object itself.
fn is_implicit(name: &str, ty: &Type) -> bool {
    let of_type = |wanted: &str| named(unreferenced(ty)).is_some_and(|(name, _)| name == wanted);
    of_type("Python") || matches!(name, "slf" | "self_" | "module")
}

/// The text between the parentheses of `signature = (…)`.
fn signature_of(options: &str) -> Option<String> {
    let (_, after) = options.split_once("signature = (")?;
    let mut depth = 1;
    for (at, character) in after.char_indices() {
        depth += match character {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some(after[..at].to_owned());
        }
    }
    None
}

fn split_commas(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn push_doc(text: &mut String, indent: &str, doc: &str) {
    if doc.is_empty() {
        return;
    }
    let quotes = "\"\"\"";
    let line = format!("{indent}{quotes}{doc}{quotes}");
    // Formatters let the closing quotes stand out.
    if line.len() - quotes.len() <= WIDTH {
        let _ = writeln!(text, "{line}");
        return;
    }
    let mut lines = vec![format!("{indent}{quotes}")];
    for word in doc.split_whitespace() {
        let Some(last) = lines.last_mut() else { return };
        let gap = if last.ends_with(quotes) || *last == indent { "" } else { " " };
        if last.len() + gap.len() + word.len() > WIDTH {
            lines.push(format!("{indent}{word}"));
        } else {
            last.push_str(gap);
            last.push_str(word);
        }
    }
    let _ = writeln!(text, "{}\n{indent}{quotes}", lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stub_of(code: &str) -> String {
        let file: syn::File = syn::parse_str(code).expect("valid Rust");
        let source = binding_source::from_files(vec![file], &MARKS);
        let names = source.classes.keys().map(|name| (name.clone(), name.clone())).collect();
        let stubs = Stubs { names, source: &source };
        source.functions.values().map(|function| stubs.function(function, "", None)).collect()
    }

    #[test]
    fn types_are_those_that_python_sees() {
        let code = "#[pyfunction] fn f(py: Python<'_>, a: &str, b: Option<u32>, c: Vec<f64>) \
                    -> PyResult<Py<PyDict>> { todo!() }";
        assert_eq!(
            stub_of(code),
            "def f(a: str, b: int | None, c: list[float]) -> dict[str, Any]: ...\n"
        );
    }

    #[test]
    fn defaults_and_stars_are_those_of_the_signature() {
        let code = "#[pyfunction] #[pyo3(signature = (a, *rest, b = None, c = 3, **more))] \
                    fn f(a: bool, rest: &Bound<'_, PyTuple>, b: Option<String>, c: u8, more: Option<&Bound<'_, PyDict>>) {}";
        assert_eq!(
            stub_of(code),
            "def f(a: bool, *rest: Any, b: str | None = None, c: int = ..., **more: Any) -> None: ...\n"
        );
    }

    #[test]
    fn documentation_goes_along() {
        let code = "/// Says hello.\n///\n/// At length.\n#[pyfunction] fn f() -> &'static str { todo!() }";
        assert_eq!(stub_of(code), "def f() -> str:\n    \"\"\"Says hello.\"\"\"\n");
    }
}
