//! The names in the files of a runbook, as they are written: nothing is evaluated.

use std::path::{Path, PathBuf};

use arcbook_engine::runbook::Files;
use arcbook_engine::source::{Disk, Sources};
use arcbook_engine::syntax::{Block, ExpressionKind, is_identifier, parse, read_source};

/// The blocks of a runbook.
pub struct Written {
    directory: PathBuf,
    blocks: Vec<Block>,
}

impl Written {
    /// Those of the runbook at `path`, as far as its files can be read.
    pub fn read(path: &Path) -> Option<Self> {
        let files = Files::find(path).ok()?;
        let mut sources = Sources::new();
        let mut blocks = Vec::new();
        for path in &files.runbook {
            let Ok(source) = read_source(path, &Disk) else { continue };
            let file = sources.add(source);
            blocks.extend(parse(&sources, file).body.blocks);
        }
        Some(Self { directory: files.directory, blocks })
    }

    /// The labels of the blocks of a kind, when all are plain names.
    pub fn labels<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
        self.of_kind(kind).filter_map(|block| {
            let labels: Vec<&str> = block.labels.iter().map(|label| &*label.value).collect();
            labels.iter().all(|label| is_identifier(label)).then_some(labels)
        })
    }

    /// The runbook of a module.
    pub fn module(&self, name: &str) -> Option<Self> {
        let is_named = |block: &&Block| block.labels.first().is_some_and(|label| &*label.value == name);
        let source = self.of_kind("module").find(is_named)?.body.attribute("source")?;
        let ExpressionKind::Literal(value) = &source.expression.kind else { return None };
        let source = value.as_str().filter(|path| path.starts_with("./") || path.starts_with("../"))?;
        Self::read(&self.directory.join(source))
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind.value == kind)
    }
}
