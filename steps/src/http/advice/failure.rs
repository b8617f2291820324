//! Remedies for requests without a response.

use super::super::{Asked, Failure, Peer};
use crate::cloud::Service;

/// Returns the remedies for a request without a response.
pub(in crate::http) fn of_failure(asked: &Asked, failure: &Failure) -> Vec<String> {
    if let (Some(proxy), Failure::UnknownHost { .. } | Failure::Unreachable { .. }) = (&asked.proxy, failure)
    {
        return vec![format!(
            "check that the proxy {proxy} is correct, is running and allows {}; NO_PROXY lists the hosts that bypass it",
            asked.host
        )];
    }
    let help = match (failure, asked.peer) {
        (Failure::UnknownHost { temporary: false, .. }, Peer::Azure(Service::KeyVault)) => {
            "the vault does not exist, or its name is wrong: each vault has its own host"
        }
        (Failure::UnknownHost { temporary: false, .. }, Peer::Azure(Service::Blob)) => {
            "the storage account does not exist, or its name is wrong: each account has its own host"
        }
        (Failure::UnknownHost { .. }, _) => "check this machine's name resolution",
        (Failure::Certificate { .. }, _) => {
            "if a proxy or a lab is in between, set SSL_CERT_FILE to the file with its certificate authority; \
             check this machine's clock too"
        }
        (Failure::Unreachable { .. }, Peer::Agent) => {
            return vec![
                asked.os.agent_help().start.to_owned(),
                "or let arcbook wait until it has started: -wait-for-agent 2m".to_owned(),
            ];
        }
        (Failure::Unreachable { .. } | Failure::Slow { .. }, Peer::Vm) => {
            "check that this machine is an Azure virtual machine, and that no rule of its firewall blocks 169.254.169.254"
        }
        (Failure::Unreachable { .. } | Failure::Broken { .. } | Failure::Slow { .. }, _) => {
            "check the network, firewalls in between, and HTTPS_PROXY if this machine needs a proxy"
        }
        (Failure::TooLong { .. }, _) => "request less, for example with a filter",
        (Failure::Foreign { .. }, _) => {
            "check the proxy of this machine, and whether its network asks for a sign-in; NO_PROXY lists the hosts that \
             bypass a proxy"
        }
        (Failure::Status(_), _) => return Vec::new(),
    };
    vec![help.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::super::refusal::tests::asked;
    use super::*;
    use crate::os::Os;

    #[test]
    fn a_proxy_that_fails_is_not_the_service_that_fails() {
        let proxy = Some("http://proxy.example:3128 of HTTPS_PROXY".to_owned());
        let asked = Asked { proxy, ..asked(Peer::Azure(Service::KeyVault)) };
        for failure in [
            Failure::UnknownHost { host: String::new(), temporary: false },
            Failure::Unreachable { reason: String::new(), refused: true },
        ] {
            let help = of_failure(&asked, &failure);
            assert!(help[0].contains("http://proxy.example:3128"), "{failure}: {help:?}");
        }
    }

    #[test]
    fn an_agent_is_started_as_its_system_starts_services() {
        for (os, expected) in
            [(Os::Linux, "sudo systemctl start himdsd"), (Os::Windows, "Start-Service himds")]
        {
            let asked = Asked { os, ..asked(Peer::Agent) };
            let help = of_failure(&asked, &Failure::Unreachable { reason: String::new(), refused: true });
            assert!(help[0].contains(expected) && help[1].contains("-wait-for-agent"), "{help:?}");
        }
    }

    #[test]
    fn each_failure_has_its_remedy() {
        let unknown = |temporary| Failure::UnknownHost { host: String::new(), temporary };
        let (vault, blob) = (Peer::Azure(Service::KeyVault), Peer::Azure(Service::Blob));
        for (peer, failure, expected) in [
            (vault, unknown(false), "the vault does not exist"),
            (blob, unknown(false), "the storage account does not exist"),
            (vault, unknown(true), "name resolution"),
            (Peer::Other, Failure::Certificate { reason: String::new() }, "SSL_CERT_FILE"),
            (Peer::Agent, Failure::Unreachable { reason: String::new(), refused: true }, "start the agent"),
            (vault, Failure::Unreachable { reason: String::new(), refused: true }, "HTTPS_PROXY"),
            (Peer::Vm, Failure::Unreachable { reason: String::new(), refused: false }, "169.254.169.254"),
            (vault, Failure::TooLong { limit: 1 }, "request less"),
            (vault, Failure::Foreign { status: 200, is_page: true }, "asks for a sign-in"),
        ] {
            let help = of_failure(&asked(peer), &failure);
            assert!(help[0].contains(expected), "{failure}: {help:?}");
        }
    }
}
