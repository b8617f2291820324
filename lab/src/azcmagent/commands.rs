//! The agent's part of each command: it signs in, and creates or deletes the machine's resource.

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::code;
use super::settings::Settings;
use crate::exchange::{Answer, Call};
use crate::himds::ConnectedMachine;
use crate::server::Services;
use crate::world::{Machine, Principal};

const MACHINES: &str = "Microsoft.HybridCompute/machines";
const API_VERSION: &str = "2024-07-10";

/// The end of a command: its exit code, its output, and true if it changed the agent's state.
struct Outcome(u8, String, bool);

/// A command that ended without success.
type Failed = Outcome;

fn failed(code: u8, message: impl Into<String>) -> Failed {
    Outcome(code, message.into(), false)
}

impl Services {
    /// Carries out the command of the program: `POST /azcmagent/COMMAND` with its settings.
    pub(crate) fn azcmagent(&self, call: &Call, command: &str) -> Answer {
        // A page in a browser cannot send this header to another host.
        if call.method != Method::POST || call.header("metadata") != Some("true") {
            return Answer::new(StatusCode::FORBIDDEN);
        }
        let Some(machine) = &self.context.world.machine else {
            return Answer::new(StatusCode::NOT_FOUND);
        };
        let outcome = match (Settings::read(&call.body), command) {
            (None, _) => Err(failed(code::BAD_CONFIG, "The configuration is not a JSON object.")),
            (Some(_), "show") => Ok(Outcome(code::DONE, self.shown(machine).to_string(), false)),
            (Some(settings), "connect") => self.connect(machine, &settings),
            (Some(settings), "disconnect") => self.disconnect(&settings),
            (Some(settings), "config") => self.configure(&settings),
            (Some(_), _) => Err(failed(code::BAD_ARGUMENT, "The command is unknown.")),
        };
        let Outcome(code, output, changed) = outcome.unwrap_or_else(|failed| failed);
        let answer = Answer::json(StatusCode::OK, &json!({ "code": code, "output": output }));
        if changed { answer.changed() } else { answer }
    }

    /// Returns the answer of `show -j`.
    fn shown(&self, machine: &Machine) -> Value {
        let world = &self.context.world;
        let proxy = self.context.agent.proxy();
        let mut shown = json!({
            "status": "Disconnected",
            "resourceName": "",
            "resourceGroup": "",
            "resourceId": "",
            "subscriptionId": "",
            "tenantId": "",
            "location": "",
            "agentVersion": machine.agent_version,
            "httpsProxy": proxy,
        });
        if let Some(own) = self.context.agent.connected() {
            let Machine { name, group, id, location, vm_id, .. } = &own.machine;
            for (member, value) in [
                ("status", json!("Connected")),
                ("resourceName", json!(name)),
                ("resourceGroup", json!(group)),
                ("resourceId", json!(id)),
                ("subscriptionId", json!(world.subscription_id)),
                ("tenantId", json!(world.tenant_id)),
                ("location", json!(location)),
                ("vmId", json!(vm_id)),
                ("lastHeartbeat", json!(crate::clock::iso(crate::clock::now()))),
            ] {
                shown[member] = value;
            }
        }
        shown
    }

    fn configure(&self, settings: &Settings) -> Result<Outcome, Failed> {
        let proxy = settings.get("proxy.url").ok_or_else(|| {
            failed(code::BAD_ARGUMENT, "The agent of the lab has the property proxy.url and no other.")
        })?;
        self.context.agent.set_proxy(proxy);
        Ok(Outcome(code::DONE, String::new(), false))
    }

    fn connect(&self, machine: &Machine, settings: &Settings) -> Result<Outcome, Failed> {
        if self.context.agent.connected().is_some() {
            return Err(failed(code::CONNECTED_ALREADY, "The machine is connected already."));
        }
        let required = |name: &str| {
            settings.get(name).ok_or_else(|| failed(code::NOTHING_GIVEN, format!("--{name} is required.")))
        };
        let subscription = required("subscription-id")?;
        let (group, location) = (required("resource-group")?, required("location")?);
        let name = settings.get("resource-name").unwrap_or(&machine.name);
        let token = self.credential(settings, settings.get("tenant-id"))?;
        let id = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{MACHINES}/{name}");
        match self.ask(Method::GET, &id, &token, Bytes::new()).status {
            StatusCode::OK => {
                return Err(failed(code::NAME_EXISTS, format!("A machine has the name {name}.")));
            }
            StatusCode::UNAUTHORIZED => return Err(refused_token()),
            // The answer to the next request says the reason.
            _ => {}
        }
        // Each connection makes another identity.
        let (object_id, client_id) = (Uuid::new_v4(), Uuid::new_v4());
        let body = json!({
            "location": location,
            "tags": settings.tags(),
            "identity": {
                "type": "SystemAssigned",
                "principalId": object_id,
                "tenantId": self.context.world.tenant_id,
            },
            "properties": {},
        });
        let answer = self.ask(Method::PUT, &id, &token, body.to_string().into());
        let resource = match answer.status {
            status if status.is_success() => document(&answer),
            StatusCode::UNAUTHORIZED => return Err(refused_token()),
            _ => return Err(failed(code::NOT_CREATED, message(&answer))),
        };
        let text = |member: &str| resource[member].as_str().unwrap_or_default().to_owned();
        let (id, location) = (text("id"), text("location"));
        self.arm.store.belongs_to_agent(&id);
        let group = id.split('/').nth(4).unwrap_or_default().to_owned();
        let machine = Machine {
            name: text("name"),
            id: id.clone(),
            group,
            location,
            tags: settings.tags(),
            ..machine.clone()
        };
        let principal = Principal::of_machine(&machine.name, &id, object_id, client_id);
        self.context.agent.set(Some(ConnectedMachine { machine, principal }));
        Ok(Outcome(code::DONE, "Connected machine to Azure".to_owned(), true))
    }

    fn disconnect(&self, settings: &Settings) -> Result<Outcome, Failed> {
        let Some(own) = self.context.agent.connected() else {
            return Err(failed(code::NOT_DISCONNECTED, "The machine is not connected."));
        };
        if !settings.is_on("force-local-only") {
            // The agent knows the tenant of its connection.
            let tenant = self.context.world.tenant_id.to_string();
            let token = self.credential(settings, Some(&tenant))?;
            let answer = self.ask(Method::DELETE, &own.machine.id, &token, Bytes::new());
            match answer.status {
                status if status.is_success() => {}
                StatusCode::UNAUTHORIZED => return Err(refused_token()),
                _ => return Err(failed(code::NOT_DELETED, message(&answer))),
            }
            // The identity of a machine ends with its resource.
            self.context.access.forget(own.principal.object_id);
        }
        self.context.agent.set(None);
        Ok(Outcome(code::DONE, "Disconnected machine from Azure".to_owned(), true))
    }

    /// Returns the token for ARM that is given, or that a service principal of `tenant` gets.
    fn credential(&self, settings: &Settings, tenant: Option<&str>) -> Result<String, Failed> {
        if let Some(token) = settings.get("access-token") {
            return Ok(token.to_owned());
        }
        let principal = ["service-principal-id", "service-principal-secret"].map(|name| settings.get(name));
        let ([Some(client), Some(secret)], Some(tenant)) = (principal, tenant) else {
            return Err(failed(code::NO_TOKEN, "Neither a token nor a service principal is given."));
        };
        let scope = format!("{}/.default", self.context.azure.arm_audience);
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", &scope),
        ];
        let encoded = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let url = format!("{}/{}/oauth2/v2.0/token", self.context.azure.login, encoded(tenant));
        let form = (HeaderValue::from_static("application/x-www-form-urlencoded"), form.join("&").into());
        let answer = self.send_own(Method::POST, &url, None, form);
        let document = document(&answer);
        match document["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(failed(code::NO_TOKEN, document["error_description"].as_str().unwrap_or_default())),
        }
    }

    /// Sends a request about the machine's resource to ARM.
    fn ask(&self, method: Method, id: &str, token: &str, body: Bytes) -> Answer {
        let url = format!("{}{id}?api-version={API_VERSION}", self.context.azure.arm);
        self.send_own(method, &url, Some(token), (HeaderValue::from_static("application/json"), body))
    }

    fn send_own(
        &self,
        method: Method,
        url: &str,
        token: Option<&str>,
        (kind, body): (HeaderValue, Bytes),
    ) -> Answer {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        if let Some(token) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            headers.insert(AUTHORIZATION, token);
        }
        let call = url.parse().ok().and_then(|uri: hyper::Uri| {
            let authority = uri.authority()?.to_string();
            Call::new(self.context.azure.scheme, authority, method, &uri, headers).ok()
        });
        match call {
            Some(call) => self.send(&Call { body, ..call }),
            // A setting that no URL can hold, such as a name with a space.
            None => Answer::new(StatusCode::BAD_REQUEST),
        }
    }
}

fn refused_token() -> Failed {
    failed(code::BAD_TOKEN, "The access token is not valid.")
}

fn document(answer: &Answer) -> Value {
    let body = answer.body.read().unwrap_or_default();
    serde_json::from_slice(&body).unwrap_or_default()
}

/// Returns the message of an answer of ARM.
fn message(answer: &Answer) -> String {
    let error = &document(answer)["error"];
    let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    format!("{} {}: {}", answer.status.as_u16(), part("code"), part("message"))
}
