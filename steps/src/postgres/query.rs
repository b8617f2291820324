//! Runs one statement.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::value::Value;
use futures::TryStreamExt as _;
use rustls::ClientConfig;
use tokio_postgres::{Client, Column};

use super::decode::{self, Raw};
use super::parameter::Parameter;
use super::server::{CancelOnDrop, Driver, Server};
use super::{Failed, Failure, Stage};
use crate::json;
use crate::process::Reaper;

/// A statement with the values of its parameters.
pub(crate) struct Query {
    pub text: String,
    pub parameters: Vec<Value>,
    pub way: Way,
    /// The time after which the server ends the statement; none for its own setting.
    pub timeout: Option<Duration>,
    pub most_rows: usize,
    pub most_bytes: usize,
}

/// The way in which a statement is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In a transaction in which the server refuses every change.
    ReadOnly,
    /// In a transaction that is committed once all rows have arrived.
    Transaction,
    /// By itself: some statements cannot run in a transaction.
    Bare,
}

/// The result of a statement.
#[derive(Default)]
pub(crate) struct Answer {
    pub columns: Vec<(String, String)>,
    pub rows: Vec<Value>,
    /// The number of rows that the statement returned or changed.
    pub count: u64,
}

/// The time in which a connection says goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// Connects to `server` and runs `query` once.
///
/// If the future is dropped, the server is asked to cancel the statement.
pub(crate) async fn run(
    server: &Server,
    config: ClientConfig,
    query: &Query,
    reaper: &Arc<Reaper>,
) -> Result<Answer, Failed> {
    let early = |failure| Failed { failure, stage: Stage::Before };
    let (client, driver, connector) = server.connect(config).await.map_err(early)?;
    let guard = CancelOnDrop::new(client.cancel_token(), server, connector, reaper);
    let done = driven(client, driver, query).await;
    guard.ended();
    done
}

/// Runs the statement while `driver` serves the connection.
async fn driven(client: Client, driver: Driver, query: &Query) -> Result<Answer, Failed> {
    let mut driver = Box::pin(driver);
    let mut work = Box::pin(work(&client, query));
    let ended = tokio::select! {
        biased;
        done = &mut work => {
            drop(work);
            drop(client);
            drop(tokio::time::timeout(FAREWELL, driver).await);
            return done;
        }
        ended = &mut driver => ended,
    };
    // Without its driver, the statement learns that nothing more will arrive.
    drop(driver);
    match (work.await, ended) {
        // The error of the connection says more than that of the statement.
        (Err(Failed { failure: Failure::Broken(_), stage }), Err(error)) => {
            Err(Failed { failure: Failure::of(error, false), stage })
        }
        (done, _) => done,
    }
}

async fn work(client: &Client, query: &Query) -> Result<Answer, Failed> {
    let before = |error| Failed { failure: Failure::of(error, false), stage: Stage::Before };
    let running = |failure| Failed { failure, stage: query.way.running() };
    let beginning = beginning(query);
    if !beginning.is_empty() {
        client.batch_execute(&beginning).await.map_err(before)?;
    }
    let answer = {
        let statement = client.prepare(&query.text).await.map_err(before)?;
        let unusable = |failure| Failed { failure, stage: Stage::Before };
        check_columns(statement.columns()).map_err(unusable)?;
        let parameters = parameters(query, statement.params()).map_err(unusable)?;
        let rows = client.query_raw(&statement, parameters).await;
        let rows = rows.map_err(|error| running(Failure::of(error, false)))?;
        read(rows, statement.columns(), query).await.map_err(running)?
    };
    if query.way == Way::Transaction {
        let committing = |error| Failed { failure: Failure::of(error, false), stage: Stage::Committing };
        client.batch_execute("COMMIT").await.map_err(committing)?;
    }
    Ok(answer)
}

impl Way {
    fn running(self) -> Stage {
        match self {
            Self::ReadOnly | Self::Transaction => Stage::Before,
            Self::Bare => Stage::Running,
        }
    }
}

/// Returns the statements that precede that of the step.
fn beginning(query: &Query) -> String {
    let mut text = match query.way {
        Way::ReadOnly => "BEGIN TRANSACTION READ ONLY;".to_owned(),
        Way::Transaction => "BEGIN TRANSACTION;".to_owned(),
        Way::Bare => String::new(),
    };
    if let Some(timeout) = query.timeout {
        let local = if query.way == Way::Bare { "" } else { "LOCAL " };
        // Zero would mean no limit.
        let milliseconds = timeout.as_millis().clamp(1, i32::MAX.cast_unsigned().into());
        // Writing to a text does not fail.
        let _ = write!(text, "SET {local}statement_timeout = {milliseconds};");
    }
    if query.way == Way::ReadOnly {
        // After a query, the statement cannot make the transaction writable.
        text.push_str("SELECT 1;");
    }
    text
}

fn check_columns(columns: &[Column]) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    for column in columns {
        let name = column.name();
        if !names.insert(name) {
            return Err(Failure::unusable(
                format!("two columns are named `{name}`"),
                "Each row becomes an object, which has each name once.",
                "name the columns differently: `SELECT a.id AS a_id, b.id AS b_id`",
            ));
        }
        if !decode::is_readable(column.type_()) {
            return Err(Failure::unusable(
                format!("the column `{name}` has the type {}, which cannot be read", column.type_().name()),
                "Nothing was changed.",
                &format!("read it as text: `{name}::text`"),
            ));
        }
    }
    Ok(())
}

fn parameters(query: &Query, types: &[tokio_postgres::types::Type]) -> Result<Vec<Parameter>, Failure> {
    let (given, wanted) = (query.parameters.len(), types.len());
    if given != wanted {
        return Err(Failure::Parameters(format!(
            "the statement has {wanted} {}, and {given} are given",
            if wanted == 1 { "parameter" } else { "parameters" }
        )));
    }
    let parameter = |(at, (value, ty))| {
        Parameter::of(value, ty)
            .map_err(|reason| Failure::Parameters(format!("parameter ${} {reason}", at + 1)))
    };
    query.parameters.iter().zip(types).enumerate().map(parameter).collect()
}

/// Reads the rows, up to the limits.
async fn read(rows: tokio_postgres::RowStream, columns: &[Column], query: &Query) -> Result<Answer, Failure> {
    let names: Vec<Arc<str>> = columns.iter().map(|column| column.name().into()).collect();
    let (mut rows, mut all) = (pin!(rows), Vec::new());
    let (mut bytes, mut values) = (0, 0);
    while let Some(row) = rows.try_next().await.map_err(|error| Failure::of(error, false))? {
        if all.len() == query.most_rows {
            return Err(too_many("max_rows", &format!("{} rows", query.most_rows)));
        }
        bytes += row.raw_size_bytes();
        if bytes > query.most_bytes {
            return Err(too_many("max_bytes", &format!("{} bytes", query.most_bytes)));
        }
        let mut members = Vec::with_capacity(columns.len());
        for (at, (column, name)) in columns.iter().zip(&names).enumerate() {
            let Ok(Raw(raw)) = row.try_get(at) else { return Err(malformed(column)) };
            // Each element of an array and each member of JSON needs memory too.
            values += 1 + raw.map_or(0, |raw| raw.len() / 32);
            members.push((
                Arc::clone(name),
                decode::value(column.type_(), raw).ok_or_else(|| malformed(column))?,
            ));
        }
        if values > json::MOST_VALUES {
            return Err(too_many("max_rows", &format!("{} values", json::MOST_VALUES)));
        }
        all.push(Value::object(members));
    }
    let columns = columns.iter().map(|column| (column.name().to_owned(), column.type_().name().to_owned()));
    let count = rows.rows_affected().unwrap_or_default();
    Ok(Answer { columns: columns.collect(), rows: all, count })
}

fn malformed(column: &Column) -> Failure {
    Failure::unusable(
        format!("a value of the column `{}` is not of its type {}", column.name(), column.type_().name()),
        "The server sent it in another format.",
        &format!("read it as text: `{}::text`", column.name()),
    )
}

fn too_many(argument: &'static str, limit: &str) -> Failure {
    Failure::TooMany { argument, limit: limit.to_owned() }
}
