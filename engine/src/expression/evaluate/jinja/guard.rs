//! Refuses templates that would overflow the stack.
//!
//! `minijinja` limits the nesting of brackets and blocks, but not the number of consecutive operators,
//! filters, signs and `elif`s, for each of which it recurses.

/// The size limit of a template, in bytes.
const MAX_TEMPLATE: usize = 1 << 20;

/// The size limit of a `{{ … }}` or `{% … %}`, in bytes.
const MAX_BLOCK: usize = 4096;

/// The maximum number of `elif`s in a template.
const MAX_ELIFS: usize = 1000;

/// Checks the limits; the error is a line and a reason.
pub(super) fn check(template: &str) -> Result<(), (usize, String)> {
    if template.len() > MAX_TEMPLATE {
        return Err((1, format!("a template may be at most {MAX_TEMPLATE} bytes long")));
    }
    if template.matches("elif").count() > MAX_ELIFS {
        return Err((1, format!("there are more than {MAX_ELIFS} `elif`s")));
    }
    let mut at = 0;
    while let Some(start) = template[at..].find("{{").into_iter().chain(template[at..].find("{%")).min() {
        let block = &template.as_bytes()[at + start..];
        let length = block_length(block);
        if length > MAX_BLOCK {
            let line = template[..at + start].matches('\n').count() + 1;
            return Err((
                line,
                format!("one `{{{{ … }}}}` or `{{% … %}}` may be at most {MAX_BLOCK} bytes long"),
            ));
        }
        // The position is a character boundary: a block ends with ASCII, or with the template.
        at += start + length.max(2);
    }
    Ok(())
}

/// Returns the length of the block at the start; its end must be outside its quotes and brackets.
fn block_length(block: &[u8]) -> usize {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut at = 2;
    while at < block.len() {
        let byte = block[at];
        match quote {
            Some(_) if byte == b'\\' => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'}' | b'%' if depth == 0 && block.get(at + 1) == Some(&b'}') => return at + 2,
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        at += 1;
    }
    block.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_blocks_are_refused_wherever_they_seem_to_end() {
        let long = "not ".repeat(2_000);
        for template in [
            format!("{{{{ {long} x }}}}"),
            format!("a\n{{% if {long} x %}}{{% endif %}}"),
            format!("{{{{ '}}}}' {long} x }}}}"),
            format!("{{{{ {{'a': {{}}}} {long} x }}}}"),
            "{% if x %}".to_owned() + &"{% elif x %}".repeat(2_000),
        ] {
            assert!(check(&template).is_err(), "{template:.40}");
        }
        assert!(check(&"é{{ x }}{% if y %}{% endif %}\n".repeat(10_000)).is_ok());
    }
}
