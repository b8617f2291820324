//! The syntax tree of a query.

/// A query that the lab does not answer, with the reason and the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError {
    pub reason: String,
    /// Offset in the query, in bytes.
    pub at: usize,
}

/// The tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Resources,
    ResourceContainers,
}

#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub table: Table,
    pub(super) operators: Vec<Operator>,
}

#[derive(Clone, Debug)]
pub(super) enum Operator {
    Where(Expression),
    Project(Vec<Column>),
    ProjectAway(Vec<String>),
    Extend(Vec<Column>),
    Sort(Vec<Order>),
    Take(usize),
    Count,
    Distinct(Vec<Column>),
    /// The columns of the counts, and those that they are grouped by.
    Summarize {
        counts: Vec<String>,
        by: Vec<Column>,
    },
}

/// A column with its name.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub value: Expression,
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub value: Expression,
    pub ascending: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Literal(serde_json::Value),
    /// A column of the row.
    Name(String),
    Member(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    Call(&'static str, Vec<Expression>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// True if it is in the list, compared by the comparison.
    In(Comparison, Box<Expression>, Vec<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

/// The comparisons; the negated ones are [`Expression::Not`] of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    EqualIgnoringCase,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    StartsWith,
    EndsWith,
    /// Contains it as a whole word.
    Has,
}
