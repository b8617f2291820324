//! Writes the calls of functions.

use super::super::node::{Call, Node};
use super::write::{NoFilter, filter};
use super::{Definition, Filter};
use crate::value::Data;

/// Writes a call; only functions that give the same result in jq are written.
pub(super) fn call(call: &Call) -> Result<Filter, NoFilter> {
    let name = call.function.name;
    let unknown = || NoFilter(format!("the function `{name}` of a query"));
    let arguments = call.arguments.iter().map(filter).collect::<Result<Vec<_>, _>>()?;
    let expression = call.expression.as_deref().map(filter).transpose()?;
    Ok(match (name, &*arguments, expression) {
        ("length", [of], None) => of.piped("sized | length", &[Definition::Sized]),
        ("lower", [of], None) => of.piped("ascii | ascii_downcase", &[Definition::Ascii]),
        ("upper", [of], None) => of.piped("ascii | ascii_upcase", &[Definition::Ascii]),
        ("keys", [of], None) => {
            of.piped("if type == \"object\" then keys else error(\"\\(type) is no object\") end", &[])
        }
        ("values", [of], None) => of.piped(
            "if type == \"object\" then in_order else error(\"\\(type) is no object\") end",
            &[Definition::InOrder],
        ),
        ("items", [of], None) => of.piped("[keys[] as $name | [$name, .[$name]]]", &[]),
        ("from_items", [of], None) => of.piped("map({(.[0] | text): .[1]}) | add // {}", &[Definition::Text]),
        ("sort", [of], None) => of.piped("alike(.) | sort", &[Definition::Alike]),
        ("reverse", [of], None) => {
            of.piped("if type == \"array\" then reverse else error(\"\\(type) is no array\") end", &[])
        }
        ("type", [of], None) => of.piped("type", &[]),
        ("sort_by", [of], Some(by)) => {
            let sorted = Filter::of(format!("alike({0}) | sort_by({0})", by.text), [&by]);
            of.then(sorted.with(Definition::Alike))
        }
        ("map", [of], Some(each)) => of.then(Filter::of(
            format!("if type == \"array\" then map({}) else error(\"\\(type) is no array\") end", each.text),
            [&each],
        )),
        ("not_null", all, None) => {
            let items = all.iter().map(Filter::operand).collect::<Vec<_>>().join(", ");
            Filter::of(format!("[{items}] | map(select(. != null)) | .[0]"), all)
        }
        ("join", [separator, of], None) => {
            let separator = constant(&call.arguments[0], separator).ok_or_else(unknown)?;
            of.piped(&format!("texts | join({separator})"), &[Definition::Texts])
        }
        ("split", [of, separator], None) => {
            let separator = constant(&call.arguments[1], separator).ok_or_else(unknown)?;
            // jq makes no part of an empty text.
            let text = format!("text | if . == \"\" then [.] else split({separator}) end");
            of.piped(&text, &[Definition::Text])
        }
        ("starts_with" | "ends_with", [of, part], None) => {
            let part = constant(&call.arguments[1], part).ok_or_else(unknown)?;
            let function = if name == "starts_with" { "startswith" } else { "endswith" };
            of.piped(&format!("text | {function}({part})"), &[Definition::Text]).of_bool()
        }
        ("contains", [of, part], None) => {
            let part = constant(&call.arguments[1], part).ok_or_else(unknown)?;
            let text =
                format!("if type == \"array\" then any(.[]; . == {part}) else text | contains({part}) end");
            of.piped(&text, &[Definition::Text]).of_bool()
        }
        _ => return Err(unknown()),
    })
}

/// Returns the text of a constant, which means the same for any input; none for an empty text, by which nothing is split.
fn constant(node: &Node, written: &Filter) -> Option<String> {
    let Node::Literal(value) = node else { return None };
    matches!(value.data(), Data::String(text) if !text.is_empty()).then(|| written.text.clone())
}
