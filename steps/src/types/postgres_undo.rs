//! Undoes the changes of `postgres_query`.

use arcbook_engine::step::{
    Action, Arg, Change, Credential, FileRead, Receipt, Safety, Statement, StepError, Text, Tls,
};
use arcbook_engine::value::{Data, Entries, Value};

use super::postgres_login::{Login, password_of};
use super::postgres_statement::{BYTES, FurtherStatement, ROWS};
use crate::azure::Azure;
use crate::postgres::{self, Query, Server, Way};
use crate::session::{Session, Sql};
use crate::undo::Undo;

/// The words of libpq for the protection of a connection.
const PROTECTIONS: [Tls; 3] = [Tls::VerifyFull, Tls::Require, Tls::Disable];

/// Returns the proof of a change that `undo` takes back, for the record: where, as whom and with what.
pub(super) fn proof(login: Login<'_>, server: &Server, undo: &FurtherStatement) -> Result<Value, StepError> {
    let parameters = undo.parameters.as_ref().map(Arg::get).transpose()?;
    let parameters = parameters.map(|values| values.children().cloned().collect::<Vec<_>>());
    let file = login.password_file.map(Arg::get).transpose()?;
    Ok(Value::object([
        ("host", Value::from(server.host.as_str())),
        ("port", Value::from(i64::from(server.port))),
        ("database", Value::from(server.database.as_str())),
        ("user", Value::from(server.user.as_str())),
        ("tls", Value::from(server.tls.as_str())),
        ("password_file", file.map_or(Value::NULL, |path| Value::from(path.as_str()))),
        ("statement", Value::from(undo.statement.get()?.as_str())),
        ("parameters", Value::tuple(parameters.unwrap_or_default())),
    ]))
}

/// A statement that takes back what another one changed.
pub(super) struct PostgresUndo {
    server: Server,
    /// The file with the password; a token is the password if there is none.
    password_file: Option<String>,
    statement: String,
    parameters: Vec<Value>,
    credential: Credential,
}

impl PostgresUndo {
    /// Returns the undoing of the change of a receipt; none if the receipt does not say enough.
    pub fn of(azure: &Azure, receipt: &Receipt) -> Option<Self> {
        receipt.change.filter(|change| *change != Change::None)?;
        let (Data::Object(proof) | Data::Map(_, proof)) = receipt.proof.as_ref()?.data() else { return None };
        let password_file = text(proof, "password_file");
        let credential = match password_file {
            Some(_) => Credential::Password,
            None => Credential::Token(postgres::audience(azure.cloud())),
        };
        Some(Self {
            server: server(proof)?,
            password_file,
            statement: text(proof, "statement")?,
            parameters: proof.get("parameters")?.children().cloned().collect(),
            credential,
        })
    }

    fn read(&self) -> Option<Action> {
        let path = self.password_file.as_deref()?;
        Some(Action::read_file(FileRead::state(path.into(), "password_file")))
    }

    fn change(&self) -> Action {
        let Server { host, port, database, user, tls, .. } = &self.server;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let statement = Statement {
            host: format!("{host}:{port}").into(),
            database: database.as_str().into(),
            user: user.as_str().into(),
            tls: *tls,
            credential: self.credential.clone(),
            text: Text::from(self.statement.as_str()),
        };
        Action::sql(statement, Safety::Idempotent)
    }
}

fn text(proof: &Entries, name: &str) -> Option<String> {
    proof.get(name)?.as_str().map(str::to_owned)
}

/// Reads the server of a proof.
fn server(proof: &Entries) -> Option<Server> {
    let Data::Number(port) = proof.get("port")?.data() else { return None };
    let tls = text(proof, "tls")?;
    Some(Server {
        host: text(proof, "host")?,
        port: u16::try_from(port.to_i64()?).ok()?,
        database: text(proof, "database")?,
        user: text(proof, "user")?,
        tls: PROTECTIONS.into_iter().find(|own| own.as_str() == tls)?,
        asks: None,
        password: None,
    })
}

impl Undo for PostgresUndo {
    fn actions(&self) -> Vec<Action> {
        self.read().into_iter().chain([self.change()]).collect()
    }

    async fn run(&self, session: &Session) -> Result<Change, StepError> {
        let mut server = self.server.clone();
        if let Some(read) = self.read() {
            server.password = Some(password_of(session, &read, &server).await?);
        }
        let query = Query {
            text: self.statement.clone(),
            parameters: self.parameters.clone(),
            way: Way::Transaction,
            timeout: None,
            most_rows: ROWS,
            most_bytes: BYTES,
        };
        let answer = session.query(&self.change(), Sql { server, query, holds_secret: false }).await?;
        Ok(if answer.count == 0 { Change::None } else { Change::Updated })
    }
}
