//! Authentication and authorization in a storage account.

use hyper::StatusCode;

use super::answer::{error, error_with};
use super::{AccountRequest, Blobs};
use crate::access::Permission;
use crate::clock;
use crate::exchange::{Answer, Call, Refused};
use crate::names;
use crate::token::{Claims, Refusal};
use crate::world::Account;

/// First version in which a request without a valid token gets a `WWW-Authenticate` challenge.
const CHALLENGES_SINCE: &str = "2019-12-12";
/// First version that accepts tokens.
const TOKENS_SINCE: &str = "2017-11-09";

/// A permission that a blob operation needs.
#[derive(Clone, Copy, Debug)]
pub(super) enum BlobPermission {
    ReadContainer,
    WriteContainer,
    DeleteContainer,
    ReadBlob,
    WriteBlob,
    DeleteBlob,
}

impl BlobPermission {
    fn permission(self) -> Permission<'static> {
        match self {
            Self::ReadContainer => {
                Permission::Action("Microsoft.Storage/storageAccounts/blobServices/containers/read")
            }
            Self::WriteContainer => {
                Permission::Action("Microsoft.Storage/storageAccounts/blobServices/containers/write")
            }
            Self::DeleteContainer => {
                Permission::Action("Microsoft.Storage/storageAccounts/blobServices/containers/delete")
            }
            Self::ReadBlob => {
                Permission::DataAction("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read")
            }
            Self::WriteBlob => Permission::DataAction(
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
            ),
            Self::DeleteBlob => Permission::DataAction(
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
            ),
        }
    }
}

impl AccountRequest<'_> {
    /// Refuses the request unless the caller has `permission` at the account; at the container too, if the request
    /// is about the one of this name.
    pub(super) fn requires(self, container: Option<&str>, permission: BlobPermission) -> Result<(), Refused> {
        let account = &self.account.id;
        let scope = container.map_or_else(
            || account.clone(),
            |name| format!("{account}/blobServices/default/containers/{name}"),
        );
        if self.access.allows(self.claims.oid, permission.permission(), &scope) {
            return Ok(());
        }
        Err(self.refused(
            StatusCode::FORBIDDEN,
            "AuthorizationPermissionMismatch",
            "This request is not authorized to perform this operation using this permission.",
        ))
    }
}

impl Blobs {
    /// Returns the caller's claims, if the token is valid and for this account. The refusal depends on
    /// `x-ms-version`.
    pub(super) fn caller(&self, account: &Account, call: &Call) -> Result<Claims, Refused> {
        let version = call.header("x-ms-version").unwrap_or_default();
        if !version.is_empty() && !names::is_date(version) {
            let message = "The value for one of the HTTP headers is not in the correct format.";
            let more = format!(
                "<HeaderName>x-ms-version</HeaderName><HeaderValue>{}</HeaderValue>",
                super::answer::escape(version)
            );
            let status = StatusCode::BAD_REQUEST;
            return Err(Box::new(error_with(status, "InvalidHeaderValue", message, call.id, &more)));
        }
        let Some(token) = call.bearer() else { return Err(self.stranger(version, call)) };
        if version < TOKENS_SINCE {
            let message = "Server failed to authenticate the request. Make sure the value of Authorization header is \
                           formed correctly including the signature.";
            let detail = "<AuthenticationErrorDetail>Authentication scheme Bearer is not supported in this version.\
                          </AuthenticationErrorDetail>";
            let status = StatusCode::FORBIDDEN;
            return Err(Box::new(error_with(status, "AuthenticationFailed", message, call.id, detail)));
        }
        let claims = self.context.issuer.verify(token, clock::seconds()).map_err(|refusal| {
            self.unauthenticated(
                version,
                call,
                match refusal {
                    Refusal::Expired => "Lifetime validation failed. The token is expired.",
                    Refusal::NotYetValid => "Lifetime validation failed. The token is not yet valid.",
                    Refusal::Invalid => "Signature validation failed. Signature key not found.",
                },
            )
        })?;
        if !self.context.audiences.is_account(&self.context.azure, &account.name, &claims.aud) {
            return Err(self.unauthenticated(
                version,
                call,
                "Audience validation failed. Audience did not match.",
            ));
        }
        Ok(claims)
    }

    fn stranger(&self, version: &str, call: &Call) -> Refused {
        let message = "Server failed to authenticate the request. Please refer to the information in the \
                       www-authenticate header.";
        self.challenge(
            version,
            call,
            error(StatusCode::UNAUTHORIZED, "NoAuthenticationInformation", message, call.id),
        )
    }

    fn unauthenticated(&self, version: &str, call: &Call, detail: &str) -> Refused {
        let message = "Server failed to authenticate the request. Please refer to the information in the \
                       www-authenticate header.";
        let more = format!("<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>");
        let answer =
            error_with(StatusCode::UNAUTHORIZED, "InvalidAuthenticationInfo", message, call.id, &more);
        self.challenge(version, call, answer)
    }

    fn challenge(&self, version: &str, call: &Call, answer: Answer) -> Refused {
        if version < CHALLENGES_SINCE {
            let message = "The specified resource does not exist.";
            return Box::new(error(StatusCode::NOT_FOUND, "ResourceNotFound", message, call.id));
        }
        let challenge = format!(
            "Bearer authorization_uri=https://login.microsoftonline.com/{}/oauth2/authorize \
             resource_id=https://storage.azure.com",
            self.context.world.tenant_id
        );
        Box::new(answer.header("www-authenticate", challenge))
    }
}
