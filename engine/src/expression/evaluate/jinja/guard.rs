//! What would take more stack than there is.
//!
//! `minijinja` limits how deep brackets and blocks nest, but not how many operators, filters or signs follow each other,
//! nor how many `elif`s; for each of them it calls itself.

/// The largest template, in bytes.
const MAX_TEMPLATE: usize = 1 << 20;

/// The longest `{{ … }}` or `{% … %}`, in bytes.
const MAX_BLOCK: usize = 4096;

/// How many `elif`s a template may have.
const MAX_ELIFS: usize = 1000;

/// The line and the reason, when the template is too much.
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
        // Never into the middle of a character: a block ends with ASCII, or with the template.
        at += start + length.max(2);
    }
    Ok(())
}

/// How long the block is that begins here; its end is one outside of its quotes and brackets.
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
