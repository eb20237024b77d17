//! Reads what a binding exports out of its Rust sources.

use std::collections::BTreeMap;
use std::path::Path;

use quote::ToTokens;
use syn::{Attribute, FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, Signature, Type};

use crate::workspace;

type Error = Box<dyn std::error::Error>;

/// The attributes that a binding library marks its exports with.
pub(super) struct Marks {
    /// On a class.
    pub(super) class: &'static str,
    /// On the block of its methods.
    pub(super) methods: &'static str,
    /// On a function.
    pub(super) function: &'static str,
}

/// What the sources of a binding declare.
#[derive(Default)]
pub(super) struct Source {
    /// Classes by their Rust name.
    pub(super) classes: BTreeMap<String, Class>,
    /// Functions by their Rust name.
    pub(super) functions: BTreeMap<String, Function>,
    /// Type aliases by name.
    pub(super) aliases: BTreeMap<String, Type>,
    /// The parsed files.
    pub(super) files: Vec<syn::File>,
}

/// A class with its methods in the order of the source.
#[derive(Default)]
pub(super) struct Class {
    /// Arguments of its attribute as text.
    pub(super) options: String,
    /// Its documentation.
    pub(super) doc: String,
    /// Its methods.
    pub(super) methods: Vec<Function>,
}

/// A function or method.
pub(super) struct Function {
    /// Rust name.
    pub(super) name: String,
    /// Its documentation.
    pub(super) doc: String,
    /// Its attributes as pairs of path and arguments.
    pub(super) attributes: Vec<(String, String)>,
    /// Parameters with their types, the receiver excluded.
    pub(super) parameters: Vec<(String, Type)>,
    /// Whether it is `async`.
    pub(super) is_async: bool,
    /// What it gives; `None` is nothing.
    pub(super) output: Option<Type>,
}

impl Function {
    /// The arguments of the attribute `path`; `None` when it does not have it.
    pub(super) fn attribute(&self, path: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == path).map(|(_, options)| options.as_str())
    }
}

/// Reads every source below `folder`, a path from the root of the workspace.
pub(super) fn read(folder: &str, marks: &Marks) -> Result<Source, Error> {
    let mut files = Vec::new();
    read_folder(&workspace::root().join(folder), &mut files)?;
    Ok(from_files(files, marks))
}

/// Takes what parsed files declare.
pub(super) fn from_files(files: Vec<syn::File>, marks: &Marks) -> Source {
    let mut source = Source::default();
    for item in files.iter().flat_map(|file| &file.items) {
        take_item(item, marks, &mut source);
    }
    source.files = files;
    source
}

fn read_folder(folder: &Path, files: &mut Vec<syn::File>) -> Result<(), Error> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_folder(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)?;
            let file = syn::parse_file(&text)
                .map_err(|error| format!("cannot parse {}: {error}", path.display()))?;
            files.push(file);
        }
    }
    Ok(())
}

fn take_item(item: &Item, marks: &Marks, source: &mut Source) {
    match item {
        Item::Struct(class) => {
            if let Some(options) = find(&class.attrs, marks.class) {
                let entry = source.classes.entry(class.ident.to_string()).or_default();
                entry.options = options;
                entry.doc = doc(&class.attrs);
            }
        }
        Item::Impl(block) if find(&block.attrs, marks.methods).is_some() => {
            let name = block.self_ty.to_token_stream().to_string();
            let methods = block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) => Some(function(&method.attrs, &method.sig)),
                _ => None,
            });
            // napi marks each method too, pyo3 takes all of the block.
            let napi = marks.methods == marks.function;
            let exported = methods.filter(|m| !napi || m.attribute(marks.function).is_some());
            source.classes.entry(name).or_default().methods.extend(exported);
        }
        Item::Fn(item) if find(&item.attrs, marks.function).is_some() => {
            let function = function(&item.attrs, &item.sig);
            source.functions.insert(function.name.clone(), function);
        }
        Item::Type(alias) => {
            source.aliases.insert(alias.ident.to_string(), (*alias.ty).clone());
        }
        _ => {}
    }
}

fn function(attributes: &[Attribute], signature: &Signature) -> Function {
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Pat::Ident(name) = &*typed.pat else { continue };
        parameters.push((name.ident.to_string(), (*typed.ty).clone()));
    }
    Function {
        name: signature.ident.to_string(),
        doc: doc(attributes),
        attributes: attributes
            .iter()
            .map(|attribute| (path(attribute), options(attribute)))
            .collect(),
        parameters,
        is_async: signature.asyncness.is_some(),
        output: match &signature.output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, output) => Some((**output).clone()),
        },
    }
}

fn find(attributes: &[Attribute], name: &str) -> Option<String> {
    attributes.iter().find(|attribute| path(attribute) == name).map(options)
}

fn path(attribute: &Attribute) -> String {
    attribute.path().to_token_stream().to_string().replace(' ', "")
}

fn options(attribute: &Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

/// The first paragraph of the documentation, in one line.
fn doc(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| path(attribute) == "doc") {
        let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
        let syn::Expr::Lit(literal) = &pair.value else { continue };
        let syn::Lit::Str(text) = &literal.lit else { continue };
        let line = text.value().trim().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    // Links of rustdoc mean nothing to readers of another language.
    lines.join(" ").replace("[`", "`").replace("`]", "`")
}

/// The last segment of a path type and its type arguments; `None` for other types.
pub(super) fn named(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Some((segment.ident.to_string(), arguments))
}

/// `ty` without a reference around it.
pub(super) fn unreferenced(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => unreferenced(&reference.elem),
        Type::Paren(inner) => unreferenced(&inner.elem),
        other => other,
    }
}

/// The quoted value of `key = "value"` among the arguments of an attribute.
pub(super) fn quoted_option<'a>(options: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = options.split_once(&format!("{key} = \""))?;
    after.split_once('"').map(|(value, _)| value)
}
