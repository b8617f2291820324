//! Azure Resource Manager: what the subscription holds, for those who may see it.

mod address;
mod answer;
mod authorization;
mod cloud;
mod filter;
mod machine;
mod render;
mod resources;
mod subscriptions;

use std::sync::Arc;

use hyper::{Method, StatusCode};
use uuid::Uuid;

use address::Address;
pub(crate) use answer::error;

use crate::access::Permission;
use crate::clock;
use crate::estate::Estate;
use crate::exchange::{Answer, Call, Refused};
use crate::names;
use crate::paging::Links;
use crate::token::{Claims, Refusal};

/// `management.localhost`
pub(crate) struct Arm {
    estate: Arc<Estate>,
    links: Links,
}

impl Arm {
    pub(crate) fn new(estate: &Arc<Estate>) -> Self {
        Self { estate: Arc::clone(estate), links: Links::default() }
    }

    pub(crate) fn handle(&self, call: &Call) -> Answer {
        let mut answer = self.route(call).unwrap_or_else(|refused| *refused);
        if call.method == Method::HEAD && answer.status == StatusCode::OK {
            // Whether something is there is all that is asked.
            answer = Answer::new(StatusCode::NO_CONTENT);
        }
        answer::with_ids(answer, call)
    }

    fn route(&self, call: &Call) -> Result<Answer, Refused> {
        let segments = call.segments();
        if let Some(document) = cloud::document(&segments, &self.estate.azure) {
            has_version(call)?;
            return Ok(Answer::json(StatusCode::OK, &document));
        }
        let claims = self.caller(call)?;
        has_version(call)?;
        let address = Address::of(&segments);
        if let Some(subscription) = address.subscription() {
            self.has_subscription(subscription)?;
        }
        if !matches!(call.method, Method::GET | Method::HEAD) {
            return Err(self.refuse_change(call, &claims));
        }
        match address {
            Address::Subscriptions => Ok(self.subscriptions(&claims)),
            Address::Subscription { .. } => self.subscription(&claims),
            Address::TagNames { .. } => self.tag_names(&claims),
            Address::Groups { .. } => self.groups(call, &claims),
            Address::Group { group, .. } => self.group(&claims, group),
            Address::Resources { group, .. } => self.resources(call, &claims, group),
            Address::RoleAssignments { scope } => self.role_assignments(call, &claims, &scope),
            Address::Path { path, .. } => self.by_path(call, &claims, &path),
            Address::Unknown => Err(answer::refused(
                StatusCode::NOT_FOUND,
                "InvalidResourceType",
                &format!("The resource type could not be found at '{}'.", call.path),
            )),
        }
    }

    /// Who calls, by a token that is good and for ARM.
    fn caller(&self, call: &Call) -> Result<Claims, Refused> {
        let unauthorized = |code: &str, message: &str| {
            let tenant = self.estate.world.tenant_id;
            let challenge = format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
                 error_description=\"{message}\""
            );
            Box::new(error(StatusCode::UNAUTHORIZED, code, message).header("www-authenticate", challenge))
        };
        let Some(token) = call.bearer() else {
            let message = "Authentication failed. The 'Authorization' header is missing the access token.";
            return Err(unauthorized("AuthenticationFailedMissingToken", message));
        };
        let claims = self.estate.issuer.verify(token, clock::seconds()).map_err(|refusal| match refusal {
            Refusal::Expired => unauthorized(
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time is earlier than now.",
            ),
            Refusal::Invalid | Refusal::NotYetValid => {
                unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
            }
        })?;
        if !self.estate.audiences.is_arm(&claims.aud) {
            let message = format!(
                "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with \
                 one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
                claims.aud
            );
            return Err(unauthorized("InvalidAuthenticationTokenAudience", &message));
        }
        Ok(claims)
    }

    fn has_subscription(&self, subscription: &str) -> Result<(), Refused> {
        if subscription.eq_ignore_ascii_case(&self.estate.world.subscription_id.to_string()) {
            return Ok(());
        }
        if subscription.parse::<Uuid>().is_ok() {
            let message = format!("The subscription '{subscription}' could not be found.");
            return Err(answer::refused(StatusCode::NOT_FOUND, "SubscriptionNotFound", &message));
        }
        let message =
            format!("The provided subscription identifier '{subscription}' is malformed or invalid.");
        Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidSubscriptionId", &message))
    }

    /// Refuses what the caller may not do at `scope`.
    fn requires(&self, claims: &Claims, action: &str, scope: &str) -> Result<(), Refused> {
        if self.estate.world.assignments.allows(claims.oid, Permission::Action(action), scope) {
            return Ok(());
        }
        let message = format!(
            "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
             '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            claims.appid, claims.oid
        );
        Err(answer::refused(StatusCode::FORBIDDEN, "AuthorizationFailed", &message))
    }

    /// The lab's ARM changes nothing; who may not is told so first, as by ARM.
    fn refuse_change(&self, call: &Call, claims: &Claims) -> Refused {
        let verb = match call.method {
            Method::DELETE => "delete",
            Method::POST => "action",
            _ => "write",
        };
        let action = address::action(&call.segments(), verb);
        let scope = call.path.trim_end_matches('/');
        self.requires(claims, &action, scope).err().unwrap_or_else(|| {
            let message =
                format!("The HTTP method '{}' is not supported at scope '{scope}' by this lab.", call.method);
            answer::refused(StatusCode::METHOD_NOT_ALLOWED, "HttpMethodNotSupported", &message)
        })
    }
}

fn has_version(call: &Call) -> Result<(), Refused> {
    let version = call.query.get("api-version").unwrap_or_default();
    if version.is_empty() {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(answer::refused(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message));
    }
    if !names::is_date(version.strip_suffix("-preview").unwrap_or(version)) {
        let message =
            format!("The api-version '{version}' is invalid. Expected is yyyy-MM-dd, or that with -preview.");
        return Err(answer::refused(StatusCode::BAD_REQUEST, "InvalidApiVersionParameter", &message));
    }
    Ok(())
}
