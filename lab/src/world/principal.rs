//! The identities of a tenant that can hold grants.

use uuid::Uuid;

use super::{ConditionalAccess, GraphPermission, SecretText};

/// An identity that can hold grants and get tokens.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    /// The label of its block.
    pub name: String,
    pub object_id: Uuid,
    pub client_id: Uuid,
    pub kind: PrincipalKind,
    /// Its application permissions of Microsoft Graph.
    pub graph: Vec<GraphPermission>,
    pub sign_in: SignIn,
}

/// The kind of a principal.
#[derive(Clone, Debug)]
pub(crate) enum PrincipalKind {
    /// The identity of one machine, which has this resource id.
    SystemAssigned(String),
    /// An identity of its own, with this resource id, that every machine of the world has.
    UserAssigned(String),
    /// The service principal of an application.
    Application,
}

/// A principal's credentials, with which it can get tokens anywhere, and what keeps it from that. Managed identities
/// have no secret and no certificate that anybody knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignIn {
    pub disabled: bool,
    pub conditional_access: Option<ConditionalAccess>,
    pub secrets: Vec<ClientSecret>,
    pub certificates: Vec<Certificate>,
    pub federated: Vec<FederatedCredential>,
}

#[derive(Clone, Debug)]
pub(crate) struct ClientSecret {
    pub value: SecretText,
    /// Unix seconds.
    pub expires: Option<i64>,
}

/// A registered certificate, reduced to what the check of an assertion needs.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// SHA-1 of the certificate, in base64url: `x5t`.
    pub sha1: String,
    /// SHA-256 of the certificate, in base64url: `x5t#S256`.
    pub sha256: String,
    /// SHA-1 of the certificate, in hexadecimal digits, as the portal shows it.
    pub thumbprint: String,
    /// The RSA key in the form of PKCS#1.
    pub key: Vec<u8>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
}

/// The tokens of another issuer that a principal accepts in place of a secret.
#[derive(Clone, Debug)]
pub(crate) struct FederatedCredential {
    pub name: String,
    pub issuer: String,
    pub subject: String,
    pub audience: String,
}

impl Principal {
    /// Returns the identity of the machine with this name and resource id.
    pub(crate) fn of_machine(name: &str, id: &str, object_id: Uuid, client_id: Uuid) -> Self {
        Self {
            name: name.to_owned(),
            object_id,
            client_id,
            kind: PrincipalKind::SystemAssigned(id.to_owned()),
            graph: Vec::new(),
            sign_in: SignIn::default(),
        }
    }

    /// Returns the id of the resource whose identity this is: of the machine, or of the identity itself.
    pub(crate) fn resource(&self) -> Option<&str> {
        match &self.kind {
            PrincipalKind::SystemAssigned(id) | PrincipalKind::UserAssigned(id) => Some(id),
            PrincipalKind::Application => None,
        }
    }
}
