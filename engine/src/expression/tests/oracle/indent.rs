//! The indentation of a heredoc `<<-`, which `hcl-rs` leaves in its tree.

use hcl::edit::template::{Directive, Element, Template};

/// Takes away the indentation that all lines share; a line of nothing but space has none and keeps what it has.
pub fn remove(template: &mut Template) {
    let mut least = usize::MAX;
    lines(template, &mut true, &mut |line| {
        least = least.min(spaces(line));
        line.to_owned()
    });
    lines(template, &mut true, &mut |line| line[least.min(spaces(line))..].to_owned());
}

fn spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Changes each line that has something in it, from its beginning to the end of the text that it begins with; `is_start` says
/// whether a line begins with the template, and whether one does after it.
fn lines(template: &mut Template, is_start: &mut bool, change: &mut impl FnMut(&str) -> String) {
    for element in template.iter_mut() {
        match element {
            Element::Literal(text) => {
                let mut changed = String::new();
                for line in text.split_inclusive('\n') {
                    let is_blank = line.ends_with('\n') && line.trim().is_empty();
                    changed += &if *is_start && !is_blank { change(line) } else { line.to_owned() };
                    *is_start = line.ends_with('\n');
                }
                **text = changed;
            }
            Element::Interpolation(_) => {
                if std::mem::take(is_start) {
                    change("");
                }
            }
            Element::Directive(directive) => {
                if std::mem::take(is_start) {
                    change("");
                }
                match &mut **directive {
                    Directive::If(one) => {
                        lines(&mut one.if_expr.template, is_start, change);
                        if let Some(other) = &mut one.else_expr {
                            lines(&mut other.template, is_start, change);
                        }
                    }
                    Directive::For(one) => lines(&mut one.for_expr.template, is_start, change),
                }
            }
        }
    }
}
