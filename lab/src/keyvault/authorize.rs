//! Authentication and authorization in a vault.

use hyper::StatusCode;

use super::{VaultRequest, Vaults, answer};
use crate::access::Permission;
use crate::clock;
use crate::exchange::{Call, Refused};
use crate::hosts::Naming;
use crate::token::{Claims, Refusal};
use crate::world::{SecretPermission, Vault};

const PUBLIC_RESOURCE: &str = "https://vault.azure.net";

impl Vaults {
    /// Returns the caller's claims, if the token is valid and for Key Vault; otherwise a challenge.
    pub(super) fn caller(&self, naming: Naming, call: &Call) -> Result<Claims, Refused> {
        let resource = match naming {
            Naming::Local => self.context.azure.vault_resource(),
            Naming::Public => PUBLIC_RESOURCE.to_owned(),
        };
        let unauthorized = |message: &str| {
            let tenant = self.context.world.tenant_id;
            let challenge = format!(
                "Bearer authorization=\"https://login.windows.net/{tenant}\", resource=\"{resource}\""
            );
            let answer = answer::error(StatusCode::UNAUTHORIZED, "Unauthorized", message);
            Box::new(answer.header("www-authenticate", challenge))
        };
        let Some(token) = call.bearer() else {
            return Err(unauthorized("AKV10000: Request is missing a Bearer or PoP token."));
        };
        let claims = self.context.issuer.verify(token, clock::seconds()).map_err(|refusal| {
            unauthorized(match refusal {
                Refusal::Expired => "AKV10046: Unable to validate the token: its lifetime is over.",
                Refusal::NotYetValid => "AKV10046: Unable to validate the token: it is not valid yet.",
                Refusal::Invalid => "AKV10046: Unable to resolve the key used for signature validation.",
            })
        })?;
        if !self.context.audiences.is_vault(&claims.aud) {
            let message = format!("AKV10022: Invalid audience. Expected {resource}, found: {}.", claims.aud);
            return Err(unauthorized(&message));
        }
        Ok(claims)
    }
}

impl Vaults {
    /// Refuses the request unless the caller has `permission`, by roles or by access policies as the vault is
    /// configured. Roles count at the vault; at the secret too, if the request is about the one of this name.
    pub(super) fn requires(
        &self,
        request: VaultRequest<'_>,
        secret: Option<&str>,
        permission: SecretPermission,
    ) -> Result<(), Refused> {
        self.requires_as(request, secret, permission, data_action(permission))
    }

    /// Refuses the request unless the caller has `permission`, which roles call `secrets/{operation}`.
    pub(super) fn requires_as(
        &self,
        request: VaultRequest<'_>,
        secret: Option<&str>,
        permission: SecretPermission,
        operation: &str,
    ) -> Result<(), Refused> {
        if request.vault.rbac {
            let vault = &request.vault.id;
            let scope = secret.map_or_else(|| vault.clone(), |name| format!("{vault}/secrets/{name}"));
            let action = format!("Microsoft.KeyVault/vaults/secrets/{operation}");
            return self.requires_role(request, &action, &scope);
        }
        let granted = self.context.policies.grant(request.index, request.claims.oid, permission);
        if granted { Ok(()) } else { Err(request.denied_by_policy("secrets", word(permission))) }
    }

    /// Refuses the request unless the caller may read certificates; `permission` is `get` or `list`.
    pub(super) fn requires_certificates(
        &self,
        request: VaultRequest<'_>,
        permission: &str,
    ) -> Result<(), Refused> {
        if request.vault.rbac {
            let action = "Microsoft.KeyVault/vaults/certificates/read";
            return self.requires_role(request, action, &request.vault.id);
        }
        let policies = &self.context.policies;
        let granted = policies.grant_certificates(request.index, request.claims.oid, permission);
        if granted { Ok(()) } else { Err(request.denied_by_policy("certificates", permission)) }
    }

    fn requires_role(&self, request: VaultRequest<'_>, action: &str, scope: &str) -> Result<(), Refused> {
        let permission = Permission::DataAction(action);
        let allowed = self.context.access.allows(request.claims.oid, permission, scope);
        if allowed { Ok(()) } else { Err(request.denied_by_rbac(action, scope)) }
    }
}

impl VaultRequest<'_> {
    fn denied_by_rbac(self, action: &str, scope: &str) -> Refused {
        let message = format!(
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role \
             definitions were changed recently, please observe propagation time.\r\nCaller: {}\r\nAction: \
             '{action}'\r\nResource: '{}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: \
             'DeniedWithNoValidRBAC' \r\nVault: {}\r\n",
            self.caller(),
            scope.to_lowercase(),
            vault_and_location(self.vault),
        );
        answer::refused_because(StatusCode::FORBIDDEN, "Forbidden", "ForbiddenByRbac", &message)
    }

    fn denied_by_policy(self, kind: &str, permission: &str) -> Refused {
        let message = format!(
            "The user, group or application '{}' does not have {kind} {permission} permission on key vault '{}'. For help \
             resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
            self.caller(),
            vault_and_location(self.vault),
        );
        answer::refused_because(StatusCode::FORBIDDEN, "Forbidden", "AccessDenied", &message)
    }

    fn caller(self) -> String {
        format!("appid={};oid={};iss={}", self.claims.appid, self.claims.oid, self.claims.iss)
    }
}

fn vault_and_location(vault: &Vault) -> String {
    format!("{};location={}", vault.name, vault.location)
}

fn word(permission: SecretPermission) -> &'static str {
    match permission {
        SecretPermission::All => "all",
        SecretPermission::Get => "get",
        SecretPermission::List => "list",
        SecretPermission::Set => "set",
        SecretPermission::Delete => "delete",
        SecretPermission::Recover => "recover",
        SecretPermission::Purge => "purge",
        SecretPermission::Backup => "backup",
        SecretPermission::Restore => "restore",
    }
}

/// Returns the operation that roles grant for a permission.
fn data_action(permission: SecretPermission) -> &'static str {
    match permission {
        SecretPermission::All | SecretPermission::Get => "getSecret/action",
        SecretPermission::List => "readMetadata/action",
        SecretPermission::Set => "setSecret/action",
        SecretPermission::Delete => "delete",
        SecretPermission::Recover => "recover/action",
        SecretPermission::Purge => "purge/action",
        SecretPermission::Backup => "backup/action",
        SecretPermission::Restore => "restore/action",
    }
}
