use arcbook_engine::syntax::parse_expression;

use super::evaluated::check;
use super::world::{SECRET, World};

/// The variables that the template is given.
const CALL: &str = r#"templatefile("input.j2", {
  text = text, number = number, flag = flag, nothing = nothing, tuple = tuple, map = map, object = object,
  secret = secret, secrets = secrets, hidden = hidden, later = later, partly = partly,
})"#;

/// A template in the language of Jinja.
pub fn jinja(input: &[u8]) {
    // A message cites the template, and so what it says of itself.
    if String::from_utf8_lossy(input).contains(SECRET) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the template");
    std::fs::write(folder.path().join("input.j2"), input).expect("the template is written");
    check(CALL, parse_expression, &World::new(folder.path()));
}
