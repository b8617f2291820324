//! The request that shows whether a role has taken effect.

use arcbook_engine::step::{Action, Arg, ArgumentError, HttpRequest, Method, Text};
use url::Url;

use crate::azure::Azure;
use crate::permission;

const ARGUMENT: &str = "wait_until_effective";

/// A read that is refused until a role has taken effect.
pub(super) struct Probe {
    action: Action,
}

impl Probe {
    /// Returns the probe of this URL, whose host must be known and belong to a service of the cloud.
    pub fn of(azure: &Azure, url: &Arg<String>) -> Result<Self, ArgumentError> {
        let text = Text::new().then_parts(url, Clone::clone);
        let shown = text.to_string();
        let known = shown.split('(').next().unwrap_or_default();
        let parsed = Url::parse(known).ok().filter(|url| url.has_host() && url.path().len() > 1);
        let service = parsed.as_ref().and_then(|url| azure.cloud().service(url));
        let Some(endpoint) = service.and_then(|service| azure.cloud().endpoint(service)) else {
            let message =
                "must be a URL whose host is known before the run and belongs to a service of the cloud";
            return Err(ArgumentError::new(ARGUMENT, message)
                .help("give a URL like https://NAME.vault.azure.net/secrets/NAME?api-version=7.4"));
        };
        let needs = permission::of_url(azure.cloud(), Method::Get, &text);
        let action = HttpRequest::new(Method::Get, text).audience(endpoint.audience.clone()).action();
        // The right to read another service's object is the one that the run assigns.
        Ok(Self { action: needs.into_iter().fold(action, Action::needs) })
    }

    pub fn action(self) -> Action {
        self.action
    }
}
