//! Shows a plan file to people.

use std::fmt::Write;

use super::{FileDigest, PlanFile};
use crate::diagnostic::visible;
use crate::plan::{PlanView, show_listing};

/// Returns the listing of a plan file, as `plan` shows it, and the inputs it was made from.
#[must_use]
pub fn show(file: &PlanFile, view: &PlanView) -> String {
    let (made, bound) = (file.made(), file.bound());
    let mut text = format!("\nMade from {}, by arcbook {}\n", file.path(), file.version());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Made by {} at {}", made.by, made.at);
    let _ = writeln!(text, "Made for {bound}");
    for facts in &file.contents.sources {
        let digest = match &facts.digest {
            FileDigest::Sha256(sha256) => format!("sha256 {sha256}"),
            FileDigest::Seal(_) => "sealed, because it holds a secret".to_owned(),
            FileDigest::Missing(()) => "not there yet".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {} ({digest})", facts.path);
    }
    let withheld: Vec<&str> = file.withheld().collect();
    if !withheld.is_empty() {
        let _ = writeln!(text, "\nNeeded again for the run: {}", withheld.join(", "));
    }
    let _ = writeln!(text, "\nThe sha256 of the file is {}.", file.sha256());
    show_listing(file.listing(), view) + &visible(&text)
}
