//! Parses a query.

use serde_json::Value;

use super::functions;
use super::lexer::{Token, error, tokens};
use super::syntax::{Column, Comparison, Expression, Operator, Order, Query, QueryError, Table};

/// The deepest nesting of an expression.
const DEEPEST: usize = 64;

const TOO_DEEP: &str = "the expression is nested too deeply";

/// Parses a query.
pub(crate) fn parse(text: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), depth: 0 };
    let table = parser.table()?;
    let mut operators = Vec::new();
    while parser.takes("|") {
        operators.push(parser.operator()?);
    }
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("`|` or the end"));
    }
    Ok(Query { table, operators })
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }

    fn unexpected(&self, wanted: &str) -> QueryError {
        error(format!("expected is {wanted}"), self.place())
    }

    /// Takes a symbol, or a word in any case, if it is next.
    fn takes(&mut self, wanted: &str) -> bool {
        let is_next = match self.peek() {
            Some(Token::Symbol(symbol)) => *symbol == wanted,
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        self.at += usize::from(is_next);
        is_next
    }

    fn needs(&mut self, wanted: &str) -> Result<(), QueryError> {
        if self.takes(wanted) { Ok(()) } else { Err(self.unexpected(&format!("`{wanted}`"))) }
    }

    fn word(&mut self, wanted: &str) -> Result<String, QueryError> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    /// Reads the table; a query without one is about resources.
    fn table(&mut self) -> Result<Table, QueryError> {
        let place = self.place();
        if matches!(self.peek(), Some(Token::Word(word)) if OPERATORS.contains(&word.to_ascii_lowercase().as_str()))
        {
            // `where …` without a table: the first operator follows as if after a bar.
            self.tokens.insert(self.at, (place, Token::Symbol("|")));
            return Ok(Table::Resources);
        }
        let name = self.word("a table")?;
        match name.to_ascii_lowercase().as_str() {
            "resources" => Ok(Table::Resources),
            "resourcecontainers" => Ok(Table::ResourceContainers),
            _ => Err(error("the tables are resources and resourcecontainers", place)),
        }
    }

    fn operator(&mut self) -> Result<Operator, QueryError> {
        let place = self.place();
        let name = self.word("an operator")?.to_ascii_lowercase();
        match name.as_str() {
            "where" => self.expression().map(Operator::Where),
            "project" => self.columns().map(Operator::Project),
            "extend" => self.columns().map(Operator::Extend),
            "distinct" => self.columns().map(Operator::Distinct),
            "project-away" => {
                let mut names = vec![self.word("a column")?];
                while self.takes(",") {
                    names.push(self.word("a column")?);
                }
                Ok(Operator::ProjectAway(names))
            }
            "order" | "sort" => {
                self.needs("by")?;
                self.orders().map(Operator::Sort)
            }
            "take" | "limit" => self.number().map(Operator::Take),
            "count" => Ok(Operator::Count),
            "summarize" => self.summarize(),
            _ => Err(error(format!("the operators are {}", OPERATORS.join(", ")), place)),
        }
    }

    fn number(&mut self) -> Result<usize, QueryError> {
        let number = match self.peek() {
            Some(Token::Number(number)) if number.fract() == 0.0 => format!("{number:.0}").parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.unexpected("a whole number"))?;
        self.at += 1;
        Ok(number)
    }

    fn columns(&mut self) -> Result<Vec<Column>, QueryError> {
        let mut columns = vec![self.column()?];
        while self.takes(",") {
            columns.push(self.column()?);
        }
        Ok(columns)
    }

    /// Reads `name = expression`, or an expression that names its column.
    fn column(&mut self) -> Result<Column, QueryError> {
        if let (Some(Token::Word(name)), Some((_, Token::Symbol("=")))) =
            (self.peek().cloned(), self.tokens.get(self.at + 1))
        {
            self.at += 2;
            return Ok(Column { name, value: self.expression()? });
        }
        let value = self.expression()?;
        Ok(Column { name: name_of(&value), value })
    }

    fn orders(&mut self) -> Result<Vec<Order>, QueryError> {
        let mut orders = Vec::new();
        loop {
            let value = self.expression()?;
            let ascending = self.takes("asc");
            if !ascending {
                self.takes("desc");
            }
            orders.push(Order { value, ascending });
            if !self.takes(",") {
                return Ok(orders);
            }
        }
    }

    fn summarize(&mut self) -> Result<Operator, QueryError> {
        let mut counts = Vec::new();
        loop {
            let mut name = "count_".to_owned();
            if let (Some(Token::Word(own)), Some((_, Token::Symbol("=")))) =
                (self.peek().cloned(), self.tokens.get(self.at + 1))
            {
                self.at += 2;
                name = own;
            }
            let place = self.place();
            if !self.takes("count") {
                return Err(error("the only aggregation is count()", place));
            }
            self.needs("(")?;
            self.needs(")")?;
            counts.push(name);
            if !self.takes(",") {
                break;
            }
        }
        let by = if self.takes("by") { self.columns()? } else { Vec::new() };
        Ok(Operator::Summarize { counts, by })
    }

    fn expression(&mut self) -> Result<Expression, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(error(TOO_DEEP, self.place()));
        }
        let any = self.joined("or", Self::conjunction, Expression::Any)?;
        self.depth -= 1;
        Ok(any)
    }

    fn conjunction(&mut self) -> Result<Expression, QueryError> {
        self.joined("and", Self::comparison, Expression::All)
    }

    /// Reads conditions with a word between them. They are one list: thousands of them are not nested.
    fn joined(
        &mut self,
        word: &str,
        condition: fn(&mut Self) -> Result<Expression, QueryError>,
        all: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, QueryError> {
        let first = condition(self)?;
        if !self.takes(word) {
            return Ok(first);
        }
        let mut conditions = vec![first, condition(self)?];
        while self.takes(word) {
            conditions.push(condition(self)?);
        }
        Ok(all(conditions))
    }

    fn comparison(&mut self) -> Result<Expression, QueryError> {
        let left = self.value()?;
        for (symbol, comparison, negated) in COMPARISONS {
            if self.takes(symbol) {
                let compared = Expression::Compare(comparison, Box::new(left), Box::new(self.value()?));
                return Ok(if negated { Expression::Not(Box::new(compared)) } else { compared });
            }
        }
        for (word, comparison, negated) in MEMBERSHIPS {
            if self.takes(word) {
                self.needs("(")?;
                let found = Expression::In(comparison, Box::new(left), self.list()?);
                return Ok(if negated { Expression::Not(Box::new(found)) } else { found });
            }
        }
        Ok(left)
    }

    /// Reads expressions up to the closing parenthesis.
    fn list(&mut self) -> Result<Vec<Expression>, QueryError> {
        let mut items = Vec::new();
        if self.takes(")") {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.takes(")") {
                return Ok(items);
            }
            self.needs(",")?;
        }
    }

    fn value(&mut self) -> Result<Expression, QueryError> {
        let mut value = self.primary()?;
        for _ in 0..DEEPEST {
            if self.takes(".") {
                value = Expression::Member(Box::new(value), self.word("a member")?);
            } else if self.takes("[") {
                value = Expression::Index(Box::new(value), Box::new(self.expression()?));
                self.needs("]")?;
            } else {
                return Ok(value);
            }
        }
        Err(error(TOO_DEEP, self.place()))
    }

    fn primary(&mut self) -> Result<Expression, QueryError> {
        let place = self.place();
        if self.takes("(") {
            let inner = self.expression()?;
            self.needs(")")?;
            return Ok(inner);
        }
        let token = self.peek().cloned().ok_or_else(|| self.unexpected("a value"))?;
        self.at += 1;
        match token {
            Token::Text(text) => Ok(Expression::Literal(text.into())),
            Token::Number(number) => Ok(Expression::Literal(number.into())),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Expression::Literal(true.into())),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Expression::Literal(false.into())),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Ok(Expression::Literal(Value::Null)),
            Token::Word(word) if self.takes("(") => {
                let arguments = self.list()?;
                if word.eq_ignore_ascii_case("not") && arguments.len() == 1 {
                    return Ok(Expression::Not(Box::new(arguments.into_iter().next().unwrap_or(NULL))));
                }
                let name = functions::named(&word, arguments.len()).map_err(|reason| error(reason, place))?;
                Ok(Expression::Call(name, arguments))
            }
            Token::Word(word) => Ok(Expression::Name(word)),
            Token::Symbol(_) => Err(error("expected is a value", place)),
        }
    }
}

const NULL: Expression = Expression::Literal(Value::Null);

const OPERATORS: [&str; 11] = [
    "where",
    "project",
    "project-away",
    "extend",
    "distinct",
    "order",
    "sort",
    "take",
    "limit",
    "count",
    "summarize",
];

const COMPARISONS: [(&str, Comparison, bool); 16] = [
    ("==", Comparison::Equal, false),
    ("!=", Comparison::Equal, true),
    ("=~", Comparison::EqualIgnoringCase, false),
    ("!~", Comparison::EqualIgnoringCase, true),
    ("<=", Comparison::LessOrEqual, false),
    (">=", Comparison::GreaterOrEqual, false),
    ("<", Comparison::Less, false),
    (">", Comparison::Greater, false),
    ("contains", Comparison::Contains, false),
    ("!contains", Comparison::Contains, true),
    ("startswith", Comparison::StartsWith, false),
    ("!startswith", Comparison::StartsWith, true),
    ("endswith", Comparison::EndsWith, false),
    ("!endswith", Comparison::EndsWith, true),
    ("has", Comparison::Has, false),
    ("!has", Comparison::Has, true),
];

const MEMBERSHIPS: [(&str, Comparison, bool); 4] = [
    ("in", Comparison::Equal, false),
    ("!in", Comparison::Equal, true),
    ("in~", Comparison::EqualIgnoringCase, false),
    ("!in~", Comparison::EqualIgnoringCase, true),
];

/// Returns the name of a column that has no name of its own: `properties.status` is `properties_status`.
fn name_of(value: &Expression) -> String {
    match value {
        Expression::Name(name) => name.clone(),
        Expression::Member(of, name) => format!("{}_{name}", name_of(of)),
        _ => "Column1".to_owned(),
    }
}
