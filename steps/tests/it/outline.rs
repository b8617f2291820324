//! The outline of a runbook: every place in it has the text that it claims.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::runbook::{self, Files, NameKind, NameUse, Outline, OutlineBlock, Runbook};
use arcbook_engine::source::{SourceFile, Sources, Span};
use arcbook_engine::syntax::parse_expression;

use crate::broken::{Whole, placed, steps};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Loads a runbook; the first part of the result is the runbook, and then those of its modules.
fn loaded(directory: &Path) -> (Vec<Arc<Runbook>>, Sources) {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let files = Files::find(directory).unwrap();
    let runbook = runbook::load(&files, &steps(), &mut sources, &mut found);
    assert!(!found.has_errors());
    let mut all = vec![runbook];
    let mut at = 0;
    while let Some(runbook) = all.get(at) {
        let modules: Vec<_> = runbook.modules.iter().map(|module| module.runbook.clone()).collect();
        all.extend(modules);
        at += 1;
    }
    (all, sources)
}

/// Returns a name as arcbook writes it: `a["b"]` for `a [ "b" ]`.
fn canonical(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("", text.to_owned()));
    let expression = parse_expression(&sources, file).unwrap();
    expression.references().first().map_or_else(String::new, ToString::to_string)
}

/// Returns the reason why a use does not have the text that it claims.
fn wrong_use(found: &NameUse, sources: &Sources) -> Option<String> {
    let text = sources.text(found.span);
    let is_right = match found.kind {
        NameKind::Output | NameKind::Extract => {
            [found.name.clone(), format!("[{:?}]", found.name)].iter().any(|name| name == text)
        }
        NameKind::Argument | NameKind::Function => text == found.name,
        NameKind::Unknown => false,
        _ => canonical(text) == found.name,
    };
    let declaration = found.declaration.as_ref();
    let declared = declaration.is_some_and(|declaration| match (declaration.span, found.kind) {
        (Some(span), NameKind::Each | NameKind::Count) => !sources.text(span).is_empty(),
        (Some(span), _) => {
            let last = declaration.address.rsplit('.').next().unwrap();
            sources.text(span).trim_matches('"') == last
        }
        (None, kind) => {
            matches!(kind, NameKind::Output | NameKind::Path | NameKind::Runbook | NameKind::Function)
        }
    });
    (!is_right || !declared || found.within.is_none()).then(|| format!("{text}: {found:?}"))
}

fn wrong_blocks(blocks: &[OutlineBlock], sources: &Sources, wrong: &mut Vec<String>) {
    for block in blocks {
        let text = |span: Span| sources.text(span);
        let is_right = text(block.kind.span) == &*block.kind.value
            && text(block.header).starts_with(&*block.kind.value)
            && block.labels.iter().all(|label| text(label.span).trim_matches('"') == &*label.value)
            && text(block.body).starts_with('{')
            && text(block.body).ends_with('}')
            && text(block.span).starts_with(text(block.header))
            && text(block.span).ends_with(text(block.body));
        let arguments = block.arguments.iter().all(|argument| {
            text(argument.name.span) == &*argument.name.value
                && text(argument.span).starts_with(&*argument.name.value)
                && text(argument.span).contains(text(argument.value))
        });
        if !is_right || !arguments {
            wrong.push(format!("{block:?}"));
        }
        wrong_blocks(&block.blocks, sources, wrong);
    }
}

#[test]
fn every_place_has_the_text_that_it_claims() {
    let everything = placed(&Whole::everything().files);
    let mut directories =
        vec![everything.path().to_owned(), Path::new(REPOSITORY).join("runbooks/jumpstart")];
    let examples = fs::read_dir(Path::new(REPOSITORY).join("examples")).unwrap();
    directories.extend(examples.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
    let (mut wrong, mut kinds, mut uses) = (Vec::new(), BTreeSet::new(), 0);
    for directory in directories {
        let (runbooks, sources) = loaded(&directory);
        for runbook in runbooks {
            let outline = Outline::of(&runbook, &sources);
            wrong.extend(outline.uses.iter().filter_map(|found| wrong_use(found, &sources)));
            wrong_blocks(&outline.blocks, &sources, &mut wrong);
            kinds.extend(outline.uses.iter().map(|found| format!("{:?}", found.kind)));
            uses += outline.uses.len();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(uses > 100 && kinds.len() > 9, "{uses} {kinds:?}");
}

/// Returns the places at which a text has a name, except in comments.
fn occurrences(text: &str, name: &str) -> Vec<usize> {
    let is_whole = |at: &usize| {
        let after = text[at + name.len()..].chars().next();
        let line = text[..*at].rsplit('\n').next().unwrap();
        !after.is_some_and(|next| next.is_alphanumeric() || "_-".contains(next))
            && !line.trim_start().starts_with('#')
    };
    text.match_indices(name).map(|(at, _)| at).filter(is_whole).collect()
}

#[test]
fn every_use_of_every_declaration_is_found() {
    let (runbooks, sources) = loaded(&Path::new(REPOSITORY).join("runbooks/jumpstart"));
    let outline = Outline::of(&runbooks[0], &sources);
    let text = sources.file(runbooks[0].files[0]).text();
    let blocks = outline.blocks.iter().filter_map(|block| {
        let label = block.labels.last().map(|label| label.span);
        block.address.clone().zip(label)
    });
    let locals = outline.blocks.iter().flat_map(|block| &block.arguments);
    let locals = locals.filter_map(|argument| argument.address.clone().zip(Some(argument.name.span)));
    let extracts = runbooks[0].steps.iter().flat_map(|step| {
        let address = |name: &str| format!("{}.extract.{name}", step.address);
        step.extract.iter().map(move |extract| (address(&extract.name.value), extract.name.span))
    });
    let declarations: Vec<_> = blocks.chain(locals).chain(extracts).collect();
    assert_eq!(declarations.len(), 26, "{declarations:?}");
    // A step calls itself `self` in its conditions, under which no name is found in the text.
    let is_self = |found: &NameUse| {
        text[..found.span.range().end].rfind("self").is_some_and(|at| {
            text[at..found.span.range().end].chars().all(|next| next.is_alphanumeric() || "._".contains(next))
        })
    };
    let mut all = 0;
    for (address, span) in declarations {
        let uses: Vec<_> = outline
            .uses
            .iter()
            .filter(|found| found.declaration.as_ref().is_some_and(|found| found.address == address))
            .filter(|found| !is_self(found))
            .collect();
        let ends: Vec<_> = uses.iter().map(|found| found.span.range().end).collect();
        let expected: Vec<_> = occurrences(text, &address).iter().map(|at| at + address.len()).collect();
        assert_eq!(ends, expected, "{address}");
        let points = |found: &&NameUse| found.declaration.as_ref().and_then(|found| found.span) == Some(span);
        assert!(uses.iter().all(points), "{address}: {uses:?}");
        all += uses.len();
    }
    assert_eq!(all, 36);
}
