//! The type declarations of the Node addon.

use std::fmt::Write as _;

use syn::Type;

use super::binding_source::{
    self, Class, Function, Marks, Source, named, quoted_option, unreferenced,
};
use super::run::Generated;

const MARKS: Marks = Marks { class: "napi", methods: "napi", function: "napi" };
const HEAD: &str = "\
// Made from the code of the binding by `cargo xtask generate`.

/** A value that was ready at once, or its promise. */
export type Settled<T> = T | Promise<T>;
";
const WIDTH: usize = 100;

/// The declarations of everything that the addon exports.
pub(super) fn generate() -> Result<Generated, Box<dyn std::error::Error>> {
    let source = binding_source::read("bindings/node/src", &MARKS)?;
    if source.classes.is_empty() && source.functions.is_empty() {
        return Err("the Node binding exports nothing: no `#[napi]` was found".into());
    }
    let declarations = Declarations { source: &source };
    let mut text = HEAD.to_owned();
    for (name, class) in &source.classes {
        declarations.push_class(&mut text, name, class);
    }
    text.push_str("\n/** What the addon exports. */\nexport interface Addon {\n");
    for (name, class) in &source.classes {
        if let Some(constructor) = class.methods.iter().find(|m| is_constructor(m)) {
            let parameters = declarations.parameters(constructor);
            push_signature(&mut text, &format!("{name}: new "), &parameters, " => ", name);
        }
    }
    for function in source.functions.values() {
        declarations.push_function(&mut text, function);
    }
    text.push_str("}\n");
    Ok(Generated { path: "typescript/packages/core/src/addon.ts", text })
}

fn is_constructor(function: &Function) -> bool {
    function.attribute("napi").is_some_and(|options| options.contains("constructor"))
}

struct Declarations<'a> {
    source: &'a Source,
}

impl Declarations<'_> {
    fn push_class(&self, text: &mut String, name: &str, class: &Class) {
        text.push('\n');
        push_doc(text, "", &class.doc);
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "export interface {name} {{");
        let methods: Vec<_> = class.methods.iter().filter(|m| !is_constructor(m)).collect();
        if methods.is_empty() {
            text.push_str("  readonly __opaque?: never;\n");
        }
        for method in methods {
            self.push_function(text, method);
        }
        text.push_str("}\n");
    }

    fn push_function(&self, text: &mut String, function: &Function) {
        let options = function.attribute("napi").unwrap_or_default();
        let name = quoted_option(options, "js_name")
            .map_or_else(|| camel_case(&function.name), str::to_owned);
        let declared = quoted_option(options, "ts_return_type").map(str::to_owned);
        let output = declared.unwrap_or_else(|| {
            let output = function.output.as_ref().map_or("void".to_owned(), |ty| self.ty(ty));
            if function.is_async { format!("Promise<{output}>") } else { output }
        });
        push_doc(text, "  ", &function.doc);
        push_signature(text, &name, &self.parameters(function), ": ", &output);
    }

    fn parameters(&self, function: &Function) -> Vec<String> {
        let visible: Vec<_> =
            function.parameters.iter().filter(|(_, ty)| !is_implicit(ty)).collect();
        let required = visible.iter().rposition(|(_, ty)| !is_option(ty)).map_or(0, |at| at + 1);
        visible
            .iter()
            .enumerate()
            .map(|(position, (name, ty))| {
                let name = camel_case(name);
                let shown = self.ty(ty);
                match (is_option(ty), position >= required) {
                    (true, true) => format!("{name}?: {shown}"),
                    (true, false) => format!("{name}: {shown} | undefined"),
                    (false, _) => format!("{name}: {shown}"),
                }
            })
            .collect()
    }

    fn ty(&self, ty: &Type) -> String {
        let ty = unreferenced(ty);
        if let Type::Tuple(tuple) = ty {
            if tuple.elems.is_empty() {
                return "void".to_owned();
            }
            let items: Vec<_> = tuple.elems.iter().map(|item| self.ty(item)).collect();
            return format!("[{}]", items.join(", "));
        }
        let Some((name, arguments)) = named(ty) else { return "unknown".to_owned() };
        let first = || arguments.first().map_or("unknown".to_owned(), |inner| self.ty(inner));
        match name.as_str() {
            "Result" | "ClassInstance" | "Reference" => first(),
            "Settled" => format!("Settled<{}>", first()),
            "Promise" | "PromiseRaw" => format!("Promise<{}>", first()),
            "Option" => {
                let inner = first();
                if inner.contains("=>") {
                    format!("({inner}) | null")
                } else {
                    format!("{inner} | null")
                }
            }
            "Vec" => {
                let inner = first();
                if inner.contains(' ') { format!("({inner})[]") } else { format!("{inner}[]") }
            }
            "Function" => self.callback(&arguments),
            "String" | "str" => "string".to_owned(),
            "bool" => "boolean".to_owned(),
            "f64" | "f32" | "u32" | "i32" | "i64" | "u16" | "u8" => "number".to_owned(),
            other if self.source.classes.contains_key(other) => other.to_owned(),
            other => match self.source.aliases.get(other) {
                Some(alias) => self.ty(alias),
                None => "unknown".to_owned(),
            },
        }
    }

    /// `Function<FnArgs<(A, B)>, R>` as `(a: A, b: B) => R`.
    fn callback(&self, arguments: &[&Type]) -> String {
        let given = arguments.first().map(|ty| self.resolved(ty));
        let given = match given.and_then(named) {
            Some((name, inner)) if name == "FnArgs" => inner.first().copied(),
            _ => given,
        };
        let parameters = match given.map(unreferenced) {
            Some(Type::Tuple(tuple)) => {
                tuple.elems.iter().map(|item| self.ty(item)).collect::<Vec<_>>()
            }
            Some(single) => vec![self.ty(single)],
            None => Vec::new(),
        };
        let parameters: Vec<_> = parameters
            .iter()
            .enumerate()
            .map(|(position, ty)| format!("arg{position}: {ty}"))
            .collect();
        let output = arguments.get(1).map_or("void".to_owned(), |ty| self.ty(ty));
        format!("({}) => {output}", parameters.join(", "))
    }

    /// `ty` with an alias replaced by what it stands for.
    fn resolved<'b>(&'b self, ty: &'b Type) -> &'b Type {
        named(ty).and_then(|(name, _)| self.source.aliases.get(&name)).unwrap_or(ty)
    }
}

/// Parameters that JavaScript does not pass.
fn is_implicit(ty: &Type) -> bool {
    named(unreferenced(ty)).is_some_and(|(name, _)| name == "Env")
}

fn is_option(ty: &Type) -> bool {
    named(unreferenced(ty)).is_some_and(|(name, _)| name == "Option")
}

fn camel_case(name: &str) -> String {
    let mut text = String::new();
    let mut upper = false;
    for character in name.trim_start_matches('_').chars() {
        if character == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            text.extend(character.to_uppercase());
        } else {
            text.push(character);
        }
    }
    text
}

/// A member of an interface, in one line where it fits.
fn push_signature(text: &mut String, head: &str, parameters: &[String], to: &str, output: &str) {
    let line = format!("  {head}({}){to}{output};", parameters.join(", "));
    if line.len() <= WIDTH {
        let _ = writeln!(text, "{line}");
        return;
    }
    let _ = writeln!(text, "  {head}(");
    for parameter in parameters {
        let _ = writeln!(text, "    {parameter},");
    }
    let _ = writeln!(text, "  ){to}{output};");
}

fn push_doc(text: &mut String, indent: &str, doc: &str) {
    if doc.is_empty() {
        return;
    }
    let line = format!("{indent}/** {doc} */");
    if line.len() <= WIDTH {
        let _ = writeln!(text, "{line}");
        return;
    }
    let _ = write!(text, "{indent}/**");
    let mut column = WIDTH;
    for word in doc.split_whitespace() {
        if column + 1 + word.len() > WIDTH {
            let _ = write!(text, "\n{indent} *");
            column = indent.len() + 2;
        }
        let _ = write!(text, " {word}");
        column += 1 + word.len();
    }
    let _ = writeln!(text, "\n{indent} */");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declaration_of(code: &str) -> String {
        let file: syn::File = syn::parse_str(code).expect("valid Rust");
        let source = binding_source::from_files(vec![file], &MARKS);
        let declarations = Declarations { source: &source };
        let mut text = String::new();
        for function in source.functions.values() {
            declarations.push_function(&mut text, function);
        }
        text
    }

    #[test]
    fn names_and_types_are_those_that_javascript_sees() {
        let code = "#[napi] pub fn my_function(env: &Env, first_one: String, second: Option<f64>) \
                    -> napi::Result<Settled<'_, Vec<String>>> { todo!() }";
        assert_eq!(
            declaration_of(code),
            "  myFunction(firstOne: string, second?: number | null): Settled<string[]>;\n"
        );
    }

    #[test]
    fn an_alias_of_a_callback_is_looked_up() {
        let code = "type Heard = FnArgs<(u32, bool)>; \
                    #[napi] fn listen(heard: Function<'_, Heard, ()>, after: bool) {}";
        assert_eq!(
            declaration_of(code),
            "  listen(heard: (arg0: number, arg1: boolean) => void, after: boolean): void;\n"
        );
    }

    #[test]
    fn a_declared_return_type_wins() {
        let code = "#[napi(ts_return_type = \"Promise<void>\")] fn wait() -> String { todo!() }";
        assert_eq!(declaration_of(code), "  wait(): Promise<void>;\n");
    }
}
