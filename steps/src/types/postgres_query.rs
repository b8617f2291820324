//! The step type `postgres_query`.

use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Choice, Effect, Outputs, Response, Safety, Statement,
    StepError, Text, Title, Whole,
};
use arcbook_engine::value::{Data, Value};

use super::postgres_login::{Host, Login, Port, TlsMode};
use crate::azure::Azure;
use crate::postgres::{self, Connection, Query, Way};
use crate::session::{Session, Sql};
use crate::step::{Done, TypedStep};

/// The limits of a result, unless the arguments raise them.
const ROWS: usize = 10_000;
const BYTES: usize = 16 << 20;

/// Executes one statement in a PostgreSQL database and returns its rows.
///
/// The server refuses every change unless `effect = "changes"` declares it: the statement then runs in a transaction
/// that is committed once all rows have arrived, so a failure before that changes nothing. arcbook cannot undo a
/// statement.
///
/// The connection comes from `host`, `database` and `user`, or from `connection`. TLS and the certificate of the server
/// are always verified, with the authorities of the system or of `SSL_CERT_FILE`; only the argument `tls` weakens that,
/// and the plan shows it. A statement whose transaction met another one, or whose server stopped, starts, is full or lost
/// the connection, is tried again, as long as nothing can have been changed.
///
/// Values belong into `parameters`, not into the text of the statement, where each could be any command.
#[derive(Arguments, Debug)]
#[arguments(at_most_one(password, password_file, entra_token))]
pub struct PostgresQuery {
    /// Connection in one text: a URI (`postgresql://…`), libpq's keywords, or the command line of `psql`.
    ///
    /// A command line is read as data and never run: it may have `-h`, `-p`, `-U`, `-d`, their long forms, a database, a
    /// user, and `PGHOST=…` and the like before it. A text with a password must be sensitive; its host, port, database and
    /// user are shown in the plan and the record all the same. An `sslmode` in it never weakens TLS.
    connection: Option<Arg<Connection>>,
    /// Host name or address of the server; beside `connection`, the only one that is accepted.
    host: Option<Arg<Host>>,
    /// Port of the server; defaults to 5432. Beside `connection`, the only one that is accepted.
    port: Option<Arg<Port>>,
    /// Name of the database; beside `connection`, the only one that is accepted.
    database: Option<Arg<String>>,
    /// Name of the user; beside `connection`, the only one that is accepted.
    user: Option<Arg<String>>,
    /// Password of the user.
    #[argument(sensitive)]
    password: Option<Arg<String>>,
    /// File with passwords in the format of libpq's `.pgpass`, which nobody else may read (mode 0600).
    ///
    /// The first line that matches the host, the port, the database and the user counts. As for libpq, a password in
    /// `connection` comes before it.
    password_file: Option<Arg<String>>,
    /// True to use a token of the identity as the password, for Azure Database for PostgreSQL.
    ///
    /// The user is then the name of the identity's role in the database. A token is sent only to servers of Azure whose
    /// certificate is verified.
    entra_token: Option<Arg<bool>>,
    /// Protection of the connection; defaults to `verify-full`.
    tls: Option<Arg<TlsMode>>,
    /// Statement, with `$1`, `$2` and so on for parameters.
    ///
    /// It is a single statement that neither controls the transaction nor is `COPY`.
    statement: Arg<String>,
    /// Values of the parameters: a list.
    ///
    /// The server derives their types from the statement. Text is read as a literal of the type; for `bytea` it is
    /// base64, for `json` it is JSON. Lists become arrays or JSON, objects become JSON.
    parameters: Option<Arg<Value>>,
    /// Effect of the statement; defaults to `reads`, and then the server refuses changes.
    effect: Option<Arg<SqlEffect>>,
    /// True if repeating the statement has no further effect; defaults to false.
    ///
    /// arcbook repeats such a statement if its outcome is unknown, as after a crash.
    idempotent: Option<Arg<bool>>,
    /// False for a statement that cannot run in a transaction, such as `VACUUM`; defaults to true.
    transaction: Option<Arg<bool>>,
    /// Time after which the server ends the statement; defaults to the server's own setting.
    statement_timeout: Option<Arg<Duration>>,
    /// Maximum number of rows, beyond which the step fails; defaults to 10000.
    max_rows: Option<Arg<Whole<1, 1_000_000>>>,
    /// Maximum size of all rows as the server sends them, in bytes; defaults to 16777216 (16 MiB).
    max_bytes: Option<Arg<Whole<1, 268_435_456>>>,
}

/// The effect of a statement.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlEffect {
    /// The statement changes nothing: `plan -live` runs it, and it may be repeated freely.
    Reads,
    /// The statement changes something.
    Changes,
}

/// The outputs of `postgres_query`.
#[derive(Outputs)]
pub struct Queried {
    /// Rows in order: objects with a member for each column.
    ///
    /// Integers, `numeric` and floating-point numbers are exact numbers, or text if no number is (`NaN`, more than 150
    /// digits). `json` is parsed, arrays are lists, composite types are objects, `bytea` is base64. Everything else is text:
    /// dates and times as ISO 8601, in UTC if they have a time zone. The step fails before it runs a statement with a column
    /// of another type.
    #[output(from(statement, parameters), body = "rows")]
    rows: Value,
    /// Number of rows that the statement returned or changed.
    #[output(from(statement, parameters))]
    row_count: i64,
    /// Columns in order: objects with the `name` and the `type` of each.
    #[output(from(statement, parameters))]
    columns: Value,
}

impl PostgresQuery {
    fn login(&self) -> Login<'_> {
        Login {
            connection: self.connection.as_ref(),
            host: self.host.as_ref(),
            port: self.port.as_ref(),
            database: self.database.as_ref(),
            user: self.user.as_ref(),
            password: self.password.as_ref(),
            password_file: self.password_file.as_ref(),
            entra_token: self.entra_token.as_ref(),
            tls: self.tls.as_ref(),
        }
    }

    fn action(&self, azure: &Azure) -> Action {
        let login = self.login();
        let statement = Statement {
            host: login.server_text(),
            database: login.database_text(),
            user: login.user_text(),
            tls: login.tls(),
            credential: login.credential(azure),
            text: Text::new().then_parts(&self.statement, Clone::clone),
        };
        Action::sql(statement, self.safety())
    }

    /// Returns the safety of the statement; an argument that is not known yet counts as the worst case.
    fn safety(&self) -> Safety {
        let is_read = self.effect.as_ref().is_none_or(|effect| effect.value() == Some(&SqlEffect::Reads));
        if is_read {
            Safety::Reads
        } else if self.idempotent.as_ref().and_then(Arg::value) == Some(&true) {
            Safety::Idempotent
        } else {
            Safety::Once
        }
    }

    fn query(&self) -> Result<Query, StepError> {
        let is_bare = self.transaction.as_ref().map(Arg::get).transpose()? == Some(&false);
        let limit = |limit: i64| usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = self.max_rows.as_ref().map(Arg::get).transpose()?.map(|most| limit(most.get()));
        let bytes = self.max_bytes.as_ref().map(Arg::get).transpose()?.map(|most| limit(most.get()));
        let parameters = self.parameters.as_ref().map(Arg::get).transpose()?;
        Ok(Query {
            text: self.statement.get()?.clone(),
            parameters: parameters.map(|values| values.children().cloned().collect()).unwrap_or_default(),
            way: match self.safety() {
                Safety::Reads => Way::ReadOnly,
                Safety::Idempotent | Safety::Once if is_bare => Way::Bare,
                Safety::Idempotent | Safety::Once => Way::Transaction,
            },
            timeout: self.statement_timeout.as_ref().map(Arg::get).transpose()?.copied(),
            most_rows: rows.unwrap_or(ROWS),
            most_bytes: bytes.unwrap_or(BYTES),
        })
    }

    fn check_statement(&self) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        if let Some(unfit) = self.statement.value().and_then(|statement| postgres::check_statement(statement))
        {
            errors.push(ArgumentError::new("statement", unfit.message).help(unfit.help));
        }
        let is_list =
            |value: &Value| matches!(value.data(), Data::List(..) | Data::Tuple(_) | Data::Unknown(_));
        if !self.parameters.as_ref().and_then(Arg::value).is_none_or(is_list) {
            errors.push(ArgumentError::new("parameters", "must be a list"));
        }
        if self.transaction.as_ref().and_then(Arg::value) == Some(&false) && self.safety() == Safety::Reads {
            let error = ArgumentError::new("transaction", "must be true for a statement that reads");
            errors.push(error.help("only in a transaction does the server refuse every change"));
        }
        errors
    }
}

impl TypedStep for PostgresQuery {
    const TYPE: &'static str = "postgres_query";
    const EXAMPLE: &'static str = r#"step "keyvault_secret" "psql" {
  vault = "arcmi00000000"
  name  = "psql-cmd"
}

step "postgres_query" "orders" {
  connection = step.keyvault_secret.psql.value
  statement  = "SELECT id, total FROM orders WHERE state = $1"
  parameters = ["open"]
}

output "orders" {
  value = step.postgres_query.orders.rows
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const RESPONSE: Response = Response::Of(&["statement", "parameters"]);
    const LASTING: Option<&'static str> = Some("the effect of a statement cannot be undone");
    type Output = Queried;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        self.login().check(azure).into_iter().chain(self.check_statement()).collect()
    }

    fn title(&self) -> Title {
        let login = self.login();
        let weakness = login.tls().weakness().map(|weakness| format!(" {weakness}")).unwrap_or_default();
        let place = format!("at {}{weakness}", login.server_text());
        Title::new("database").named(&login.database_text()).placed(place)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        self.login().password_file().into_iter().chain([self.action(azure)]).collect()
    }

    async fn run(&self, session: &Session) -> Result<Done<Queried>, StepError> {
        let action = self.action(session.azure());
        let server = self.login().server(session).await?;
        let holds_secret =
            self.statement.is_sensitive() || self.parameters.as_ref().is_some_and(Arg::is_sensitive);
        let answer = session.query(&action, Sql { server, query: self.query()?, holds_secret }).await?;
        let column = |(name, ty): (String, String)| {
            Value::object([("name", Value::string(name)), ("type", Value::string(ty))])
        };
        let rows = Value::tuple(answer.rows);
        let output = Queried {
            rows: rows.clone(),
            row_count: i64::try_from(answer.count).unwrap_or(i64::MAX),
            columns: Value::tuple(answer.columns.into_iter().map(column)),
        };
        let change = if action.is_read() { Change::None } else { Change::Updated };
        Ok(Done::changed(output, change).body(Value::object([("rows", rows)])))
    }
}

const _: () = assert!(
    ROWS == 10_000 && BYTES == 16_777_216,
    "the documentation of `postgres_query` states these limits"
);
