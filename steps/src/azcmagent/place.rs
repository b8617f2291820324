//! The place of a machine in Azure.

use super::show::Shown;

/// The place of a machine in Azure, as far as it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MachinePlace {
    pub subscription_id: Option<String>,
    pub resource_group: Option<String>,
    /// The name of the resource; none for that of the machine.
    pub resource_name: Option<String>,
    pub tenant_id: Option<String>,
}

/// The result of a comparison with the state of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// The machine is at the place.
    Same,
    /// The machine is elsewhere: the names of the parts that differ.
    Other(Vec<&'static str>),
    /// The agent does not tell enough.
    Untold,
}

impl MachinePlace {
    /// Returns the place of the machine with this resource id.
    pub fn of_id(id: &str) -> Option<Self> {
        let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
        let [subscriptions, subscription, groups, group, providers, provider, machines, name] =
            segments.as_slice()
        else {
            return None;
        };
        let words = [
            (subscriptions, "subscriptions"),
            (groups, "resourceGroups"),
            (providers, "providers"),
            (provider, "Microsoft.HybridCompute"),
            (machines, "machines"),
        ];
        words.iter().all(|(word, expected)| word.eq_ignore_ascii_case(expected)).then(|| Self {
            subscription_id: Some((*subscription).to_owned()),
            resource_group: Some((*group).to_owned()),
            resource_name: Some((*name).to_owned()),
            tenant_id: None,
        })
    }

    /// Compares the place with that of the machine that the agent shows.
    pub fn compare(&self, shown: &Shown) -> Match {
        let is = shown.resource_id.as_deref().and_then(Self::of_id).unwrap_or_default();
        let parts = [
            (
                "subscription",
                &self.subscription_id,
                is.subscription_id.as_ref().or(shown.subscription_id.as_ref()),
            ),
            (
                "resource group",
                &self.resource_group,
                is.resource_group.as_ref().or(shown.resource_group.as_ref()),
            ),
            (
                "resource name",
                &self.resource_name,
                is.resource_name.as_ref().or(shown.resource_name.as_ref()),
            ),
            ("tenant", &self.tenant_id, shown.tenant_id.as_ref()),
        ];
        let wanted = parts.iter().filter_map(|(name, wanted, is)| Some((*name, wanted.as_ref()?, *is)));
        let differs =
            |wanted: &str, is: Option<&String>| is.is_some_and(|is| !is.eq_ignore_ascii_case(wanted));
        let others: Vec<_> =
            wanted.clone().filter(|(_, wanted, is)| differs(wanted, *is)).map(|(name, ..)| name).collect();
        // The tenant follows from the subscription.
        let is_told = wanted.filter(|(name, ..)| *name != "tenant").all(|(.., is)| is.is_some());
        match others.is_empty() {
            false => Match::Other(others),
            true if is_told => Match::Same,
            true => Match::Untold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_recognized_by_its_id_or_its_parts() {
        let id = "/subscriptions/S-1/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/web";
        let by_id = format!(r#"{{"resourceId":"{id}","tenantId":"t-1"}}"#);
        let by_parts = r#"{"subscriptionId":"s-1","resourceGroup":"RG","resourceName":"web"}"#;
        let place = |parts: [&str; 4]| {
            let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let [subscription_id, resource_group, resource_name, tenant_id] = parts.map(part);
            MachinePlace { subscription_id, resource_group, resource_name, tenant_id }
        };
        for (parts, answer, expected) in [
            (["s-1", "rg", "WEB", "T-1"], by_id.as_str(), Match::Same),
            (["s-1", "rg", "", ""], &by_id, Match::Same),
            (["s-1", "rg", "web", "t-1"], by_parts, Match::Same),
            (
                ["s-2", "other", "db", "t-2"],
                &by_id,
                Match::Other(vec!["subscription", "resource group", "resource name", "tenant"]),
            ),
            (["s-1", "rg", "db", ""], by_parts, Match::Other(vec!["resource name"])),
            (["s-1", "rg", "web", ""], r#"{"resourceGroup":"rg"}"#, Match::Untold),
            (["s-1", "rg", "web", ""], r#"{"resourceGroup":"x"}"#, Match::Other(vec!["resource group"])),
        ] {
            let shown = Shown::read(answer.as_bytes()).expect(answer);
            assert_eq!(place(parts).compare(&shown), expected, "{parts:?} {answer}");
        }
        assert_eq!(MachinePlace::of_id("/subscriptions/s/resourceGroups/g"), None);
    }
}
