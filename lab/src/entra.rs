//! The errors of Entra's token endpoint, by number.

/// An error of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    /// The number in `AADSTS7000215`.
    pub number: u32,
    /// Status of the response.
    pub status: u16,
    /// The member `error`, a word of OAuth 2.0.
    pub word: &'static str,
}

const fn error(number: u32, status: u16, word: &'static str) -> EntraError {
    EntraError { number, status, word }
}

/// Every error that the lab knows: those that a request can deserve, and those that only a fault brings.
const ERRORS: &[EntraError] = &[
    error(50_013, 401, "invalid_client"),
    error(50_027, 400, "invalid_request"),
    error(50_059, 400, "invalid_request"),
    error(50_076, 400, "interaction_required"),
    error(50_079, 400, "interaction_required"),
    error(50_087, 503, "temporarily_unavailable"),
    error(50_158, 400, "interaction_required"),
    error(53_003, 400, "access_denied"),
    error(70_003, 400, "unsupported_grant_type"),
    error(70_011, 400, "invalid_scope"),
    error(70_021, 400, "invalid_request"),
    error(90_002, 400, "invalid_request"),
    error(90_006, 503, "temporarily_unavailable"),
    error(90_012, 503, "temporarily_unavailable"),
    error(90_019, 400, "invalid_request"),
    error(90_024, 503, "temporarily_unavailable"),
    error(90_033, 503, "temporarily_unavailable"),
    error(90_055, 429, "temporarily_unavailable"),
    error(90_090, 503, "temporarily_unavailable"),
    error(500_011, 400, "invalid_resource"),
    error(530_032, 400, "access_denied"),
    error(700_016, 400, "unauthorized_client"),
    error(700_021, 401, "invalid_client"),
    error(700_022, 400, "invalid_scope"),
    error(700_023, 401, "invalid_client"),
    error(700_024, 401, "invalid_client"),
    error(700_027, 401, "invalid_client"),
    error(700_211, 401, "invalid_client"),
    error(700_212, 401, "invalid_client"),
    error(700_213, 401, "invalid_client"),
    error(900_144, 400, "invalid_request"),
    error(7_000_112, 400, "unauthorized_client"),
    error(7_000_215, 401, "invalid_client"),
    error(7_000_218, 401, "invalid_client"),
    error(7_000_222, 401, "invalid_client"),
    error(9_000_411, 400, "invalid_request"),
];

/// Returns the error with this number.
pub(crate) fn numbered(number: u32) -> Option<EntraError> {
    ERRORS.iter().find(|known| known.number == number).copied()
}
