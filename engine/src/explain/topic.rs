//! Everything that can be explained, by name.

use serde_json::Value as Json;

use super::{block, function, identity_kind, step_type};
use crate::diagnostic::did_you_mean;
use crate::expression::{self, function_docs};
use crate::jmespath;
use crate::layout::flowed;
use crate::runbook::{BLOCKS, BlockType, RECORD as RECORD_BLOCK};
use crate::step::{IdentitySchema, RecordStoreSchema, Registry, Schema};

/// Something that can be explained.
#[derive(Debug)]
pub enum Topic<'a> {
    /// A step type.
    StepType(&'a Schema),
    /// A kind of identity.
    Identity(&'a IdentitySchema),
    /// A kind of block, with the arguments that the program adds to it.
    Block(&'static BlockType, Option<&'a RecordStoreSchema>),
    /// A function of expressions.
    Function(expression::FunctionDocs),
    /// A function of JMESPath queries.
    Query(jmespath::FunctionDocs),
}

/// A group of topics; its word before a name tells of which group the name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The step types.
    StepTypes,
    /// The kinds of identities.
    Identities,
    /// The kinds of blocks.
    Blocks,
    /// The functions of expressions.
    Functions,
    /// The functions of JMESPath queries.
    Queries,
}

impl Group {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 5] =
        [Self::StepTypes, Self::Identities, Self::Blocks, Self::Functions, Self::Queries];

    /// Its heading in the list.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::StepTypes => "Step types",
            Self::Identities => "Kinds of identities",
            Self::Blocks => "Blocks",
            Self::Functions => "Functions",
            Self::Queries => "Functions of JMESPath queries",
        }
    }

    /// The word before a name that is one of this group.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StepTypes => "step",
            Self::Identities => "identity",
            Self::Blocks => "block",
            Self::Functions => "function",
            Self::Queries => "jmespath",
        }
    }
}

/// The heading of the example, which is the last part.
const EXAMPLE: &str = "\nExample\n";

impl Topic<'_> {
    /// Its group.
    #[must_use]
    pub const fn group(&self) -> Group {
        match self {
            Self::StepType(_) => Group::StepTypes,
            Self::Identity(_) => Group::Identities,
            Self::Block(..) => Group::Blocks,
            Self::Function(_) => Group::Functions,
            Self::Query(_) => Group::Queries,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::StepType(schema) => schema.name,
            Self::Identity(schema) => schema.name,
            Self::Block(block, _) => block.name,
            Self::Function(docs) => docs.name,
            Self::Query(docs) => docs.name,
        }
    }

    /// The explanation in one line.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        match self {
            Self::StepType(schema) => schema.summary(),
            Self::Identity(schema) => schema.summary(),
            Self::Block(block, _) => block.summary(),
            Self::Function(docs) => docs.description,
            Self::Query(docs) => docs.description,
        }
    }

    /// The explanation for people.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::StepType(schema) => step_type::text(schema),
            Self::Identity(schema) => identity_kind::text(schema),
            Self::Block(block, added) => block::text(block, *added),
            Self::Function(docs) => function::text(docs),
            Self::Query(docs) => function::query_text(docs),
        }
    }

    /// The explanation for people, in lines of at most `columns` columns; an example keeps its lines.
    #[must_use]
    pub fn flowed(&self, columns: usize) -> String {
        let text = self.text();
        match text.find(EXAMPLE) {
            Some(at) => flowed(&text[..at], columns) + &text[at..],
            None => flowed(&text, columns),
        }
    }

    /// The same for tools.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::StepType(schema) => step_type::json(schema),
            Self::Identity(schema) => identity_kind::json(schema),
            Self::Block(block, added) => block::json(block, *added),
            Self::Function(docs) => function::json(docs),
            Self::Query(docs) => function::query_json(docs),
        }
    }
}

/// Everything that can be explained, group by group.
#[must_use]
pub fn topics(registry: &Registry) -> Vec<Topic<'_>> {
    let step_types = registry.iter().map(|step_type| Topic::StepType(step_type.schema()));
    let identities = registry.identities().map(|kind| Topic::Identity(kind.schema()));
    let of_records = |block: &BlockType| {
        let is_record = block.name == RECORD_BLOCK.name;
        registry.record_stores().filter(|_| is_record).map(|kind| kind.schema())
    };
    let blocks = BLOCKS.into_iter().map(|block| Topic::Block(block, of_records(block)));
    let functions = function_docs().into_iter().map(Topic::Function);
    let queries = jmespath::functions().map(Topic::Query);
    step_types.chain(identities).chain(blocks).chain(functions).chain(queries).collect()
}

/// Everything that `asked` names: a name, or one after the word of its group; when it names nothing, a phrase about what was
/// meant.
pub fn find<'a>(asked: &str, registry: &'a Registry) -> Result<Vec<Topic<'a>>, Option<String>> {
    let is_named = |topic: &Topic<'_>, name: &str| topic.name() == name;
    let found: Vec<_> = topics(registry).into_iter().filter(|topic| is_named(topic, asked)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let group = asked.split_once(char::is_whitespace).and_then(|(word, name)| {
        let group = Group::ALL.into_iter().find(|group| group.word() == word)?;
        Some((group, name.trim()))
    });
    let name = group.map_or(asked, |(_, name)| name);
    let is_of_group = |topic: &Topic<'_>| group.is_none_or(|(group, _)| topic.group() == group);
    let candidates: Vec<_> = topics(registry).into_iter().filter(is_of_group).collect();
    let hint = did_you_mean(name, candidates.iter().map(Topic::name));
    let found: Vec<_> = candidates.into_iter().filter(|topic| is_named(topic, name)).collect();
    if found.is_empty() { Err(hint) } else { Ok(found) }
}
