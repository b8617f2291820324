//! The error codes of Microsoft Entra, with their remedies.
//!
//! Sources: `identity-platform/reference-error-codes.md` of the Entra documentation, and the troubleshooting guides of
//! workload identities.

/// The way in which a refused request goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would be refused again.
    Never,
    /// Entra is busy: it is sent again after a while.
    Later,
    /// It is sent again once, if the file with the federated token has another one by then.
    NewToken,
}

/// Error codes that mean the same.
pub(crate) struct Code {
    /// The numbers after `AADSTS`.
    pub numbers: &'static [u32],
    /// The way in which the refused request goes on.
    pub again: Again,
    /// The remedies.
    pub help: &'static [&'static str],
}

const CODES: &[Code] = &[
    Code {
        numbers: &[7_000_215],
        again: Again::Never,
        help: &[
            "pass the value of a client secret of the application, not its id, which the portal shows beside it",
            "az ad app credential reset --append --id CLIENT_ID makes a new one",
        ],
    },
    Code {
        numbers: &[7_000_222],
        again: Again::Never,
        help: &[
            "the client secret has expired: az ad app credential reset --append --id CLIENT_ID makes a new one",
        ],
    },
    Code {
        numbers: &[7_000_218],
        again: Again::Never,
        help: &["give the identity a client secret, a certificate or a federated token"],
    },
    Code {
        numbers: &[700_016, 7_000_229],
        again: Again::Never,
        help: &[
            "check `client_id` and `tenant`: the tenant has no application with this client id",
            "an application of another tenant needs a service principal in this one: az ad sp create --id CLIENT_ID",
        ],
    },
    Code {
        numbers: &[7_000_112],
        again: Again::Never,
        help: &["ask the administrator of the tenant to enable the application"],
    },
    Code {
        numbers: &[90_002, 90_019, 50_059, 900_023],
        again: Again::Never,
        help: &[
            "check `tenant`, and that the right cloud is selected: the tenants of each cloud are its own",
        ],
    },
    Code {
        numbers: &[700_027, 700_030, 50_012],
        again: Again::Never,
        help: &[
            "register the certificate with the application: az ad app credential reset --append --id CLIENT_ID --cert @FILE",
            "a certificate that has expired, or was replaced, is refused like an unknown one",
        ],
    },
    Code {
        numbers: &[700_024, 500_133],
        again: Again::NewToken,
        help: &[
            "set this machine's clock: what proves the application is valid for a few minutes",
            "a federated token that has expired must be replaced by the system that writes its file",
        ],
    },
    Code {
        numbers: &[70_021, 70_025, 700_211, 700_212, 700_213, 7_002_131],
        again: Again::Never,
        help: &[
            "compare issuer, subject and audience with the federated credentials of the application, character by character: az ad app federated-credential list --id CLIENT_ID",
            "the audience is usually `api://AzureADTokenExchange`; a new federated credential takes some minutes to take effect",
        ],
    },
    Code {
        numbers: &[500_011, 500_014, 50_001],
        again: Again::Never,
        help: &[
            "check the audience {audience}: Entra accepts exactly one spelling, and each cloud has its own",
            "if it is right, the tenant has no service principal for it, or a disabled one",
        ],
    },
    Code {
        numbers: &[70_011, 700_022, 1_002_012],
        again: Again::Never,
        help: &["check the audience {audience}: a token is for one service, named without `/.default`"],
    },
    Code {
        numbers: &[53_000, 53_001, 53_003, 530_032, 50_076, 50_079, 50_158],
        again: Again::Never,
        help: &[
            "a conditional access policy of the tenant blocks this sign-in: ask its administrator to allow it for this identity and network",
            "a person has to sign in with a second factor: use an application or a managed identity instead",
        ],
    },
    Code { numbers: &[50_173, 70_043, 700_082], again: Again::Never, help: &["sign in again: az login"] },
    Code {
        numbers: &[90_006, 90_012, 90_024, 90_033, 90_055, 90_090, 50_087],
        again: Again::Later,
        help: &["Entra is busy, or throttles the application: run again later"],
    },
];

/// Returns the code with this number, if it is known.
pub(crate) fn code(number: u32) -> Option<&'static Code> {
    CODES.iter().find(|code| code.numbers.contains(&number))
}

/// Returns the numbers of the `AADSTS…` codes in a text, in their order.
pub(crate) fn numbers(text: &str) -> impl Iterator<Item = u32> {
    text.match_indices("AADSTS").filter_map(move |(at, mark)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// Returns true if a code says that something is too early or too late.
pub(crate) fn is_about_time(number: u32) -> bool {
    code(number).is_some_and(|code| code.again == Again::NewToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_one_row_and_has_a_remedy() {
        let mut seen = std::collections::BTreeSet::new();
        for code in CODES {
            assert!(!code.help.is_empty(), "{:?}", code.numbers);
            for number in code.numbers {
                assert!(seen.insert(number), "{number} is listed twice");
            }
        }
    }

    #[test]
    fn what_is_sent_again_is_a_table() {
        for (number, again) in [
            (7_000_215, Some(Again::Never)),
            (7_000_222, Some(Again::Never)),
            (700_016, Some(Again::Never)),
            (700_213, Some(Again::Never)),
            (500_011, Some(Again::Never)),
            (53_003, Some(Again::Never)),
            (700_024, Some(Again::NewToken)),
            (90_055, Some(Again::Later)),
            (90_033, Some(Again::Later)),
            (1, None),
        ] {
            assert_eq!(code(number).map(|code| code.again), again, "{number}");
        }
    }

    #[test]
    fn numbers_are_read_from_the_words_of_entra() {
        let text = "AADSTS7000215: Invalid client secret. See AADSTS50001, AADSTS and AADSTSx.";
        assert_eq!(numbers(text).collect::<Vec<_>>(), [7_000_215, 50_001]);
        assert_eq!(numbers("AADSTS99999999999999999999").count(), 0);
    }
}
