//! Shows a plan file to people.

use super::{FileDigest, PlanFile};
use crate::layout::Page;
use crate::plan::{PlanView, show_listing};

/// Returns the listing of a plan file, as `plan` shows it, and the inputs it was made from.
#[must_use]
pub fn show(file: &PlanFile, view: &PlanView) -> String {
    let (made, bound) = (file.made(), file.bound());
    let mut page = Page::new(view.style);
    page.line(0, format_args!("Made from {}, by arcbook {}", file.path(), file.version()));
    page.line(0, format_args!("Made by {} at {}", made.by, made.at));
    page.line(0, format_args!("Made for {bound}"));
    for facts in &file.contents.sources {
        let digest = match &facts.digest {
            FileDigest::Sha256(sha256) => format!("sha256 {sha256}"),
            FileDigest::Seal(_) => "sealed, because it holds a secret".to_owned(),
            FileDigest::Missing(()) => "not there yet".to_owned(),
        };
        page.line(2, format_args!("{} ({digest})", facts.path));
    }
    let withheld: Vec<&str> = file.withheld().collect();
    if !withheld.is_empty() {
        page.gap();
        page.line(
            0,
            format_args!("Needed again for the run, unless a default gives it: {}", withheld.join(", ")),
        );
    }
    page.gap();
    page.line(0, format_args!("The sha256 of the file is {}.", file.sha256()));
    // The plan does not say who will run it.
    let view = PlanView { user: Some("the user that runs the plan".to_owned()), ..view.clone() };
    format!("{}\n{}", show_listing(file.listing(), &view), page.finish())
}
