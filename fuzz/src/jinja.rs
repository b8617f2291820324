use arcbook_engine::syntax::parse_expression;

use super::evaluated::check;
use super::world::{SECRET, World};

/// The call that renders the template, with its variables.
const CALL: &str = r#"templatefile("input.j2", {
  text = text, number = number, flag = flag, nothing = nothing, tuple = tuple, map = map, object = object,
  secret = secret, secrets = secrets, hidden = hidden, later = later, partly = partly,
})"#;

/// Fuzzes a template in the Jinja language.
pub fn jinja(input: &[u8]) {
    // A message quotes the template, which may itself contain the secret.
    if String::from_utf8_lossy(input).contains(SECRET) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the template");
    std::fs::write(folder.path().join("input.j2"), input).expect("the template is written");
    check(CALL, parse_expression, &World::new(folder.path()));
}
