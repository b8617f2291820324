//! The registry of step types, kinds of identities and places for records.

use std::sync::Arc;

use arcbook_engine::step::Registry;

use crate::azure::Azure;
use crate::identity::{
    AccessToken, AzureCli, ClientCertificate, ClientSecret, Environment, Kind, KindAdapter, Managed, Workload,
};
use crate::records::BlobRecordStores;
use crate::step::{Adapter, TypedStep};
use crate::types::{
    ArcAgent, ArcConnect, ArcDisconnect, ArcExtension, ArcMachine, ArcRunCommand, ArmAction, ArmDelete,
    ArmDeployment, ArmGet, ArmList, ArmResource, Assert, BlobContainer, BlobDelete, BlobDownload, BlobList,
    BlobUpload, Directory, Echo, Endpoint, EntraGroupMember, Exec, Host, KeyvaultAccessPolicy,
    KeyvaultCertificate, KeyvaultSecret, KeyvaultSecretDelete, KeyvaultSecretSet, KeyvaultSecrets, LocalFile,
    Metadata, PostgresQuery, ProviderRegistration, Random, ResourceGraph, ResourceGroup, ResourceTags,
    RoleAssignment, Template, Token, Wait, WebRequest,
};

/// Returns all step types, kinds of identities and places for records; they perform their actions through `azure`.
#[must_use]
pub fn registry(azure: &Arc<Azure>) -> Registry {
    let mut types = Types { registry: Registry::new(), azure };
    types.add::<ArcExtension>();
    types.add::<ArcMachine>();
    types.add::<ArcRunCommand>();
    types.add::<ArmAction>();
    types.add::<ArmDelete>();
    types.add::<ArmDeployment>();
    types.add::<ArcAgent>();
    types.add::<ArcConnect>();
    types.add::<ArcDisconnect>();
    types.add::<ArmGet>();
    types.add::<ArmList>();
    types.add::<ArmResource>();
    types.add::<Assert>();
    types.add::<BlobContainer>();
    types.add::<BlobDelete>();
    types.add::<BlobDownload>();
    types.add::<BlobList>();
    types.add::<BlobUpload>();
    types.add::<Directory>();
    types.add::<Echo>();
    types.add::<Endpoint>();
    types.add::<EntraGroupMember>();
    types.add::<Exec>();
    types.add::<Host>();
    types.add::<LocalFile>();
    types.add::<WebRequest>();
    types.add::<KeyvaultAccessPolicy>();
    types.add::<KeyvaultCertificate>();
    types.add::<KeyvaultSecret>();
    types.add::<KeyvaultSecretDelete>();
    types.add::<KeyvaultSecretSet>();
    types.add::<KeyvaultSecrets>();
    types.add::<Metadata>();
    types.add::<PostgresQuery>();
    types.add::<ProviderRegistration>();
    types.add::<ResourceGraph>();
    types.add::<ResourceGroup>();
    types.add::<ResourceTags>();
    types.add::<RoleAssignment>();
    types.add::<Random>();
    types.add::<Template>();
    types.add::<Token>();
    types.add::<Wait>();
    types.add_identity::<AccessToken>();
    types.add_identity::<AzureCli>();
    types.add_identity::<ClientCertificate>();
    types.add_identity::<ClientSecret>();
    types.add_identity::<Environment>();
    types.add_identity::<Managed>();
    types.add_identity::<Workload>();
    types.registry.set_record_stores(BlobRecordStores::new(Arc::clone(azure)));
    types.registry
}

struct Types<'a> {
    registry: Registry,
    azure: &'a Arc<Azure>,
}

impl Types<'_> {
    fn add<S: TypedStep>(&mut self) {
        self.registry.add(Adapter::<S>::new(Arc::clone(self.azure)));
    }

    fn add_identity<K: Kind>(&mut self) {
        self.registry.add_identity(KindAdapter::<K>::new(Arc::clone(self.azure.tools())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::AzureOptions;
    use crate::environment::Environment;

    #[test]
    fn outputs_are_made_from_arguments_that_there_are() {
        let azure = Arc::new(Azure::new(AzureOptions::new(Environment::default())));
        for step_type in registry(&azure).iter() {
            let schema = step_type.schema();
            for output in &schema.outputs {
                let stray = output.from.iter().find(|name| schema.argument(name).is_none());
                assert_eq!(stray, None, "{}.{}", schema.name, output.name);
            }
        }
    }
}
