//! The step type `postgres_query`.

use std::time::Duration;

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Choice, Effect, Existing, Outputs, Part, Power, Receipt,
    Response, Safety, Statement, StepError, Text, Title, Whole,
};
use arcbook_engine::value::Value;

use super::postgres_login::{Host, Login, Port, TlsMode};
use super::postgres_statement::{BYTES, FurtherStatement, ROWS, check_parameters, check_statement};
use super::postgres_undo::{PostgresUndo, proof};
use crate::azure::Azure;
use crate::postgres::{Answer, Connection, Query, Server, Way};
use crate::session::{Session, Sql};
use crate::step::{Done, TypedStep};
use crate::undo::Undo;

/// Executes one statement in a PostgreSQL database and returns its rows.
///
/// The server refuses every change unless `effect = "changes"` declares it: the statement then runs in a transaction
/// that is committed once all rows have arrived, so a failure before that changes nothing. arcbook cannot tell the opposite
/// of a statement: the block `undo` has it, and `unless` has a query that tells whether the statement is needed.
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
    #[argument(sink = "login")]
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
    #[argument(sensitive, sink = "login")]
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
    #[argument(sink = "statement")]
    statement: Arg<String>,
    /// Values of the parameters: a list.
    ///
    /// The server derives their types from the statement. Text is read as a literal of the type; for `bytea` it is
    /// base64, for `json` it is JSON. Lists become arrays or JSON, objects become JSON.
    #[argument(sink = "parameter")]
    parameters: Option<Arg<Value>>,
    /// Effect of the statement; defaults to `reads`, and then the server refuses changes.
    effect: Option<Arg<SqlEffect>>,
    /// True if repeating the statement has no further effect; defaults to false.
    ///
    /// arcbook repeats such a statement if its outcome is unknown, as after a crash.
    idempotent: Option<Arg<bool>>,
    /// A query that tells whether the statement is needed: if it returns a row, the statement is not executed.
    unless: Option<Arg<FurtherStatement>>,
    /// The opposite of the statement, which `arcbook undo` executes if the statement changed a row.
    ///
    /// It logs in with `password_file` or `entra_token`, because the record of a run has no password, but the statement and
    /// its parameters. Repeating it must have no further effect.
    undo: Option<Arg<FurtherStatement>>,
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

/// The outputs of `postgres_query`; there are no rows if `unless` kept the statement from being executed.
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
    /// Host name or address of the server.
    #[output(from(host))]
    host: String,
    /// Port of the server.
    #[output(from(port))]
    port: i64,
    /// Name of the database.
    #[output(from(database))]
    database: String,
    /// Name of the user.
    #[output(from(user))]
    user: String,
}

impl Queried {
    fn of(server: &Server, answer: Answer) -> Self {
        let column = |(name, ty): (String, String)| {
            Value::object([("name", Value::string(name)), ("type", Value::string(ty))])
        };
        Self {
            rows: Value::tuple(answer.rows),
            row_count: i64::try_from(answer.count).unwrap_or(i64::MAX),
            columns: Value::tuple(answer.columns.into_iter().map(column)),
            host: server.host.clone(),
            port: server.port.into(),
            database: server.database.clone(),
            user: server.user.clone(),
        }
    }

    fn done(self, change: Change) -> Done<Self> {
        let body = Value::object([("rows", self.rows.clone())]);
        Done::changed(self, change).body(body)
    }
}

/// The reason why the effect of a statement is unknown.
const UNTOLD: &str = "a statement cannot be asked for its effect: add a block `unless`";

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

    fn sql(&self, azure: &Azure, statement: &Arg<String>, safety: Safety) -> Action {
        let login = self.login();
        let statement = Statement {
            host: login.server_text(),
            database: login.database_text(),
            user: login.user_text(),
            tls: login.tls(),
            credential: login.credential(azure),
            text: Text::new().then_parts(statement, Clone::clone),
        };
        Action::sql(statement, safety)
    }

    fn action(&self, azure: &Azure) -> Action {
        self.sql(azure, &self.statement, self.safety())
    }

    /// Returns the query of `unless`, if there is one.
    fn condition(&self, azure: &Azure) -> Option<Action> {
        let unless = self.unless.as_ref()?.value()?;
        Some(self.sql(azure, &unless.statement, Safety::Reads))
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

    fn way(&self) -> Result<Way, StepError> {
        let is_bare = self.transaction.as_ref().map(Arg::get).transpose()? == Some(&false);
        Ok(match self.safety() {
            Safety::Reads => Way::ReadOnly,
            Safety::Idempotent | Safety::Once if is_bare => Way::Bare,
            Safety::Idempotent | Safety::Once => Way::Transaction,
        })
    }

    fn query(
        &self,
        way: Way,
        text: &Arg<String>,
        parameters: Option<&Arg<Value>>,
    ) -> Result<Query, StepError> {
        let limit = |limit: i64| usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = self.max_rows.as_ref().map(Arg::get).transpose()?.map(|most| limit(most.get()));
        let bytes = self.max_bytes.as_ref().map(Arg::get).transpose()?.map(|most| limit(most.get()));
        let parameters = parameters.map(Arg::get).transpose()?;
        Ok(Query {
            text: text.get()?.clone(),
            parameters: parameters.map(|values| values.children().cloned().collect()).unwrap_or_default(),
            way,
            timeout: self.statement_timeout.as_ref().map(Arg::get).transpose()?.copied(),
            most_rows: rows.unwrap_or(ROWS),
            most_bytes: bytes.unwrap_or(BYTES),
        })
    }

    fn check_statements(&self) -> Vec<ArgumentError> {
        let mut errors = check_statement("statement", &self.statement);
        errors.extend(check_parameters("parameters", self.parameters.as_ref()));
        let is_read = self.safety() == Safety::Reads;
        if self.transaction.as_ref().and_then(Arg::value) == Some(&false) && is_read {
            let error = ArgumentError::new("transaction", "must be true for a statement that reads");
            errors.push(error.help("only in a transaction does the server refuse every change"));
        }
        for (name, further) in [("unless", &self.unless), ("undo", &self.undo)] {
            let Some(further) = further else { continue };
            if is_read {
                let error = ArgumentError::new(name, "must not be given for a statement that reads");
                errors.push(error.help("declare `effect = \"changes\"`, or leave out the block"));
            }
            errors.extend(further.value().into_iter().flat_map(|further| further.check(name)));
        }
        errors.extend(self.undo.as_ref().and_then(Arg::value).and_then(|undo| self.check_undo(undo)));
        errors
    }

    /// Returns the error of an undo that the record of a run could not hold.
    fn check_undo(&self, undo: &FurtherStatement) -> Option<ArgumentError> {
        let takes_token = self.entra_token.as_ref().and_then(Arg::value) == Some(&true);
        if self.password_file.is_none() && !takes_token {
            let error = ArgumentError::new("undo", "requires `password_file` or `entra_token`");
            return Some(error.help("the record of a run has no password, so an undo could not log in"));
        }
        let is_secret = undo.is_sensitive() || self.password_file.as_ref().is_some_and(Arg::is_sensitive);
        let error = || ArgumentError::new("undo", "must not contain a sensitive value");
        is_secret.then(|| error().help("the record of a run holds the statement and its parameters").secret())
    }

    /// Adds the proof from which the change can be undone, if the runbook says how.
    fn with_proof(
        &self,
        done: Done<Queried>,
        session: &Session,
        server: &Server,
    ) -> Result<Done<Queried>, StepError> {
        let Some(undo) = self.undo.as_ref().filter(|_| !session.is_sensitive()) else { return Ok(done) };
        Ok(done.receipt(proof(self.login(), server, undo.get()?)?))
    }

    /// Logs in and executes one of the statements.
    async fn execute(
        &self,
        session: &Session,
        action: &Action,
        (query, holds_secret): (Query, bool),
    ) -> Result<(Server, Queried), StepError> {
        let server = self.login().server(session).await?;
        let answer = session.query(action, Sql { server: server.clone(), query, holds_secret }).await?;
        let output = Queried::of(&server, answer);
        Ok((server, output))
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
    const POWER: Power = Power::Code;
    const RESPONSE: Response = Response::Of(&["statement", "parameters"]);
    const FINDS: bool = true;
    const LASTING: Option<&'static str> = Some("its statement cannot be undone without a block `undo`");
    type Output = Queried;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        self.login().check(azure).into_iter().chain(self.check_statements()).collect()
    }

    fn title(&self) -> Title {
        let login = self.login();
        let weakness = login.tls().weakness().map(|weakness| format!(" {weakness}")).unwrap_or_default();
        let (database, server) = (login.database_text(), login.server_text());
        // One text, such as a secret, may name all of it.
        if let Some(gap) = database.only_gap()
            && server.parts().iter().any(|part| matches!(part, Part::Unknown(_)))
            && server.parts().iter().all(|part| match part {
                Part::Unknown(own) => own.origins == gap.origins,
                part => *part == Part::Known(":".to_owned()),
            })
        {
            let title = Title { name: gap.origins.found(), ..Title::new("database") };
            return title.placed(weakness.trim());
        }
        Title::new("database").named(&database).placed(format!("at {server}{weakness}"))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let reads = self.login().password_file().into_iter().chain(self.condition(azure));
        reads.chain([self.action(azure)]).collect()
    }

    fn undo_actions(&self, azure: &Azure) -> Vec<Action> {
        let undo = self.undo.as_ref().and_then(Arg::value);
        undo.map(|undo| self.sql(azure, &undo.statement, Safety::Idempotent)).into_iter().collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Queried>>, StepError> {
        let (Some(unless), Some(condition)) = (&self.unless, self.condition(session.azure())) else {
            return Ok(Existing::unknown(UNTOLD));
        };
        let unless = unless.get()?;
        let query = self.query(Way::ReadOnly, &unless.statement, unless.parameters.as_ref())?;
        let (server, found) = self.execute(session, &condition, (query, unless.is_sensitive())).await?;
        if found.row_count == 0 {
            return Ok(Existing::Absent);
        }
        let nothing = Queried::of(&server, Answer::default());
        Ok(Existing::AsWanted(match session.before() {
            None => nothing.done(Change::None),
            // An earlier run or attempt found that the statement was needed, and was killed when it had executed it.
            Some(_) => self.with_proof(nothing.done(Change::Updated), session, &server)?,
        }))
    }

    async fn run(&self, session: &Session) -> Result<Done<Queried>, StepError> {
        let action = self.action(session.azure());
        let holds_secret =
            self.statement.is_sensitive() || self.parameters.as_ref().is_some_and(Arg::is_sensitive);
        let query = self.query(self.way()?, &self.statement, self.parameters.as_ref())?;
        let (server, output) = self.execute(session, &action, (query, holds_secret)).await?;
        if action.is_read() {
            return Ok(output.done(Change::None));
        }
        let has_changed = output.row_count > 0;
        let done = output.done(Change::Updated);
        if has_changed { self.with_proof(done, session, &server) } else { Ok(done) }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        PostgresUndo::of(azure, receipt)
    }
}

const _: () = assert!(
    ROWS == 10_000 && BYTES == 16_777_216,
    "the documentation of `postgres_query` states these limits"
);
