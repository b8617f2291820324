//! Remedies for a service's refusal.

use arcbook_engine::step::{Permission, Plane, Roles as _};

use super::super::{Asked, Peer};
use super::facts::{fill, quoted_after};
use super::row::{Remedy, Row};
use super::{agent, anyone, arm, blob, entra, graph, guarded, key_vault};
use crate::cloud::Service;
use crate::roles;

/// The clock skew, in seconds, above which valid tokens look invalid.
const SKEW: i64 = 300;

/// An error response of a service.
#[derive(Clone, Copy)]
pub(in crate::http) struct Refused<'a> {
    pub status: u16,
    /// The codes, from the outermost to the most specific one.
    pub codes: &'a [String],
    /// The service's words about the cause; empty if there are none.
    pub message: &'a str,
    /// The targets of the error, from the outermost to the most specific one.
    pub targets: &'a [String],
    /// The policies that it names.
    pub policies: &'a [String],
    /// True if the response is an HTML page, which no service sends.
    pub is_page: bool,
    /// The seconds by which this machine's clock is ahead of the service's.
    pub clock: i64,
}

/// Returns the remedies for a refusal: those of its most specific code that has any, else those of its
/// status.
pub(in crate::http) fn of_refusal(asked: &Asked, refused: &Refused<'_>) -> Vec<String> {
    let is_about_time = match asked.peer {
        Peer::Entra => entra::is_about_time(refused),
        _ => refused.status == 401,
    };
    if is_about_time && refused.clock.abs() > SKEW {
        return vec![clock(refused.clock)];
    }
    if asked.peer == Peer::Entra
        && let Some(help) = entra::of_codes(asked, refused)
    {
        return help;
    }
    let own: &[Row] = match asked.peer {
        Peer::Agent => agent::ROWS,
        Peer::Azure(Service::Arm) => arm::ROWS,
        Peer::Azure(Service::KeyVault) => key_vault::ROWS,
        Peer::Azure(Service::Blob) => blob::ROWS,
        Peer::Azure(Service::Graph) => graph::ROWS,
        Peer::Azure(Service::Postgres | Service::Own) | Peer::Vm | Peer::Entra | Peer::Other => &[],
    };
    let told = told(refused.message);
    let codes = told.iter().map(String::as_str).chain(refused.codes.iter().rev().map(String::as_str));
    let mut known = codes.filter_map(|code| Row::find(own, code).or_else(|| shared(code)));
    match known.next() {
        Some(Remedy::Role) => missing_role(&asked.needs),
        Some(Remedy::Words(words)) => words.iter().map(|words| fill(words, asked, refused)).collect(),
        None => of_status(asked, refused),
    }
}

/// Returns the remedy of a code that several services share.
fn shared(code: &str) -> Option<&'static Remedy> {
    [anyone::ROWS, guarded::ROWS].into_iter().find_map(|table| Row::find(table, code))
}

/// Returns the codes in the text of a message; the error's fields may have none or only a general one.
fn told(message: &str) -> Vec<String> {
    let is_numbered = |word: &str, prefix: &str| {
        let number = word.strip_prefix(prefix);
        number.is_some_and(|number| number.len() >= 5 && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = message.split(|character: char| !character.is_ascii_alphanumeric());
    let numbered = words.filter(|word| is_numbered(word, "AKV") || is_numbered(word, "AADSTS"));
    let denied = quoted_after(message, "DenyAssignmentId: ").map(|_| "DeniedByDenyAssignment");
    let hinted = HINTS.iter().filter(|(words, _)| message.contains(words)).map(|(_, code)| *code);
    denied.into_iter().chain(numbered).chain(hinted).map(str::to_owned).collect()
}

/// Phrases that older versions of services use instead of a specific code.
const HINTS: &[(&str, &str)] = &[
    ("Client address is not authorized", "ForbiddenByFirewall"),
    ("Public network access is disabled", "ForbiddenByConnection"),
    ("is not an approved private link", "ForbiddenByConnection"),
    ("forbidden by NSP policy", "ForbiddenByNsp"),
    ("secrets get permission", "AccessDenied"),
    ("secrets list permission", "AccessDenied"),
    ("secrets set permission", "AccessDenied"),
];

fn of_status(asked: &Asked, refused: &Refused<'_>) -> Vec<String> {
    let outside = asked.peer != Peer::Agent;
    let help = match refused.status {
        400 | 401 if asked.peer == Peer::Entra && !refused.is_page => {
            "check `tenant` and `client_id`, and look up the code in the message: https://login.microsoftonline.com/error"
        }
        400 if asked.peer == Peer::Vm && asked.audience.is_none() => {
            "set `api_version` to a version that the metadata service has"
        }
        400 | 404 if asked.peer == Peer::Vm => {
            "check that the virtual machine has this identity: az vm identity show --ids RESOURCE_ID"
        }
        401 => return unauthenticated(asked, refused),
        413 if outside => {
            "the request is too large for the service, or for a proxy or gateway in between: send less in one request, or ask the operator of the proxy or gateway for a higher limit"
        }
        407 => "set the proxy's user name and password in HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT",
        400..=499 if refused.is_page && outside => {
            "services do not return HTML pages: a proxy or firewall in between refused the request; ask its operator to allow this host, or set HTTPS_PROXY to the right proxy"
        }
        404 if asked.peer == Peer::Azure(Service::Arm) => {
            "check the path; a resource that the identity cannot read is also reported as not found"
        }
        404 if !outside => {
            "the machine does not have this identity: check that it is connected: azcmagent show"
        }
        400 if !outside => "check the audience of the token: Azure accepts exactly one spelling",
        429 if outside => "the service throttles requests: run again later, or with a lower `-parallelism`",
        408 | 500..=599 if outside && refused.is_page => {
            "a gateway or proxy in between, or the service, is failing: run again later, and check the health of both"
        }
        408 | 500..=599 if outside => "the service is failing: run again later, and check its health",
        300..=399 => "redirects are not followed: look for a proxy or sign-in page in between",
        403 if outside => {
            "the service refused this for its own reason: read its message, or look up its error code in the service's documentation"
        }
        _ if !outside => "check that the agent is connected to Azure: azcmagent show",
        _ => return Vec::new(),
    };
    vec![help.to_owned()]
}

fn clock(ahead: i64) -> String {
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    format!(
        "set this machine's clock, which is {} seconds {side} the service's: the difference makes valid tokens look expired",
        ahead.abs()
    )
}

fn unauthenticated(asked: &Asked, refused: &Refused<'_>) -> Vec<String> {
    let words = refused.message.to_ascii_lowercase();
    let help = match &asked.audience {
        Some(_) if refused.is_page => {
            "services do not return HTML pages: a proxy or sign-in page in between requires authentication; set HTTPS_PROXY to the right proxy".to_owned()
        }
        Some(audience) if words.contains("audience") => {
            format!("the service does not accept tokens for {audience}; check that the right cloud is selected")
        }
        Some(_) if words.contains("issuer") || words.contains("tenant") => {
            "the resource is in another tenant than this machine's identity".to_owned()
        }
        Some(_) => {
            "check whether the identity still exists and the service accepts its tenant; of an Arc-enabled machine, whether it is still connected: azcmagent show".to_owned()
        }
        None => return Vec::new(),
    };
    vec![help]
}

fn missing_role(needs: &[Permission]) -> Vec<String> {
    let Some(need) = needs.first() else { return Vec::new() };
    if need.plane == Plane::Directory {
        return vec![
            format!(
                "give the identity the application permission {} of Microsoft Graph, with the consent of an administrator",
                need.action
            ),
            "or make the identity an owner of the group".to_owned(),
        ];
    }
    let (action, data) = (&need.action, need.plane == Plane::Data);
    let kind = if data { "data action" } else { "action" };
    let suggestion = roles::built_in().at_scopes(std::slice::from_ref(need));
    let role = suggestion.iter().flat_map(|scope| &scope.roles).next().map_or_else(
        || format!("a role that has the {kind} {action}"),
        |role| format!("the role \"{}\", which has the {kind} {action}", role.name),
    );
    let mut help = vec![
        format!("give the machine's identity {role}"),
        "a new role assignment takes up to ten minutes to take effect".to_owned(),
    ];
    if data {
        help.push(
            "Owner, Contributor and Reader do not include it: they cover resources, not data".to_owned(),
        );
    }
    help
}

#[cfg(test)]
pub(super) mod tests;
